"""Makes the table of what is read of every program that writes metadata.

    python -m tests.writers --npm FOLDER

It stands beside the tests, since they hold it: `tests/writers/test_writers.py` runs the writers
that `pip` installs, and reads what the others wrote, which this keeps in `tests/writers/files/`.
Those others have to be installed first: on Debian, `apt-get install libimage-exiftool-perl exiv2
imagemagick graphicsmagick webp libavif-bin libheif-examples libjpeg-turbo-progs nodejs`; in the
folder, `npm install --ignore-scripts exiftool-vendored.pl sharp @imagemagick/magick-wasm piexifjs
png-chunk-text png-chunks-extract png-chunks-encode meta-png @contentauth/c2pa-node`.

Where no reader tells a statement, ExifTool says whether it stands in the file at all. If it does,
that is a fault, and the exit code is 1.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from tests.writers import packages, programs
from tests.writers.running import reader_of, written
from tests.writers.statements import CREDIT, LABEL, PARAMETERS, SOFTWARE, SOURCE_TYPE
from tests.writers.table import (
    FILES,
    LEFT_OUT,
    MISSED,
    READ,
    REFUSED,
    Cell,
    file_of,
    write_table,
)
from tests.writers.writer import NotWritten, Writer

MARKS = (SOURCE_TYPE, CREDIT, SOFTWARE, PARAMETERS.partition("\n")[0], LABEL["ContentProducer"])


def cells(writer: Writer, exiftool: tuple[str, ...], *, keep: bool) -> Iterator[Cell]:
    """What becomes of everything that a writer can be asked for.

    Args:
        writer: Which.
        exiftool: The program that says what stands in a file.
        keep: Whether its files are kept, as those of programs that tests cannot run.
    """
    for statement, container in writer.cells():
        try:
            data = written(writer, statement, container)
        except NotWritten as refusal:
            yield Cell(writer.name, statement, container, REFUSED, str(refusal))
            continue
        reader = reader_of(data, statement)
        if reader is not None:
            yield Cell(writer.name, statement, container, READ, reader)
            if keep:
                place = file_of(writer.name, statement, container)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(data)
        else:
            outcome = MISSED if _is_there(data, exiftool) else LEFT_OUT
            yield Cell(writer.name, statement, container, outcome)


def _is_there(data: bytes, exiftool: tuple[str, ...]) -> bool:
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        said = subprocess.run(
            [*exiftool, "-a", "-U", "-G1", "-s", "-ee", file.name],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        ).stdout
    return any(mark in said or mark.encode() in data for mark in MARKS)


def main(
    npm: Annotated[Path, typer.Option(help="Where the packages of npm were installed.")],
) -> None:
    """Run all writers, keep their files, and write the table."""
    shutil.rmtree(FILES, ignore_errors=True)
    exiftool = programs.exiftool_of(npm)
    found = [cell for one in packages.WRITERS for cell in cells(one, exiftool, keep=False)]
    found += [cell for one in programs.writers(npm) for cell in cells(one, exiftool, keep=True)]
    write_table(found)
    missed = [cell for cell in found if cell.outcome == MISSED]
    for cell in missed:
        typer.echo(f"missed: {cell}", err=True)
    sys.exit(bool(missed))


if __name__ == "__main__":
    typer.run(main)
