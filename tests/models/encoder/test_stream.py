from collections.abc import Callable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models import Features, Views, encode_stream
from tests.fakes import FakeEncoder

SIZE = 32


def _views(brightness: int, count: int) -> Views:
    """`count` views; the first as bright as told, the others black."""
    views = np.zeros((count, SIZE, SIZE, 3), np.uint8)
    views[:1] = brightness
    return views


Items = list[tuple[int, int] | None]
ITEMS = st.lists(st.none() | st.tuples(st.integers(0, 255), st.integers(1, 3)), max_size=12)


Item = tuple[int, int] | None


def _run(
    items: Items,
    encoder: FakeEncoder,
    more: Callable[[Item, Features], Views | None] | None = None,
    batch_size: int = 16,
) -> list[Features | None]:
    def prepare(item: Item) -> tuple[Views | None, Item]:
        return (None if item is None else _views(*item)[:1] if more else _views(*item)), item

    batches = encode_stream(items, prepare, encoder, more=more, batch_size=batch_size)
    return [features for batch in batches for _, _, features in batch]


@given(ITEMS, st.integers(1, 5))
def test_further_views_are_made_and_encoded_only_where_the_first_asks_for_them(
    items: Items, batch: int
) -> None:
    encoder = FakeEncoder(size=SIZE)

    def bright(item: Item, first: Features) -> Views | None:
        assert item is not None
        assert len(first) == 1
        further = _views(*item)[1:]
        return further if first.class_tokens[0, 0, 0] > 0.5 and len(further) else None

    found = _run(items, encoder, bright, batch)
    expected = [0 if i is None else i[1] if i[0] > 127 else 1 for i in items]
    assert [0 if f is None else len(f) for f in found] == expected
    assert sum(encoder.seen) == sum(expected)
    for item, features in zip(items, found, strict=True):
        if item is not None and features is not None:
            whole = FakeEncoder(size=SIZE).encode(_views(*item))[: len(features)]
            np.testing.assert_array_equal(features.class_tokens, whole.class_tokens)


@given(ITEMS)
def test_without_a_question_all_views_are_encoded(items: Items) -> None:
    found = _run(items, FakeEncoder(size=SIZE))
    assert [0 if f is None else len(f) for f in found] == [0 if i is None else i[1] for i in items]
