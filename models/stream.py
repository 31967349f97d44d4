"""From items to features as a stream: decode in threads, encode in batches, keep the order.

Memory is bounded by the window, whatever the length of the input.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

import numpy as np

from models.features import Encoder, Features, Views

Item = TypeVar("Item")
Payload = TypeVar("Payload")

Prepared = tuple[Views | None, Payload]
"""The views of one item (None: nothing to encode), and whatever goes along with them."""


def encode_stream(
    items: Iterable[Item],
    prepare: Callable[[Item], Prepared[Payload]],
    encoder: Encoder,
    *,
    batch_size: int = 16,
    workers: int = 2,
) -> Generator[list[tuple[Item, Payload, Features | None]], None, None]:
    """Encode the views of a stream of items, in batches and in order.

    Args:
        items: The items; consumed no further ahead than four batches.
        prepare: Runs in a worker thread: reads and decodes one item. What it raises ends the
            stream, so it turns what may be wrong with one item into the payload.
        encoder: Encodes the views of a batch in one call, in the calling thread.
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
                yield _encoded(ready, encoder)
        finally:
            for _, future in pending:
                future.cancel()


def _encoded(
    ready: list[tuple[Item, Views | None, Payload]], encoder: Encoder
) -> list[tuple[Item, Payload, Features | None]]:
    views = [view for _, view, _ in ready if view is not None]
    features = encoder.encode(np.concatenate(views)) if views else None
    rows: list[tuple[Item, Payload, Features | None]] = []
    start = 0
    for item, view, payload in ready:
        if view is None or features is None:
            rows.append((item, payload, None))
        else:
            rows.append((item, payload, features[start : start + len(view)]))
            start += len(view)
    return rows
