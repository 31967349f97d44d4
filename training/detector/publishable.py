"""The head of a model card by which Hugging Face's hub lists a model, from the artefact's facts."""

from core.extras import require_extra
from models.artefact.manifest import DetectorManifest

SHOWN = {
    "auroc": "AUROC",
    "tpr_at_1_percent_fpr": "AI pictures caught at 1 % of human works accused",
    "humans_called_ai": "human works called ai",
    "ai_called_ai": "AI pictures called ai",
}
"""Figures of the manifest that the head carries, with their names for people."""


def publishable(card: str, manifest: DetectorManifest) -> str:
    """A card with a head by the hub's schema, in place of one that it has.

    Args:
        card: Markdown.
        manifest: Of the detector.

    Raises:
        MissingExtra: huggingface_hub is not installed.
    """
    require_extra("train", "a card for publishing", "huggingface_hub")
    from huggingface_hub import EvalResult, ModelCard, ModelCardData  # only here: an extra

    data = ModelCardData(
        model_name=manifest.name,
        license=manifest.licence.lower(),
        library_name="rakkan",
        pipeline_tag="image-classification",
        tags=["ai-generated-image-detection", "art"],
        eval_results=[
            EvalResult(
                task_type="image-classification",
                dataset_type="held-out",
                dataset_name="images of groups that the scoring head had not seen",
                metric_type=name,
                metric_name=told,
                metric_value=manifest.metrics[name],
            )
            for name, told in SHOWN.items()
            if name in manifest.metrics
        ],
    )
    body = ModelCard(card, ignore_metadata_errors=True).text.lstrip()
    return f"---\n{data.to_yaml()}\n---\n\n{body}"
