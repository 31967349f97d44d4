"""From items to features as a stream: decode in threads, encode in batches, keep the order.

Memory is bounded by the window, whatever the length of the input.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
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
    more: Callable[[Features], bool] | None = None,
    batch_size: int = 16,
    workers: int = 2,
) -> Generator[list[tuple[Item, Payload, Features | None]], None, None]:
    """Encode the views of a stream of items, in batches and in order.

    Args:
        items: The items; consumed no further ahead than four batches.
        prepare: Runs in a worker thread: reads and decodes one item. What it raises ends the
            stream, so it turns what may be wrong with one item into the payload.
        encoder: Encodes the views of a batch in one call, in the calling thread.
        more: Told the features of an item's first view; only if it says so are its other views
            encoded. None: all views are.
        batch_size: Items per batch.
        workers: Threads that prepare.

    Yields:
        Batches of (item, payload, features of its views; None if it has none).
    """
    source = iter(items)
    with ThreadPoolExecutor(workers, thread_name_prefix="prepare") as pool:
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
                yield _encoded(ready, encoder, more)
        finally:
            for _, future in pending:
                future.cancel()


def _encoded(
    ready: list[tuple[Item, Views | None, Payload]],
    encoder: Encoder,
    more: Callable[[Features], bool] | None,
) -> list[tuple[Item, Payload, Features | None]]:
    views = [item_views for _, item_views, _ in ready]
    if more is None:
        found = _encode(views, encoder)
    else:
        found = _encode([None if v is None else v[:1] for v in views], encoder)
        rest = [
            v[1:] if v is not None and f is not None and len(v) > 1 and more(f) else None
            for v, f in zip(views, found, strict=True)
        ]
        found = [
            first if first is None or other is None else join(first, other)
            for first, other in zip(found, _encode(rest, encoder), strict=True)
        ]
    return [(item, payload, f) for (item, _, payload), f in zip(ready, found, strict=True)]


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
