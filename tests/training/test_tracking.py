from pathlib import Path

import pytest

from serving.settings import keep_libraries_in
from tests.artefacts import write_artefact
from training.detector.recipe import Recipe
from training.tracking import EXPERIMENT, track


@pytest.mark.filterwarnings("default")  # of MLflow and what it brings
def test_a_run_holds_the_figures_the_recipe_and_the_card(tmp_path: Path) -> None:
    keep_libraries_in(tmp_path)
    artefact = write_artefact(tmp_path / "mine")
    place = tmp_path / "runs"
    run = track(artefact, Recipe(networks=2), str(place))
    again = track(artefact, Recipe(networks=2), place.as_uri())
    from mlflow import MlflowClient

    client = MlflowClient(place.as_uri())
    experiment = client.get_experiment_by_name(EXPERIMENT)
    assert experiment is not None
    found = {one.info.run_id: one for one in client.search_runs([experiment.experiment_id])}
    assert set(found) == {run, again}
    one = found[run]
    assert one.info.run_name == "mine"
    assert one.info.status == "FINISHED"
    assert one.data.params["networks"] == "2"
    assert one.data.tags["sha256"] == artefact.sha256
    assert one.data.metrics == artefact.manifest.metrics
    assert [file.path for file in client.list_artifacts(run)] == ["README.md"]
