"""The journal to a report that a person can look at: static pages that need nothing but a browser.

The first page holds the figures; rows follow by probability, a hundred to a page, so that it
stays usable with 100,000 of them. Pages are made one by one: memory does not grow.
"""

import shutil
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

import jinja2

from core.text import duration, file_size, percent, printable
from scan import layout as places
from scan.histogram import Bar, bars
from scan.journal import Journal
from scan.schema import ScanRow
from scan.summary import ModelFacts

ROWS = 100
BINS = 20
TEMPLATES = Path(__file__).parent / "templates"


def write_report(
    journal: Journal, out: Path, model: ModelFacts, *, index: str | None = None
) -> None:
    """Write the report of a finished scan.

    Args:
        journal: Where the rows come from.
        out: The output folder; thumbnails are there already.
        model: What the report says about the model.
        index: Names the state of the index that was searched, if one was.
    """
    counts = journal.counts()
    judged = counts.images - counts.errors
    numbers = journal.histogram(BINS)
    environment = _environment()
    facts = {
        "counts": counts,
        "judged": judged,
        "grounds": journal.grounds(),
        "model": model,
        "index": index,
        "made": datetime.now(UTC),
        "pages": max(1, -(-judged // ROWS)),
        "error_pages": -(-counts.errors // ROWS),
        "alike_pages": -(-counts.alike // ROWS),
    }
    inside = out / places.INSIDE
    inside.mkdir(exist_ok=True)
    for pattern in ("page-*.html", "errors-*.html", "alike-*.html"):
        for stale in inside.glob(pattern):
            stale.unlink()
    shutil.copyfile(TEMPLATES / "style.css", inside / "style.css")

    errors = environment.get_template("errors.html.j2")
    for number, rows in enumerate(_pages(journal.errors()), 1):
        _write(out, places.error_page(number), errors, facts, number=number, rows=rows)
    alike = environment.get_template("alike.html.j2")
    for number, rows in enumerate(_pages(journal.alike()), 1):
        _write(out, places.alike_page(number), alike, facts, number=number, rows=rows)
    page = environment.get_template("page.html.j2")
    first = environment.get_template("first.html.j2")
    waiting: list[ScanRow] = []
    for number, rows in enumerate(_pages(journal.judged()), 1):
        if number == 1:
            waiting = rows
        else:
            _write(out, places.page(number), page, facts, number=number, rows=rows)
    # Last: whoever opens it finds the pages that it links to.
    _write(
        *(out, places.REPORT, first, facts),
        number=1,
        rows=waiting,
        bars=bars(numbers, ROWS),
    )


def _pages(rows: Iterable[ScanRow]) -> Iterator[list[ScanRow]]:
    source = iter(rows)
    while page := list(islice(source, ROWS)):
        yield page


def _write(
    out: Path,
    place: str,
    template: jinja2.Template,
    facts: dict[str, Any],
    **values: int | list[ScanRow] | list[Bar],
) -> None:
    folder = PurePosixPath(place).parent

    def link(target: str) -> str:
        inside = PurePosixPath(target)
        if str(folder) == ".":
            return target
        if inside.is_relative_to(folder):
            return str(inside.relative_to(folder))
        return f"../{target}"

    text = template.render(**facts, **values, link=link)
    unfinished = out / f"{place}.part"
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(out / place)


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        percent=percent, duration=duration, file_size=file_size, printable=printable
    )
    environment.globals.update(
        page=places.page,
        error_page=places.error_page,
        alike_page=places.alike_page,
        thumb=places.thumb,
        rows_per_page=ROWS,
    )
    return environment
