"""What is particular to PostgreSQL; what it finds is tested with all other indices."""

from collections.abc import Iterator

import numpy as np
import pytest
import sqlalchemy as sa
from pgvector.sqlalchemy import BIT, HALFVEC

from similarity.vectors.pgvector import PgVectorIndex
from tests.similarity.vectors.making import WIDTH, agree, definition, ids_of, vectors

WORKS = sa.Table(
    "Some works",
    sa.MetaData(),
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, server_default="?"),
    sa.Column("vec tor", HALFVEC(WIDTH)),
    sa.Column("bits", BIT(256)),
)


@pytest.fixture
def engine(postgres_url: str) -> Iterator[sa.Engine]:
    engine = sa.create_engine(sa.make_url(postgres_url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE EXTENSION vector")
    WORKS.create(engine)
    yield engine
    engine.dispose()


def test_a_table_with_other_columns_where_some_rows_have_no_vector(engine: sa.Engine) -> None:
    ids, rows = ids_of(200), vectors(200, seed=0)
    index = PgVectorIndex(engine, WORKS.c.number, WORKS.c["vec tor"])
    index.add(ids, rows)
    with engine.begin() as connection:
        connection.execute(sa.insert(WORKS), [{"number": 1, "name": "no vector"}])
    for _ in range(2):
        assert len(index) == 200
        assert index.contains(np.array([1, 5])).tolist() == [False, True]
        assert agree(index, definition(ids, rows), vectors(5, seed=1), 10) == 1
        index.build()


def test_the_graph_is_searched(engine: sa.Engine) -> None:
    ids, rows = ids_of(2000), vectors(2000, seed=0)
    index = PgVectorIndex(engine, WORKS.c.number, WORKS.c["vec tor"])
    index.add(ids, rows)
    index.build()
    index.build()
    scans = sa.text(
        "SELECT idx_scan FROM pg_stat_user_indexes"
        " WHERE indexrelname = 'Some works_vec tor_nearest'"
    )
    with engine.connect() as connection:
        # Statistics of a session are shown to others when it ends, or after a while.
        connection.exec_driver_sql("SELECT pg_stat_force_next_flush()")
        before = connection.execute(scans).scalar_one()
    assert before == 0
    eager = sa.create_engine(engine.url, connect_args={"options": "-c enable_seqscan=off"})
    searched = PgVectorIndex(eager, WORKS.c.number, WORKS.c["vec tor"])
    assert agree(searched, definition(ids, rows), vectors(20, seed=1), 10) >= 0.99
    eager.dispose()
    with engine.connect() as connection:
        assert connection.execute(scans).scalar_one() >= 20


def test_deleted_rows_make_no_fewer_neighbours(engine: sa.Engine) -> None:
    ids, rows = ids_of(1500), vectors(1500, seed=0)
    index = PgVectorIndex(engine, WORKS.c.number, WORKS.c["vec tor"])
    index.add(ids, rows)
    index.build()
    query = rows[:1]
    nearest = definition(ids, rows).search(query, 1000).ids[0]
    index.remove(nearest)
    kept = ~np.isin(ids, nearest)
    eager = sa.create_engine(engine.url, connect_args={"options": "-c enable_seqscan=off"})
    searched = PgVectorIndex(eager, WORKS.c.number, WORKS.c["vec tor"])
    assert agree(searched, definition(ids[kept], rows[kept]), query, 10) >= 0.9
    eager.dispose()


def test_refuses_other_columns(engine: sa.Engine) -> None:
    with pytest.raises(ValueError, match="TEXT"):
        PgVectorIndex(engine, WORKS.c.number, WORKS.c.name)
