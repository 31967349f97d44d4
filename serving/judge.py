"""The one way from the bytes of an image to what is said of it.

    bytes -> decoded image -> signals, measures, first view -> features (the one encoder pass)
          -> in doubt: the other views, encoded too, and a second opinion on the first
          -> pixel evidence -> weighed with the signals
          -> of the same features, the search, which tells more of what an AI made
          -> Judgement

`Judge.one` takes these steps one after the other. `Judge.stream` takes the same for many images in
batches, with what can overlap overlapping; a test holds it to `one`.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from detector import Detector, Measures, decide, measure
from detector.pixels.information import too_plain_for_style
from detector.pixels.views import first_view, other_views
from detector.readers.contract import Reader
from detector.statements.gather import read_statements
from evidence import ImageFacts, Judgement, Provenance, Signal, SimilarityEvidence, Verdict
from imaging import DecodedImage, ImagingError, Limits, decode_for_view, sketch
from models import Encoder, Features, Views, encode_stream
from models.encoder.features import join
from serving.closing import Closing
from serving.figures import ModelDescription
from similarity.upload import Upload

if TYPE_CHECKING:
    from similarity.search import Similarity, StateSearch

Item = TypeVar("Item")
Payload = TypeVar("Payload")

BATCH = 16
"""Images that are encoded at once."""

NEAREST = 5
"""Copies and creators that a judgement names at most."""

Fetched = tuple[bytes | None, Payload]
"""The bytes of an image (None: nothing to be judged), and whatever goes along with them."""


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
class Judged(Generic[Payload]):
    """What came of one item of a stream.

    Attributes:
        payload: What went along with its bytes.
        judgement: What is said of it; None where it had no bytes, or they cannot be decoded.
        error: Why they cannot be decoded.
    """

    payload: Payload
    judgement: Judgement | None = None
    error: ImagingError | None = None


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
class _OnItsWay(Generic[Payload]):
    """An item of a stream between fetching and the end.

    Attributes:
        payload: What goes along with it.
        prepared: What was learnt of the image before the encoder; None where there is none.
        others: Makes its other views.
        error: Why it cannot be decoded.
    """

    payload: Payload
    prepared: Prepared | None = None
    others: Callable[[], Views] | None = field(default=None, repr=False)
    error: ImagingError | None = None


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
        held: Bytes of an image's pixels up to which they are held until its first view is encoded.
            Of a larger one the other views are made at once, needed or not: a stream has a hundred
            images on their way.
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

    def stream(
        self,
        items: Iterable[Item],
        fetch: Callable[[Item], Fetched[Payload]],
        *,
        look: Callable[[DecodedImage], None] | None = None,
        declared_ai: bool | None = None,
        expects_metadata: bool = False,
        account: str | None = None,
        batch_size: int = BATCH,
        workers: int = 2,
    ) -> Generator[list[Judged[Payload]], None, None]:
        """Judge a stream of images, in batches and in order; memory does not grow with it.

        Images are fetched, decoded and read in threads, encoded in batches in the calling thread,
        and searched in threads again while the next batch is encoded. All searches are of one state
        of the index.

        Args:
            items: The items; consumed no further ahead than four batches.
            fetch: Runs in a worker thread: the bytes of an item, and what goes along with them.
                What it raises ends the stream.
            look: Runs in a worker thread: is shown every decoded image.
            declared_ai: As in `one`, of all items.
            expects_metadata: As in `one`, of all items.
            account: As in `one`, of all items.
            batch_size: Images that are encoded at once.
            workers: Threads of each kind.

        Yields:
            Batches, in the order of the items. Where an index is searched, a batch comes when the
            next one is encoded.

        Raises:
            StateEnded: Works were taken out of the index meanwhile.
        """
        size = self.encoder.size
        pinned = self.at_one_state()

        def prepare(item: Item) -> tuple[Views | None, _OnItsWay[Payload]]:
            data, payload = fetch(item)
            if data is None:
                return None, _OnItsWay(payload)
            try:
                image = decode_for_view(data, size, limits=self.limits)
            except ImagingError as error:
                return None, _OnItsWay(payload, error=error)
            prepared = self.prepare(data, image, declared_ai, expects_metadata)
            if look is not None:
                look(image)
            others: Callable[[], Views] = partial(other_views, image, size)
            if image.pixels.nbytes > self.held:
                made = others()
                others = lambda: made  # noqa: E731 - a function that holds the image no longer
            return first_view(image, size), _OnItsWay(payload, prepared, others)

        def more(one: _OnItsWay[Payload], first: Features) -> Views | None:
            doubt = one.others is not None and self.detector.in_doubt(first)
            return one.others() if one.others is not None and doubt else None

        def conclude(
            some: Sequence[tuple[_OnItsWay[Payload], Features | None]],
        ) -> list[Judged[Payload]]:
            seen = [
                (one.prepared, features)
                for one, features in some
                if one.prepared is not None and features is not None
            ]
            said = iter(pinned.conclude_all(seen, account, NEAREST))
            return [
                Judged(one.payload, error=one.error)
                if one.prepared is None or features is None
                else Judged(one.payload, next(said))
                for one, features in some
            ]

        batches = encode_stream(
            items, prepare, self.encoder, more=more, batch_size=batch_size, workers=workers
        )
        behind = 0 if self.similarity is None else 1
        waiting: deque[list[Future[list[Judged[Payload]]]]] = deque()
        with (
            # Each search has a thread already. Further ones of its matrix products would wait for
            # the encoder's cores, and burn them meanwhile.
            threadpool_limits(1, user_api="blas"),
            closing(batches),
            ThreadPoolExecutor(workers, thread_name_prefix="search") as pool,
        ):
            try:
                for batch in batches:
                    going = [(one, seen) for _, one, seen in batch]
                    share = max(1, -(-len(going) // workers))
                    parts = [going[i : i + share] for i in range(0, len(going), share)]
                    waiting.append([pool.submit(conclude, part) for part in parts])
                    if len(waiting) > behind:
                        yield [one for done in waiting.popleft() for one in done.result()]
                while waiting:
                    yield [one for done in waiting.popleft() for one in done.result()]
            finally:
                for future in (future for batch in waiting for future in batch):
                    future.cancel()

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
