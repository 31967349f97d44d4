"""Opening what judges: the encoder that suits this CPU, and a model made for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from cli.index import open_similarity
from detector import Detector
from models import Encoder, Precision, Registry, load_encoder, measured_choice
from models.artefact.artefact import Artefact
from models.errors import ArtefactNotFound, EncoderDiffers
from scan import ModelFacts
from serving.figures import figures
from serving.settings import Settings
from similarity.errors import IndexDiffers

if TYPE_CHECKING:
    from similarity.search import Similarity

Made = TypeVar("Made")

UNFIT = (ArtefactNotFound, EncoderDiffers, IndexDiffers)
"""What says that something is made for another encoder."""


@dataclass(frozen=True)
class Opened:
    """An encoder, and what reads its features.

    Attributes:
        encoder: The encoder.
        detector: Judges whether an AI made it.
        facts: What a report says about the detector.
        similarity: Searches the index, where one is given.
    """

    encoder: Encoder
    detector: Detector
    facts: ModelFacts
    similarity: "Similarity | None" = None


def open_model(
    settings: Settings,
    name: str | None = None,
    *,
    index: str | None = None,
    threads: int | None = None,
) -> Opened:
    """Load a model, and the encoder in the fastest precision that it is made for.

    Args:
        settings: Where they lie.
        name: Of the model; None for the one in use.
        index: Place of an index to be searched with the same features; None for no search.
        threads: CPU threads of the encoder; None for all.

    Raises:
        ModelsError: The encoder is not fetched, or there is no such model for it.
        SimilarityError: There is no such index for it.
    """
    registry = Registry(settings.models)
    named = registry.load(name) if name is not None else None

    def fit(encoder: str) -> "tuple[Artefact, Similarity | None]":
        artefact = named or registry.default(encoder)
        artefact.require(encoder)
        return artefact, None if index is None else open_similarity(settings, index, encoder)

    encoder, precision, (artefact, similarity) = fitting_encoder(settings, fit, threads=threads)
    manifest = artefact.manifest
    facts = ModelFacts(manifest.name, encoder.id, precision, figures(manifest))
    return Opened(encoder, Detector.of(artefact), facts, similarity)


def open_search(
    settings: Settings, index: str, *, create: bool = False
) -> "tuple[Encoder, Similarity]":
    """Load an index, and the encoder in the fastest precision that it is made for.

    Args:
        settings: Where the encoder lies.
        index: Place of the index.
        create: Whether to make one if there is none.

    Raises:
        ModelsError: The encoder is not fetched.
        SimilarityError: There is no such index for it.
    """
    encoder, _, similarity = fitting_encoder(
        settings, lambda encoder: open_similarity(settings, index, encoder, create=create)
    )
    return encoder, similarity


def fitting_encoder(
    settings: Settings, fit: Callable[[str], Made], *, threads: int | None = None
) -> tuple[Encoder, Precision, Made]:
    """Load the encoder in the fastest precision for which there is something made.

    Args:
        settings: Where the encoder lies.
        fit: Gives what is made for an encoder's id.
        threads: CPU threads of the encoder; None for all.

    Raises:
        ModelsError: The encoder is not fetched, or nothing is made for it: what `fit` raised first.
    """
    unfit: dict[bool, Exception] = {}
    for precision in _precisions(settings):
        if precision.integer in unfit:  # It has the same encoder id.
            continue
        encoder = load_encoder(settings.encoder_cache, precision=precision, threads=threads)
        try:
            return encoder, precision, fit(encoder.id)
        except UNFIT as error:
            unfit[precision.integer] = error
    raise next(iter(unfit.values()))


def _precisions(settings: Settings) -> tuple[Precision, ...]:
    """The precision that was asked for, or else all that are right on this CPU, fastest first."""
    if settings.precision is not None:
        return (settings.precision,)
    right = [c for c in measured_choice(settings.encoder_cache).candidates if c.right]
    fastest = sorted(right, key=lambda candidate: -candidate.images_per_second)
    return tuple(candidate.precision for candidate in fastest)
