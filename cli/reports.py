"""`rakkan reports`: what a platform reports of accounts, all at once."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from cli.database import Address, records
from cli.paths import existing_file
from cli.reporting import progress
from moderation.reported import REPORT, Report
from moderation.reports import keep_reports
from moderation.rows import read_rows

TOGETHER = 500
"""Reports that are kept in one transaction."""

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def reports() -> None:
    """What a platform reports of accounts: a past that histories are made of."""


@app.command("import")
def import_(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            callback=existing_file,
            help="Reports: CSV with a head, or a JSON object on each line (.jsonl).",
        ),
    ],
    database: Address = None,
) -> None:
    """Take in reports of the past; the same row is taken in once, however often it is imported.

    The whole file is looked through first: where a row is wrong, its line is told and nothing is
    taken in.
    """
    for _ in _read(file):
        pass
    new = done = 0
    now = datetime.now(UTC)
    with records(database, create=True) as store, progress("reports") as tell:
        rows = _read(file)
        while some := list(islice(rows, TOGETHER)):
            new += keep_reports(store, some, now=now)
            done += len(some)
            tell(done, None)
    typer.echo(f"Reports: {done:,}, of which new: {new:,}")


def _read(file: Path) -> Iterator[tuple[str, Report]]:
    """Each report with a key that follows from what it says."""
    for row, found in read_rows(file, REPORT):
        document = json.dumps(row, sort_keys=True).encode()
        yield f"import:{hashlib.sha256(document).hexdigest()}", found
