"""Opening what judges: the encoder that suits this CPU, and a model made for it."""

from dataclasses import dataclass

from cli.figures import figures
from cli.settings import Settings
from detector import Detector
from models import Encoder, Precision, Registry, load_encoder, measured_choice
from models.errors import ArtefactError, ArtefactNotFound, EncoderDiffers
from scan import ModelFacts


@dataclass(frozen=True)
class Opened:
    """An encoder, and the detector that reads its features."""

    encoder: Encoder
    detector: Detector
    facts: ModelFacts


def open_model(
    settings: Settings, name: str | None = None, *, threads: int | None = None
) -> Opened:
    """Load a model, and the encoder in the fastest precision that it is made for.

    Args:
        settings: Where they lie.
        name: Of the model; None for the one in use.
        threads: CPU threads of the encoder; None for all.

    Raises:
        ModelsError: The encoder is not fetched, or there is no such model for it.
    """
    registry = Registry(settings.models)
    named = registry.load(name) if name is not None else None
    unfit: dict[bool, ArtefactError] = {}
    for precision in _precisions(settings):
        if precision.integer in unfit:  # It has the same encoder id.
            continue
        encoder = load_encoder(settings.encoder_cache, precision=precision, threads=threads)
        try:
            artefact = named or registry.default(encoder.id)
            artefact.require(encoder.id)
        except (ArtefactNotFound, EncoderDiffers) as error:
            unfit[precision.integer] = error
            continue
        manifest = artefact.manifest
        facts = ModelFacts(manifest.name, encoder.id, precision, figures(manifest))
        return Opened(encoder, Detector.of(artefact), facts)
    raise next(iter(unfit.values()))


def _precisions(settings: Settings) -> tuple[Precision, ...]:
    """The precision that was asked for, or else all that are right on this CPU, fastest first."""
    if settings.precision is not None:
        return (settings.precision,)
    right = [c for c in measured_choice(settings.encoder_cache).candidates if c.right]
    fastest = sorted(right, key=lambda candidate: -candidate.images_per_second)
    return tuple(candidate.precision for candidate in fastest)
