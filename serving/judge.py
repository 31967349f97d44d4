"""The one way from the bytes of an image to what is said of it.

    bytes -> decoded image -> signals, measures, first view -> features (the one encoder pass)
          -> in doubt: the other views, encoded too, and a second opinion on the first
          -> pixel evidence -> weighed with the signals
          -> of the same features, the search, which tells more of what an AI made
          -> Judgement

`Judge.one` takes these steps one after the other, and so defines what is right. `serving.stream`
takes the same for many images in batches.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from detector import Detector, Measures, decide, measure
from detector.pixels.information import too_plain_for_style
from detector.pixels.views import first_view, other_views
from detector.readers.contract import Reader
from detector.statements.gather import read_statements
from evidence import ImageFacts, Judgement, Provenance, Signal, SimilarityEvidence, Verdict
from imaging import DecodedImage, Limits, decode_for_view, sketch
from models import Encoder, Features
from models.encoder.features import join
from serving.closing import Closing
from serving.figures import ModelDescription
from similarity.upload import Upload

if TYPE_CHECKING:
    from similarity.search import Similarity, StateSearch

BATCH = 16
"""Images that are encoded at once, by whoever has many."""

NEAREST = 5
"""Copies and creators that a judgement names at most."""


@dataclass(frozen=True)
class Examined:
    """A judgement, with what it was made of.

    Attributes:
        judgement: What is said.
        image: The decoded image.
        features: Of its first view, or of all views where that left doubt.
    """

    judgement: Judgement
    image: DecodedImage = field(repr=False)
    features: Features = field(repr=False)


@dataclass(frozen=True)
class Prepared:
    """An image before the encoder.

    Attributes:
        facts: What it is.
        signals: What its file and its uploader say.
        measures: Without which nothing is published from its pixels.
        sketch: uint8 [H, W], its luminance; None where no index is searched.
        styleless: There is too little to see to tell a style by, for the search of an index.
    """

    facts: ImageFacts
    signals: tuple[Signal, ...]
    measures: Measures
    sketch: NDArray[np.uint8] | None = field(repr=False)
    styleless: bool


@dataclass(frozen=True)
class Judge(Closing):
    """Judges images; may be used by many threads. Open one by `serving.open_judge`.

    Attributes:
        encoder: Encodes their views.
        detector: Judges their features.
        readers: Read what their files say.
        model: What a report says about the model.
        made_by: What judgements are made by; the state of the index is added to each.
        limits: Bounds on what is decoded.
        similarity: The index in which every image is searched; None for no search.
        state: The one state of the index that is searched; None for the newest at each answer.
        held: Bytes of an image's pixels up to which a stream holds them until its first view is
            encoded. Of a larger one the other views are made at once, needed or not: a hundred
            images are on their way.
        shadow: A detector of the same encoder that answers beside, to live uploads, and decides
            nothing; None for none. See `serving.shadow`.
    """

    encoder: Encoder
    detector: Detector
    readers: Sequence[Reader]
    model: ModelDescription
    made_by: Provenance
    limits: Limits = field(default_factory=Limits)
    similarity: "Similarity | None" = None
    state: "StateSearch | None" = None
    held: int = 2 << 20
    shadow: Detector | None = None

    def one(
        self,
        data: bytes,
        *,
        declared_ai: bool | None = None,
        expects_metadata: bool = False,
        account: str | None = None,
        top: int = NEAREST,
    ) -> Judgement:
        """Judge one image.

        Args:
            data: The whole file.
            declared_ai: Whether the uploader declares that an AI made it; None where nothing is
                declared.
            expects_metadata: Files come on a way that keeps metadata: one without any is told.
            account: Whose upload it is; works of its own creator do not count.
            top: Copies and creators that are named at most.

        Raises:
            ImagingError: It is no image, or is refused.
        """
        return self.examine(
            data,
            declared_ai=declared_ai,
            expects_metadata=expects_metadata,
            account=account,
            top=top,
        ).judgement

    def examine(
        self,
        data: bytes,
        *,
        declared_ai: bool | None = None,
        expects_metadata: bool = False,
        account: str | None = None,
        top: int = NEAREST,
    ) -> Examined:
        """Judge one image as `one` does, and keep what the judgement was made of.

        Raises:
            ImagingError: It is no image, or is refused.
        """
        size = self.encoder.size
        image = decode_for_view(data, size, limits=self.limits)
        prepared = self.prepare(data, image, declared_ai, expects_metadata)
        features = self.encoder.encode(first_view(image, size))
        if self.detector.in_doubt(features):
            features = join(features, self.encoder.encode(other_views(image, size)))
        return Examined(self.conclude(prepared, features, account, top), image, features)

    @property
    def index(self) -> str | None:
        """Names the state of the index that is searched now; None for no search."""
        searched = self.state or self.similarity
        return None if searched is None else searched.name

    def at_one_state(self) -> "Judge":
        """The same judge, whose answers are all of the state that the index is in now.

        Where works are taken out of the index later, its searches raise `StateEnded`.
        """
        if self.similarity is None or self.state is not None:
            return self
        now = self.similarity.gallery.state(newest=True)
        return replace(self, state=self.similarity.at(now))

    def close(self) -> None:
        """Let go of the index; nothing is judged any more."""
        if self.similarity is not None:
            self.similarity.gallery.close()

    def prepare(
        self,
        data: bytes,
        image: DecodedImage,
        declared_ai: bool | None = None,
        expects_metadata: bool = False,
    ) -> Prepared:
        """The step before the encoder; see `one`.

        Args:
            data: The whole file.
            image: The same, decoded.
            declared_ai: As in `one`.
            expects_metadata: As in `one`.
        """
        return Prepared(
            ImageFacts(image.sha256, image.width, image.height, image.format, image.notes),
            read_statements(
                data,
                image,
                self.readers,
                declared_ai=declared_ai,
                expects_metadata=expects_metadata,
            ),
            measure(image),
            None if self.similarity is None else sketch(image),
            self.similarity is not None and too_plain_for_style(image),
        )

    def conclude(
        self, image: Prepared, features: Features, account: str | None = None, top: int = NEAREST
    ) -> Judgement:
        """The step after the encoder; see `one`.

        Args:
            image: What was learnt before.
            features: Of its first view, or of all where that leaves doubt.
            account: As in `one`.
            top: As in `one`.
        """
        return self.conclude_all([(image, features)], account, top)[0]

    def conclude_all(
        self,
        images: Sequence[tuple[Prepared, Features]],
        account: str | None = None,
        top: int = NEAREST,
    ) -> list[Judgement]:
        """The step after the encoder for many images, which are searched for at once.

        Args:
            images: As in `conclude`.
            account: As in `one`, of all.
            top: As in `one`.
        """
        made = [
            decide(one.signals, self.detector.assess(features, one.measures))
            for one, features in images
        ]
        seen = [
            (one, features[:1], ai.verdict is Verdict.AI)
            for (one, features), ai in zip(images, made, strict=True)
        ]
        return [
            Judgement(
                one.facts,
                ai,
                near,
                self.made_by if near is None else replace(self.made_by, index=near.index),
            )
            for (one, _), ai, near in zip(
                images, made, self._search(seen, account, top), strict=True
            )
        ]

    def _search(
        self, images: Sequence[tuple[Prepared, Features, bool]], account: str | None, top: int
    ) -> Sequence[SimilarityEvidence | None]:
        """Of each image, told of which whether an AI made it; None where nothing is searched."""
        searched = self.state or self.similarity
        if searched is None or not images:
            return [None] * len(images)
        uploads = [
            Upload(first, one.sketch, one.facts.sha256, account, one.styleless, one.signals, by_ai)
            for one, first, by_ai in images
            if one.sketch is not None
        ]
        found = iter(searched.search_all(uploads, top))
        return [None if one.sketch is None else next(found) for one, _, _ in images]
