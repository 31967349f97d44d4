"""A scan: source, engine, sink."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from scan import layout
from scan.engine import Engine
from scan.errors import IndexChangedError
from scan.identity import identity
from scan.journal import Journal
from scan.layout import TableFormat
from scan.local import Local
from scan.report import write_report
from scan.rules import Rules
from scan.summary import Progress, Summary
from scan.tables import write_documents, write_table
from scan.works import show_works
from serving.judge import Judge
from serving.sources.source import Source
from similarity.errors import StateEnded


def _untold(step: str) -> None:
    """Tell nobody."""


def scan(
    source: Source | Sequence[Path | str],
    out: Path,
    judge: Judge,
    *,
    account: str | None = None,
    rules: Rules | None = None,
    table: TableFormat = TableFormat.PARQUET,
    workers: int = 2,
    engine: Engine | None = None,
    resume: bool = False,
    progress: Callable[[Progress], None] | None = None,
    step: Callable[[str], None] = _untold,
) -> Summary:
    """Scan files, folders and archives into a table and a report.

    A kill loses the batch that is judged, and where an index is searched the one before.

    Args:
        source: What to scan, or where that lies; see `serving.sources.source.Source`.
        out: The output folder; made if absent.
        judge: Judges the images; its limits bound what is read, too.
        account: Whose uploads they are; works of its own creator do not count.
        rules: Under which every image is decided about, also those of an earlier run; None for
            no decisions.
        table: In which format the table is written.
        workers: Threads that read, decode and search.
        engine: What runs it; None for this process, with the judge and the workers.
        resume: Go on with the scan in `out`, if there is one.
        progress: Called after each batch.
        step: Called with what is done, as `writing the table`, once all images are judged.

    Raises:
        ScanError: The output folder cannot be used, the journal not be written, works were taken
            out of the index meanwhile, or the engine fails.
        MissingExtra: A package that reads the source is not installed.
        OSError: Writing failed, or a list of the source cannot be read.
    """
    if not isinstance(source, Source):
        source = Source(tuple(source))
    judge = judge.at_one_state()
    with closing(Journal.open(out, identity(source, judge, account), resume=resume)) as journal:
        total = _Total(source, out)
        started = last = time.monotonic()
        new = 0
        run = engine or Local(workers)
        found = run.judged(source, out, judge, journal, account)
        with closing(found), _one_state(out):
            for batch in found:
                now = time.monotonic()
                journal.write(batch.judged, now - last)
                last = now
                new += len(batch.judged)
                if progress is not None:
                    done = batch.known + new
                    progress(Progress(done, total.value, now - started, new, journal.counts))
        if rules is not None:
            step("deciding under the policy")
        journal.decide(None if rules is None else rules.decide)
        step("writing the table")
        results = out / layout.results(table)
        if table is TableFormat.JSONL:
            write_documents(journal.entries(), results)
        else:
            write_table(journal.rows(), results, table)
        step("writing the report")
        works = show_works(journal.works(), out, judge.limits, workers)
        write_report(
            journal,
            out,
            judge.model,
            index=judge.index,
            policy=None if rules is None else rules.policy,
            works=works,
            table=table,
        )
        return Summary(journal.counts(), results, out / layout.REPORT, tuple(journal.actions()))


@contextmanager
def _one_state(out: Path) -> Iterator[None]:
    """Say what to do where the index does not stay as it was.

    Raises:
        IndexChangedError: Works were taken out of it.
    """
    try:
        yield
    except StateEnded as error:
        raise IndexChangedError(
            "works were taken out of the index during the scan, and are found by nobody any more:"
            f" scan into another folder than {out}"
        ) from error


class _Total:
    """Counts the items in the background.

    Attributes:
        value: How many there are; None while or where that is unknown.
    """

    def __init__(self, source: Source, out: Path) -> None:
        self.value: int | None = None
        threading.Thread(target=self._run, args=(source, out), name="count", daemon=True).start()

    def _run(self, source: Source, out: Path) -> None:
        self.value = source.count(passed_over=out)
