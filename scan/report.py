"""The journal to a report for people: one page with figures, and all images to be filtered in it.

It needs nothing but a browser, and is opened from its folder. The page itself holds the figures and
the first images; the rest stands in script files (`scan.columns`), which are written one by one:
memory does not grow.
"""

from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from core.files import write_whole
from labelling import ResolvedPolicy
from labelling.wording import action_word
from pages import STYLE, render
from pages.scan import SCRIPTS
from scan import layout
from scan.cards import Card, Dealer
from scan.columns import write_columns
from scan.histogram import bars
from scan.journal import Journal
from scan.layout import TableFormat
from serving.figures import ModelDescription

FIRST = 100
"""Images that the page itself holds."""

MOST = 1_000_000
"""Images that a browser is asked to hold; those that a person must look at come first."""

BINS = 20

SKIPPED = 50
"""Files that are no images and are named."""


def write_report(
    journal: Journal,
    out: Path,
    model: ModelDescription,
    *,
    index: str | None = None,
    policy: ResolvedPolicy | None = None,
    works: frozenset[str] = frozenset(),
    table: TableFormat = TableFormat.PARQUET,
) -> None:
    """Write the report of a finished scan.

    Args:
        journal: Where the rows come from.
        out: The output folder; thumbnails are there already.
        model: What the report says about the model.
        index: Names the state of the index that was searched, if one was.
        policy: That was applied, if one was.
        works: Digests of the enrolled works whose thumbnails are there.
        table: In which format the same rows stand beside the report.

    Raises:
        OSError: It cannot be written.
    """
    inside = out / layout.INSIDE
    inside.mkdir(exist_ok=True)
    for pattern in ("*.html", "*.js"):
        for stale in inside.glob(pattern):
            stale.unlink()
    for part in (STYLE, *SCRIPTS):
        write_whole(inside / part.name, part.read_bytes())
    rows = islice(journal.listed(), MOST)
    written = write_columns(rows, out, Dealer(out, model, works), first=FIRST)
    reading, *showing = (layout.script(part.name) for part in SCRIPTS)
    actions = journal.actions()
    text = render(
        "scan/report.html.j2",
        scan=journal.id,
        counts=journal.counts(),
        skipped=journal.skipped(SKIPPED),
        grounds=journal.grounds(),
        actions=actions,
        action_words=[(action, action_word(action).lower()) for action, _ in actions],
        action_word=action_word,
        bars=bars(journal.histogram(BINS)),
        policy=policy,
        model=model,
        ai_from=model.ai_from,
        human_below=model.human_below,
        index=index,
        table=layout.results(table),
        made=datetime.now(UTC),
        style=layout.STYLE,
        scripts=[reading, *map(layout.index, range(1, written.indices + 1)), *showing],
        cards=written.first,
        listed=written.rows,
        blank=Card(),
    )
    # Last: whoever opens it finds the files that it loads.
    write_whole(out / layout.REPORT, text.encode("utf-8"))
