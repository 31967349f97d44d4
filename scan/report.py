"""The journal to a report that a person can look at: static pages that need nothing but a browser.

The first page holds the figures; rows follow by probability, a hundred to a page, so that it
stays usable with 100,000 of them. Pages are made one by one: memory does not grow.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from core.files import write_whole
from labelling import Action, ResolvedPolicy
from labelling.wording import action_word
from pages import STYLE, render
from scan import layout
from scan.histogram import bars
from scan.journal import Journal
from scan.layout import TableFormat
from scan.schema import ScanRow
from serving.figures import ModelDescription

ROWS = 100
BINS = 20


def write_report(
    journal: Journal,
    out: Path,
    model: ModelDescription,
    *,
    index: str | None = None,
    policy: ResolvedPolicy | None = None,
    table: TableFormat = TableFormat.PARQUET,
) -> None:
    """Write the report of a finished scan.

    Args:
        journal: Where the rows come from.
        out: The output folder; thumbnails are there already.
        model: What the report says about the model.
        index: Names the state of the index that was searched, if one was.
        policy: That was applied, if one was.
        table: In which format the same rows stand beside the report.

    Raises:
        OSError: It cannot be written.
    """
    counts = journal.counts()
    judged = counts.images - counts.errors
    numbers = journal.histogram(BINS)
    actions = journal.actions()
    to_act_on = sum(count for action, count in actions if action != Action.PUBLISH)
    facts = {
        "counts": counts,
        "judged": judged,
        "grounds": journal.grounds(),
        "actions": actions,
        "action_word": action_word,
        "to_act_on": to_act_on,
        "policy": policy,
        "model": model,
        "index": index,
        "table": layout.results(table),
        "made": datetime.now(UTC),
        "pages": max(1, -(-judged // ROWS)),
        "error_pages": -(-counts.errors // ROWS),
        "similar_pages": -(-counts.similar // ROWS),
        "action_pages": -(-to_act_on // ROWS),
        "page": layout.page,
        "action_page": layout.action_page,
        "error_page": layout.error_page,
        "similar_page": layout.similar_page,
        "thumb": layout.thumb,
        "style": layout.STYLE,
        "rows_per_page": ROWS,
    }
    inside = out / layout.INSIDE
    inside.mkdir(exist_ok=True)
    for pattern in ("page-*.html", "errors-*.html", "similar-*.html", "actions-*.html"):
        for stale in inside.glob(pattern):
            stale.unlink()
    write_whole(out / layout.STYLE, STYLE.read_bytes())

    for number, rows in enumerate(_pages(journal.errors()), 1):
        _write(out, layout.error_page(number), "errors", facts, number=number, rows=rows)
    for number, rows in enumerate(_pages(journal.to_act_on()), 1):
        _write(out, layout.action_page(number), "actions", facts, number=number, rows=rows)
    for number, rows in enumerate(_pages(journal.similar()), 1):
        _write(out, layout.similar_page(number), "similar", facts, number=number, rows=rows)
    first: list[ScanRow] = []
    for number, rows in enumerate(_pages(journal.judged()), 1):
        if number == 1:
            first = rows
        else:
            _write(out, layout.page(number), "page", facts, number=number, rows=rows)
    # Last: whoever opens it finds the pages that it links to.
    _write(out, layout.REPORT, "first", facts, number=1, rows=first, bars=bars(numbers, ROWS))


def _pages(rows: Iterable[ScanRow]) -> Iterator[list[ScanRow]]:
    source = iter(rows)
    while page := list(islice(source, ROWS)):
        yield page


def _write(out: Path, place: str, template: str, facts: dict[str, Any], **values: object) -> None:
    folder = PurePosixPath(place).parent

    def link(target: str) -> str:
        inside = PurePosixPath(target)
        if str(folder) == ".":
            return target
        if inside.is_relative_to(folder):
            return str(inside.relative_to(folder))
        return f"../{target}"

    text = render(f"scan/{template}.html.j2", **facts, **values, link=link)
    write_whole(out / place, text.encode("utf-8"))
