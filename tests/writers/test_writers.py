"""What programs write is read, or is not there to be read: the table of `tests/writers/table.csv`.

How it is made: `python -m tests.writers --help`.
"""

import pytest

from imaging.codecs.formats import FORMATS
from tests.writers.packages import WRITERS
from tests.writers.running import reader_of, written
from tests.writers.statements import KINDS, Statement
from tests.writers.table import (
    FILES,
    LEFT_OUT,
    MISSED,
    READ,
    REFUSED,
    Cell,
    file_of,
    read_table,
    slug,
)
from tests.writers.writer import NotWritten, Writer

TABLE = read_table()
RUN_HERE = {slug(writer.name) for writer in WRITERS}
KEPT = [cell for cell in TABLE if slug(cell.writer) not in RUN_HERE and cell.outcome == READ]


def _id(cell: Cell) -> str:
    return f"{slug(cell.writer)}-{cell.statement.name}-{cell.container}"


def test_nothing_that_is_written_is_missed() -> None:
    assert {cell.outcome for cell in TABLE} == {READ, LEFT_OUT, REFUSED}
    assert MISSED not in {cell.outcome for cell in TABLE}
    assert all(cell.detail for cell in TABLE if cell.outcome != LEFT_OUT)


def test_every_container_and_statement_is_written_by_somebody() -> None:
    read = [cell for cell in TABLE if cell.outcome == READ]
    assert {cell.statement for cell in read} == set(Statement)
    assert {cell.container for cell in read} == set(KINDS)
    # A BMP has no place for metadata.
    assert {kind.lower() for kind in KINDS} == set(FORMATS) - {"bmp"}


def test_every_file_stands_in_the_table() -> None:
    assert set(FILES.rglob("*.*")) == {
        file_of(cell.writer, cell.statement, cell.container) for cell in KEPT
    }


@pytest.mark.parametrize("cell", KEPT, ids=_id)
def test_what_other_programs_wrote_is_read(cell: Cell) -> None:
    data = file_of(cell.writer, cell.statement, cell.container).read_bytes()
    assert reader_of(data, cell.statement) == cell.detail


@pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: slug(writer.name))
def test_what_packages_write_is_read(writer: Writer) -> None:
    told = {
        (cell.statement, cell.container): cell
        for cell in TABLE
        if slug(cell.writer) == slug(writer.name)
    }
    assert list(told) == writer.cells()
    for (statement, container), cell in told.items():
        try:
            reader = reader_of(written(writer, statement, container), statement)
        except NotWritten:
            assert cell.outcome == REFUSED
        else:
            assert (cell.outcome, cell.detail or None) == (READ if reader else LEFT_OUT, reader)
