"""From settings to what judges, searches or enrols, with the encoder that suits this CPU."""

import logging
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from detector import Detector
from detector.readers.contract import Reader
from detector.rules import reader_ids
from detector.statements.gather import default_readers
from evidence import ArtefactId, Provenance
from imaging import Limits
from models import (
    ON_GPU,
    DetectorArtefact,
    Encoder,
    Kind,
    Precision,
    Registry,
    load_encoder,
    measured_choice,
)
from models.encoder.devices import CPU
from models.errors import ArtefactNotFound, EncoderDiffers, ModelsError
from serving.enrol import Enroller
from serving.errors import SettingsError
from serving.figures import ModelDescription
from serving.judge import Judge
from serving.reencode import Reencoder
from serving.search import Searcher
from serving.settings import Settings
from similarity.errors import IndexDiffers

if TYPE_CHECKING:
    from similarity.artefact import SimilarityArtefact
    from similarity.search import Similarity

Made = TypeVar("Made")

_LOG = logging.getLogger("rakkan.serving")

UNFIT = (ArtefactNotFound, EncoderDiffers, IndexDiffers)
"""What says that something is made for another encoder."""


def open_judge(
    settings: Settings | None = None,
    *,
    model: str | None = None,
    index: str | None = None,
    create: bool = False,
    trust_anchors: Path | None = None,
    limits: Limits | None = None,
    decode_again: bool = True,
    threads: int | None = None,
    device: str | None = None,
    beside: Judge | None = None,
) -> Judge:
    """Open what judges images: a model, and the encoder in the fastest precision it is made for.

    Args:
        settings: Where everything lies; None for what the environment says.
        model: Name of the model; None for the one in use.
        index: Place of an index to be searched with the same features; None for no search.
        create: Whether to open the index for changes, and make one if there is none.
        trust_anchors: A file of certificates to trust instead of that of the settings.
        limits: Bounds on what is decoded.
        decode_again: Whether a JPEG is decoded once more for its watermark; for scans where time
            matters, it need not be.
        threads: CPU threads of the encoder; None for all.
        device: Where the encoder computes, instead of where the settings say.
        beside: A judge whose encoder is taken where it would be loaded once more.

    Returns:
        The judge, to be closed when done: it is a context manager.

    Raises:
        SettingsError: The certificates cannot be read.
        ModelsError: The encoder is not fetched, or there is no such model for it.
        SimilarityError: There is no such index for it.
        OSError: The file of certificates cannot be read.
    """
    settings = settings or Settings.of()
    if device is not None:
        settings = settings.model_copy(update={"device": device})
    limits = limits or Limits()
    readers = open_readers(settings, trust_anchors, limits=limits, decode_again=decode_again)
    registry = Registry(settings.models)
    named = None if model is None else DetectorArtefact.load(registry.find(model))

    def fit(encoder: str) -> "tuple[DetectorArtefact, tuple[ArtefactId, Similarity] | None]":
        artefact = named or DetectorArtefact.load(registry.in_use(Kind.DETECTOR, encoder))
        artefact.require(encoder)
        if index is None:
            return artefact, None
        return artefact, open_similarity(settings, index, encoder, create=create)

    encoder, precision, (artefact, found) = fitting_encoder(
        settings, fit, threads=threads, beside=beside
    )
    return Judge(
        encoder=encoder,
        detector=Detector.of(artefact),
        readers=readers,
        model=ModelDescription.of(artefact, precision),
        made_by=Provenance(
            version=version("rakkan"),
            encoder=encoder.id,
            precision=precision,
            detector=artefact.id,
            readers=reader_ids(readers),
            similarity=None if found is None else found[0],
        ),
        limits=limits,
        similarity=None if found is None else found[1],
    )


def open_shadow(settings: Settings, encoder: str) -> Detector | None:
    """The detector that answers beside the one in use; None for none, or for one that is broken.

    Args:
        settings: Where the user's own models lie.
        encoder: Id of the encoder.
    """
    try:
        folder = Registry(settings.models).shadow(Kind.DETECTOR, encoder)
        return None if folder is None else Detector.of(DetectorArtefact.load(folder))
    except ModelsError as error:  # What decides nothing shall keep nothing from being decided.
        _LOG.warning("there is no shadow: %s", error)
        return None


def open_searcher(settings: Settings, index: str) -> Searcher:
    """Open what searches an index.

    Args:
        settings: Where everything lies.
        index: Place of the index.

    Raises:
        SettingsError: The certificates cannot be read.
        ModelsError: The encoder is not fetched, or there is no model for it.
        SimilarityError: There is no such index for it.
    """
    judge = open_judge(settings, index=index)
    return Searcher(judge, cast("Similarity", judge.similarity))


def open_enroller(settings: Settings, index: str) -> Enroller:
    """Open an index for changes; made if there is none.

    Args:
        settings: Where the encoder lies.
        index: Place of the index.

    Raises:
        ModelsError: The encoder is not fetched.
        SimilarityError: It was made for another encoder, or cannot be made.
    """
    encoder, _, (_, similarity) = fitting_encoder(
        settings, lambda encoder: open_similarity(settings, index, encoder, create=True)
    )
    return Enroller(encoder, similarity)


