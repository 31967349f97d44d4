"""What was trained, told to MLflow; the artefact's own files stay the truth."""

from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlsplit

from core.extras import require_extra
from models import DetectorArtefact
from models.artefact.artefact import CARD
from training.detector.recipe import Recipe

EXPERIMENT = "rakkan"


def track(artefact: DetectorArtefact, recipe: Recipe, place: str) -> str:
    """Record a detector that was made as a run, with its figures, its recipe and its card.

    `serving.settings.keep_libraries_in` is to be called before, so that MLflow reports its use to
    nobody, and takes a folder.

    Args:
        artefact: The detector.
        recipe: How it was made.
        place: A folder, made if need be, or the address of an MLflow server.

    Returns:
        Id of the run.

    Raises:
        MissingExtra: MLflow is not installed.
    """
    require_extra("tracking", "the tracking of experiments", "mlflow")
    from mlflow import MlflowClient  # only here: an extra, which takes long to load

    address = place if urlsplit(place).scheme else Path(place).absolute().as_uri()
    client = MlflowClient(address)
    known = client.get_experiment_by_name(EXPERIMENT)
    experiment = known.experiment_id if known else client.create_experiment(EXPERIMENT)
    manifest = artefact.manifest
    tags = {
        "sha256": artefact.sha256,
        "data_sha256": manifest.data.sha256,
        "encoder": manifest.encoder,
        "made_by": manifest.made_by,
    }
    run = client.create_run(experiment, run_name=artefact.name, tags=tags).info.run_id
    for name, value in asdict(recipe).items():
        client.log_param(run, name, value)
    for name, figure in manifest.metrics.items():
        client.log_metric(run, name, figure)
    client.log_text(run, artefact.path(CARD).read_text("utf-8"), CARD)
    client.set_terminated(run)
    return str(run)
