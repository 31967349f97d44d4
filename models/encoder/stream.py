"""From items to features as a stream: decode in threads, encode in batches, keep the order.

Memory is bounded by the window, whatever the length of the input.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

import numpy as np

from models.encoder.features import Encoder, Features, Views, join

Item = TypeVar("Item")
Payload = TypeVar("Payload")

Prepared = tuple[Views | None, Payload]
"""The views of one item (None: nothing to encode), and whatever goes along with them."""


def encode_stream(
    items: Iterable[Item],
    prepare: Callable[[Item], Prepared[Payload]],
    encoder: Encoder,
    *,
    more: Callable[[Payload, Features], Views | None] | None = None,
    batch_size: int = 16,
    workers: int = 2,
) -> Generator[list[tuple[Item, Payload, Features | None]], None, None]:
    """Encode the views of a stream of items, in batches and in order.

    Args:
        items: The items; consumed no further ahead than four batches.
        prepare: Runs in a worker thread: reads and decodes one item. What it raises ends the
            stream, so it turns what may be wrong with one item into the payload.
        encoder: Encodes the views of a batch in one call, in the calling thread.
        more: Told the features of an item's views, gives further views of it to be encoded, or
            None. Runs in a worker thread. None: there are no further ones.
        batch_size: Items per batch.
        workers: Threads that prepare.

    Yields:
        Batches of (item, payload, features of its views; None if it has none).
    """
    source = iter(items)
    with (
        ThreadPoolExecutor(workers, thread_name_prefix="prepare") as pool,
        # Of its own: the other has items of later batches before it.
        ThreadPoolExecutor(workers, thread_name_prefix="more") as further,
    ):
        pending: deque[tuple[Item, Future[Prepared[Payload]]]] = deque()

        def top_up() -> None:
            for item in islice(source, 4 * batch_size - len(pending)):
                pending.append((item, pool.submit(prepare, item)))

        try:
            top_up()
            while pending:
                batch = [pending.popleft() for _ in range(min(batch_size, len(pending)))]
                ready = [(item, *future.result()) for item, future in batch]
                top_up()
                views = [views for _, views, _ in ready]
                payloads = [payload for *_, payload in ready]
                found = encode_batch(views, payloads, encoder, more, further)
                yield [
                    (item, payload, f) for (item, _, payload), f in zip(ready, found, strict=True)
                ]
        finally:
            for _, future in pending:
                future.cancel()


def encode_batch(
    views: Sequence[Views | None],
    payloads: Sequence[Payload],
    encoder: Encoder,
    more: Callable[[Payload, Features], Views | None] | None,
    pool: Executor,
) -> list[Features | None]:
    """Encode a batch together, and then all further views that are asked for together.

    Args:
        views: Of each item; None for nothing to encode.
        payloads: What goes along with each.
        encoder: Encodes, in the calling thread.
        more: As in `encode_stream`; runs in the pool.
        pool: Where further views are made.

    Returns:
        The features of each item's views, the further ones last; None where it has none.
    """
    found = _encode(views, encoder)
    if more is None:
        return found

    def ask(payload: Payload, features: Features | None) -> Views | None:
        return None if features is None else more(payload, features)

    further = _encode(list(pool.map(ask, payloads, found)), encoder)
    return [
        first if first is None or other is None else join(first, other)
        for first, other in zip(found, further, strict=True)
    ]


def _encode(views: Sequence[Views | None], encoder: Encoder) -> list[Features | None]:
    """The features of every item's views, encoded together."""
    present = [v for v in views if v is not None]
    if not present:
        return [None] * len(views)
    features = encoder.encode(np.concatenate(present))
    found: list[Features | None] = []
    start = 0
    for v in views:
        found.append(None if v is None else features[start : start + len(v)])
        start += 0 if v is None else len(v)
    return found