def open_reencoder(settings: Settings, index: str, model: str | None = None) -> Reencoder:
    """Open what describes the works of an index anew, by another model.

    Args:
        settings: Where the encoder and the user's own models lie.
        index: The folder of the index.
        model: Name of the model; None for the one in use.

    Raises:
        ModelsError: The encoder is not fetched, or there is no such model.
        SimilarityError: There is no such index.
    """
    # Only here: what searches takes long to load.
    from similarity.artefact import SimilarityArtefact
    from similarity.gallery.open import open_records, require_folder
    from similarity.gallery.reencoding import open_draft
    from similarity.search import Similarity

    registry = Registry(settings.models)
    named = None if model is None else SimilarityArtefact.load(registry.find(model))

    def fit(encoder: str) -> SimilarityArtefact:
        artefact = named or SimilarityArtefact.load(registry.in_use(Kind.SIMILARITY, encoder))
        artefact.require(encoder)
        return artefact

    folder = require_folder(index)
    encoder, _, artefact = fitting_encoder(settings, fit)
    records = open_records(index, read_only=True)
    draft = open_draft(folder, artefact.identity, artefact.measure)
    return Reencoder(folder, artefact, records, Enroller(encoder, Similarity.of(artefact, draft)))


def open_readers(
    settings: Settings,
    trust_anchors: Path | None = None,
    *,
    limits: Limits | None = None,
    decode_again: bool = True,
) -> tuple[Reader, ...]:
    """All readers of what files say.

    Args:
        settings: Which certificates are trusted.
        trust_anchors: A file of certificates to trust instead.
        limits: See `default_readers`.
        decode_again: See `default_readers`.

    Raises:
        SettingsError: The file holds no certificates in PEM.
        OSError: It cannot be read.
    """
    place = trust_anchors or settings.trust_anchors
    try:
        anchors = place.read_bytes().decode("ascii") if place else None
        return default_readers(trust_anchors=anchors, limits=limits, decode_again=decode_again)
    except ValueError:  # a UnicodeDecodeError is one, too
        raise SettingsError(f"{place} holds no certificates in PEM") from None


def fitting_encoder(
    settings: Settings,
    fit: Callable[[str], Made],
    *,
    threads: int | None = None,
    beside: Judge | None = None,
) -> tuple[Encoder, Precision, Made]:
    """Load the encoder in the fastest precision for which there is something made.

    Args:
        settings: Where the encoder lies.
        fit: Gives what is made for an encoder's id.
        threads: CPU threads of the encoder; None for all.
        beside: A judge whose encoder is taken where it would be loaded once more.

    Raises:
        ModelsError: The encoder is not fetched, or nothing is made for it: what `fit` raised first.
    """
    unfit: dict[bool, Exception] = {}
    for precision in _precisions(settings):
        if precision.integer in unfit:  # It has the same encoder id.
            continue
        if beside is not None and beside.made_by.precision == precision:
            encoder = beside.encoder
        else:
            encoder = load_encoder(
                settings.encoder_cache,
                precision=precision,
                threads=threads,
                device=settings.device,
            )
        try:
            return encoder, precision, fit(encoder.id)
        except UNFIT as error:
            unfit[precision.integer] = error
    raise next(iter(unfit.values()))


def _precisions(settings: Settings) -> tuple[Precision, ...]:
    """The precision that was asked for, or else all that are right there, the fastest first."""
    if settings.precision is not None:
        return (settings.precision,)
    if settings.device != CPU:
        return ON_GPU
    right = [c for c in measured_choice(settings.encoder_cache).candidates if c.right]
    fastest = sorted(right, key=lambda candidate: -candidate.images_per_second)
    return tuple(candidate.precision for candidate in fastest)


def open_similarity(
    settings: Settings, place: str, encoder: str, *, create: bool = False
) -> "tuple[ArtefactId, Similarity]":
    """Open an index for an encoder.

    Args:
        settings: Where the user's own models lie.
        place: Where it lies.
        encoder: Id of the encoder.
        create: Whether to open it for changes, and make one if there is none.

    Returns:
        The artefact that searches, and the search.

    Raises:
        SimilarityError: There is none, or it was made with another encoder or other heads.
    """
    # Only here: what searches takes long to load, and most commands search nothing.
    from similarity.artefact import SimilarityArtefact
    from similarity.gallery.open import open_gallery
    from similarity.search import Similarity

    registry = Registry(settings.models)
    artefact = SimilarityArtefact.load(registry.in_use(Kind.SIMILARITY, encoder))
    gallery = open_gallery(
        place, artefact.identity, artefact.measure, create=create, read_only=not create
    )
    return artefact.id, Similarity.of(artefact, gallery)


@contextmanager
def beside(
    search: "Similarity", artefact: "SimilarityArtefact", place: str
) -> "Iterator[Similarity]":
    """The search of the same index by another model.

    Args:
        search: By the model in use.
        artefact: The other one.
        place: Where the index lies.

    Raises:
        IndexDiffers: Its heads are others, and the works are not described by them.
    """
    from similarity.gallery.open import open_generation
    from similarity.search import Similarity

    if artefact.identity == search.describer.identity:
        yield Similarity.of(artefact, search.gallery)
        return
    opened = open_generation(place, artefact.identity, artefact.measure)
    with closing(opened) as gallery:
        yield Similarity.of(artefact, gallery)
