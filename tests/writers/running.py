"""Running a writer, and reading what it wrote."""

import tempfile
from pathlib import Path

from detector.readers.contract import Reader
from detector.statements.gather import default_readers
from serving.statements import file_statements
from tests.writers.statements import KINDS, Statement, drawn, told
from tests.writers.writer import Writer

READERS: tuple[Reader, ...] = default_readers()


def written(writer: Writer, statement: Statement, container: str) -> bytes:
    """The file that a writer makes of a drawn picture.

    Raises:
        NotWritten: The writer refuses.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"picture.{KINDS[container]}"
        path.write_bytes(drawn(container))
        writer.write(path, container, statement)
        return path.read_bytes()


def reader_of(data: bytes, statement: Statement) -> str | None:
    """The reader that tells a statement; None where it is not told, or not for what it is."""
    return told(statement, file_statements(data, READERS))
