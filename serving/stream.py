"""Many images on the one way to judgements, in batches, with what can overlap overlapping.

The steps are those of `serving.judge`; a test holds what comes of them to `Judge.one`.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, TypeVar

from threadpoolctl import threadpool_limits

from detector.pixels.views import first_view, other_views
from evidence import Judgement
from imaging import DecodedImage, ImagingError, decode_for_view
from models import Features, Views, encode_stream
from serving.judge import BATCH, NEAREST, Judge, Prepared

Item = TypeVar("Item")
Payload = TypeVar("Payload")

Fetched = tuple[bytes | None, Payload]
"""The bytes of an image (None: nothing to be judged), and whatever goes along with them."""


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


def judge_stream(
    judge: Judge,
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
        judge: Judges them; of a state of the index, or of that which it is in now.
        items: The items; consumed no further ahead than four batches.
        fetch: Runs in a worker thread: the bytes of an item, and what goes along with them.
            What it raises ends the stream.
        look: Runs in a worker thread: is shown every decoded image.
        declared_ai: As in `Judge.one`, of all items.
        expects_metadata: As in `Judge.one`, of all items.
        account: As in `Judge.one`, of all items.
        batch_size: Images that are encoded at once.
        workers: Threads of each kind.

    Yields:
        Batches, in the order of the items. Where an index is searched, a batch comes when the
        next one is encoded.

    Raises:
        StateEnded: Works were taken out of the index meanwhile.
    """
    size = judge.encoder.size
    pinned = judge.at_one_state()

    def prepare(item: Item) -> tuple[Views | None, _OnItsWay[Payload]]:
        data, payload = fetch(item)
        if data is None:
            return None, _OnItsWay(payload)
        try:
            image = decode_for_view(data, size, limits=judge.limits)
        except ImagingError as error:
            return None, _OnItsWay(payload, error=error)
        prepared = judge.prepare(data, image, declared_ai, expects_metadata)
        if look is not None:
            look(image)
        others: Callable[[], Views] = partial(other_views, image, size)
        if image.pixels.nbytes > judge.held:
            made = others()
            others = lambda: made  # noqa: E731 - a function that holds the image no longer
        return first_view(image, size), _OnItsWay(payload, prepared, others)

    def more(one: _OnItsWay[Payload], first: Features) -> Views | None:
        doubt = one.others is not None and judge.detector.in_doubt(first)
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
        items, prepare, judge.encoder, more=more, batch_size=batch_size, workers=workers
    )
    behind = 0 if judge.similarity is None else 1
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
