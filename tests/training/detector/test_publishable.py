from pathlib import Path

from huggingface_hub import ModelCard

from tests.artefacts import write_artefact
from training.detector.publishable import publishable


def test_the_hub_reads_the_facts_and_people_the_card(tmp_path: Path) -> None:
    manifest = write_artefact(tmp_path / "mine").manifest
    manifest = manifest.model_copy(update={"metrics": {"auroc": 0.96, "auroc_low": 0.9}})
    text = publishable("# mine\n\nSays --- things.\n", manifest)
    card = ModelCard(text)
    assert (card.data.license, card.data.library_name) == ("mit", "rakkan")
    assert card.data.pipeline_tag == "image-classification"
    (result,) = card.data.eval_results or []
    assert (result.metric_type, result.metric_value) == ("auroc", 0.96)
    assert card.text.strip() == "# mine\n\nSays --- things."
    assert publishable(text, manifest) == text, "a head takes the place of the one before"
