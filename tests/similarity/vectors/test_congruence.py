"""All indices find what the exact one finds, which finds what a plain sort finds."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pgvector.sqlalchemy import BIT, HALFVEC

from similarity.vectors.base import MISSING, MutableVectorIndex, Rows, VectorIndex
from similarity.vectors.exact import ExactIndex
from similarity.vectors.fast import FaissIndex
from similarity.vectors.hamming import FaissHammingIndex, HammingIndex
from similarity.vectors.pgvector import PgVectorIndex
from similarity.vectors.with_delta import WithDelta
from tests.similarity.vectors.making import (
    BYTES,
    WIDTH,
    Maker,
    agree,
    definition,
    hashes,
    ids_of,
    vectors,
)

FLOATS = ("exact", "flat", "lists", "layered", "layered lists", "postgres", "postgres graph")
HASHES = ("hash exact", "hash flat", "hash layered", "hash postgres", "hash postgres graph")


@pytest.fixture(scope="module")
def engine(postgres_server: str) -> Iterator[sa.Engine]:
    url = sa.make_url(postgres_server).set(drivername="postgresql+psycopg")
    # Where there is a graph, it is to be searched, however few rows there are.
    engine = sa.create_engine(url, connect_args={"options": "-c enable_seqscan=off"})
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS vector")
    yield engine
    engine.dispose()


def on_postgres(engine: sa.Engine, width: int | None = None) -> PgVectorIndex:
    """An empty table, of vectors if a width is given."""
    table = sa.Table(
        "hashes" if width is None else f"vectors_{width}",
        sa.MetaData(),
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("row", BIT(8 * BYTES) if width is None else HALFVEC(width), nullable=False),
    )
    table.drop(engine, checkfirst=True)
    table.create(engine)
    return PgVectorIndex(engine, table.c.id, table.c.row)


def lists(ids: NDArray[np.int64], rows: Any) -> FaissIndex:
    return FaissIndex.build(ids, rows, flat_up_to=0)


def layered(ids: NDArray[np.int64], rows: Any, base: Maker) -> WithDelta:
    """A third came later, and of the base a few went, of which some have come again."""
    late = np.arange(len(ids)) % 3 == 0
    extra = ids[~late] + 1
    delta = definition(ids[late], rows[late])
    old_ids = np.concatenate([ids[~late], extra])
    order = np.argsort(old_ids)
    old = np.concatenate([rows[~late], rows[~late]])
    assert isinstance(delta, ExactIndex)
    return WithDelta(base(old_ids[order], old[order]), delta, np.append(extra, 10**9))


@pytest.fixture
def maker(request: pytest.FixtureRequest) -> Maker:
    """Makes the index that the test is given the name of."""
    name: str = request.param

    def make(ids: NDArray[np.int64], rows: Any) -> VectorIndex:
        match name.removeprefix("hash "):
            case "exact":
                return definition(ids, rows)
            case "flat":
                return (
                    FaissHammingIndex(ids, rows) if name in HASHES else FaissIndex.build(ids, rows)
                )
            case "lists":
                return lists(ids, rows)
            case "layered":
                return layered(ids, rows, definition)
            case "layered lists":
                return layered(ids, rows, lists)
        engine = request.getfixturevalue("engine")
        index = on_postgres(engine, None if name in HASHES else rows.shape[1])
        index.add(ids, rows)
        if name.endswith("graph"):
            index.build()
        return index

    return make


@pytest.mark.parametrize("maker", FLOATS, indirect=True)
def test_vectors(maker: Maker) -> None:
    ids, rows = ids_of(3000), vectors(3000, seed=0)
    index, defined = maker(ids, rows), definition(ids, rows)
    assert len(index) == 3000
    assert agree(index, defined, vectors(50, seed=1), 1) >= 0.98  # One of 50 may be missed.
    assert agree(index, defined, vectors(50, seed=2), 10) >= 0.99
    assert agree(index, defined, vectors(20, seed=3), 100) >= 0.99
    strangers = vectors(50, seed=4) + vectors(50, seed=5)  # Between two clusters.
    strangers /= np.linalg.norm(strangers, axis=1, keepdims=True)
    assert agree(index, defined, strangers, 10) >= 0.99


@pytest.mark.parametrize("maker", HASHES, indirect=True)
def test_hashes(maker: Maker) -> None:
    ids, rows = ids_of(2000), hashes(2000, seed=0)
    index, defined = maker(ids, rows), definition(ids, rows)
    assert len(index) == 2000
    assert agree(index, defined, rows[::100], 1) == 1
    assert agree(index, defined, hashes(30, seed=1), 10) >= 0.99


@pytest.mark.parametrize("maker", [*FLOATS, *HASHES], indirect=True)
@pytest.mark.parametrize("count", [0, 1, 7])
def test_fewer_than_are_wanted(maker: Maker, count: int, request: pytest.FixtureRequest) -> None:
    make = hashes if "hash" in request.node.name else vectors
    ids, rows = ids_of(count), make(count, seed=0)
    index, defined = maker(ids, rows), definition(ids, rows)
    assert agree(index, defined, make(3, seed=1), 10) == 1
    assert agree(index, defined, make(0, seed=1), 10) == 1


@pytest.mark.parametrize("maker", FLOATS, indirect=True)
def test_all_are_found_if_all_are_wanted(maker: Maker) -> None:
    ids, rows = ids_of(300), vectors(300, seed=0)
    assert agree(maker(ids, rows), definition(ids, rows), vectors(2, seed=1), 300) == 1


@pytest.mark.parametrize("maker", [*FLOATS, *HASHES], indirect=True)
def test_rows_and_ids(maker: Maker, request: pytest.FixtureRequest) -> None:
    make = hashes if "hash" in request.node.name else vectors
    ids, rows = ids_of(50), make(50, seed=0)
    index = maker(ids, rows)
    wanted = np.array([20, 3, 3, 49])
    given = index.rows(ids[wanted])
    assert given.dtype == rows.dtype
    np.testing.assert_array_equal(given, rows[wanted])
    assert index.rows(ids[:0]).shape == (0, rows.shape[1])
    assert index.contains(np.array([-1, 5, 6, 8, 10**12])).tolist() == [
        False,
        True,
        False,
        True,
        False,
    ]
    with pytest.raises(KeyError, match="7"):
        index.rows(np.array([5, 7]))


@pytest.mark.parametrize("maker", [*FLOATS, *HASHES], indirect=True)
def test_what_cannot_be_searched(maker: Maker, request: pytest.FixtureRequest) -> None:
    make = hashes if "hash" in request.node.name else vectors
    index = maker(ids_of(5), make(5, seed=0))
    query = make(1, seed=1)
    other = np.float32 if query.dtype == np.uint8 else np.uint8
    for wrong in (query[:, :-1], query[0], query.astype(other), query.astype(np.float64)):
        with pytest.raises(ValueError, match="wanted"):
            index.search(wrong, 1)
    with pytest.raises(ValueError, match="0 neighbours"):
        index.search(query, 0)


@pytest.mark.parametrize("maker", ["flat", "lists", "layered lists", "hash flat"], indirect=True)
def test_many_threads_search_at_once(maker: Maker, request: pytest.FixtureRequest) -> None:
    make = hashes if "hash" in request.node.name else vectors
    index = maker(ids_of(2000), make(2000, seed=0))
    queries = make(200, seed=1)
    alone = index.search(queries, 10)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda i: index.search(queries[i : i + 1], 10), range(200)))
    # The last bits of a product depend on how many queries there are.
    np.testing.assert_allclose(np.concatenate([f.scores for f in found]), alone.scores, atol=1e-5)


class WithDeltaAsMutable:
    """A base that is made anew now and then, and what has changed since."""

    def __init__(self, base: Maker, empty: Rows) -> None:
        self._make, self._rows = base, dict[int, Any]()
        self._empty = empty
        self._renew()

    def __len__(self) -> int:
        return len(self._index)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._index, name)

    def add(self, ids: NDArray[np.int64], rows: Rows) -> None:
        if self.contains(ids).any():
            raise ValueError("an id is there already")
        if len(ids) == 2:
            self._renew()
        self._delta.add(ids, rows)
        self._rows.update(zip(ids.tolist(), rows, strict=True))

    def remove(self, ids: NDArray[np.int64]) -> None:
        self._delta.remove(ids)
        self._gone = np.concatenate([self._gone, ids])
        self._index = WithDelta(self._base, self._delta, self._gone)
        for one in ids.tolist():
            self._rows.pop(one, None)

    def _renew(self) -> None:
        ids = np.array(sorted(self._rows), np.int64)
        rows = np.array([self._rows[one] for one in ids.tolist()], self._empty.dtype)
        self._base = self._make(ids, rows.reshape(-1, self._empty.shape[1]))
        delta = definition(ids[:0], self._empty)
        assert isinstance(delta, ExactIndex)
        self._delta, self._gone = delta, ids[:0]
        self._index = WithDelta(self._base, self._delta, self._gone)


Change = tuple[bool, list[int]]
CHANGES: st.SearchStrategy[list[Change]] = st.lists(
    st.tuples(st.booleans(), st.lists(st.integers(0, 30), max_size=6, unique=True)), max_size=12
)


def follow(index: MutableVectorIndex, changes: list[Change], pool: Rows) -> None:
    """Add and remove, and after each compare with a dictionary searched by sorting."""
    held: dict[int, Any] = {}
    for add, some in changes:
        ids = np.array(some, np.int64)
        if add:
            new = np.array([one for one in some if one not in held], np.int64)
            if len(new) < len(some):
                with pytest.raises(ValueError, match="there already"):
                    index.add(ids, pool[ids])
            index.add(new, pool[new])
            held |= {one: pool[one] for one in new.tolist()}
        else:
            index.remove(ids)
            held = {one: row for one, row in held.items() if one not in some}
        assert len(index) == len(held)
        assert index.contains(np.arange(31)).tolist() == [one in held for one in range(31)]
        query = pool[-1]

        def score(one: int, query: Any = query, held: dict[int, Any] = held) -> float:
            if query.dtype == np.uint8:
                return -sum(
                    (int(a) ^ int(b)).bit_count() for a, b in zip(query, held[one], strict=True)
                )
            return sum(float(a) * float(b) for a, b in zip(query, held[one], strict=True))

        expected = sorted(held, key=lambda one: (-score(one), one))[:5]
        result = index.search(query[None], 5)
        found = [one for one in result.ids[0].tolist() if one != MISSING]
        assert len(set(found)) == len(expected)
        for scores in (result.scores[0][: len(expected)], [score(one) for one in found]):
            np.testing.assert_allclose(scores, [score(one) for one in expected], atol=1e-5)


@given(CHANGES)
def test_adding_and_removing_vectors(changes: list[Change]) -> None:
    follow(ExactIndex(WIDTH), changes, vectors(32, seed=5))


@given(CHANGES)
def test_adding_and_removing_hashes(changes: list[Change]) -> None:
    follow(HammingIndex(BYTES), changes, hashes(32, seed=5))


@given(CHANGES)
def test_layers_of_vectors(changes: list[Change]) -> None:
    pool = vectors(32, seed=6)
    follow(WithDeltaAsMutable(FaissIndex.build, pool[:0]), changes, pool)


@given(CHANGES)
def test_layers_of_hashes(changes: list[Change]) -> None:
    pool = hashes(32, seed=6)
    follow(WithDeltaAsMutable(FaissHammingIndex, pool[:0]), changes, pool)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CHANGES, st.booleans())
def test_changing_tables(engine: sa.Engine, changes: list[Change], graph: bool) -> None:
    for pool, width in ((vectors(32, seed=7), WIDTH), (hashes(32, seed=7), None)):
        index = on_postgres(engine, width)
        if graph:
            index.build()
        follow(index, changes, pool)
