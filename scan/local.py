"""The scan on one machine: source, judge, sink."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from core.text import valid
from imaging import DecodedImage, thumbnail
from scan import layout
from scan.errors import IndexChangedError
from scan.fetching import Fetcher, Fresh
from scan.journal import Journal
from scan.layout import TableFormat
from scan.report import write_report
from scan.rules import Rules
from scan.summary import Progress, Summary
from scan.tables import write_documents, write_table
from scan.works import show_works
from serving.judge import Judge
from serving.sources.files import count, items
from similarity.errors import StateEnded

THUMB_SIDE = 192
"""Longest side of a thumbnail in pixels."""


def _untold(step: str) -> None:
    """Tell nobody."""


def scan(
    paths: Sequence[Path],
    out: Path,
    judge: Judge,
    *,
    account: str | None = None,
    rules: Rules | None = None,
    table: TableFormat = TableFormat.PARQUET,
    workers: int = 2,
    resume: bool = False,
    progress: Callable[[Progress], None] | None = None,
    step: Callable[[str], None] = _untold,
) -> Summary:
    """Scan files, folders and archives into a table and a report.

    A kill loses the batch that is judged, and where an index is searched the one before.

    Args:
        paths: What to scan; see `serving.sources.files.items`.
        out: The output folder; made if absent.
        judge: Judges the images; its limits bound what is read, too.
        account: Whose uploads they are; works of its own creator do not count.
        rules: Under which every image is decided about, also those of an earlier run; None for
            no decisions.
        table: In which format the table is written.
        workers: Threads that read, decode and search.
        resume: Go on with the scan in `out`, if there is one.
        progress: Called after each batch.
        step: Called with what is done, as `writing the table`, once all images are judged.

    Raises:
        ScanError: The output folder cannot be used, the journal not be written, or works were
            taken out of the index meanwhile.
        OSError: Writing failed.
    """
    judge = judge.at_one_state()
    with closing(Journal.open(out, identity(paths, judge, account), resume=resume)) as journal:
        total = _Total(paths, out)
        fresh = Fresh(items(paths, judge.limits, exclude=out), journal)
        fetch = Fetcher(journal)
        started = last = time.monotonic()
        new = 0
        judged = judge.stream(fresh, fetch, look=_Thumbnails(out), account=account, workers=workers)
        with closing(judged), _one_state(out):
            for batch in judged:
                now = time.monotonic()
                journal.write(batch, now - last)
                fetch.written(one.payload.sha256 for one in batch if one.payload.sha256)
                last = now
                new += len(batch)
                if progress is not None:
                    done = fresh.known + new
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


def identity(paths: Sequence[Path], judge: Judge, account: str | None) -> dict[str, str]:
    """What the rows of a scan depend on, by name: a resumed scan has the same.

    Args:
        paths: What is scanned.
        judge: Judges the images.
        account: Whose uploads they are.
    """
    made = judge.made_by
    detector, similarity = made.detector, made.similarity
    return {
        "version": made.version,
        "model": f"{detector.name} {detector.sha256}",
        "encoder": made.encoder,
        "precision": made.precision,
        "limits": ", ".join(f"{name} {value}" for name, value in vars(judge.limits).items()),
        "readers": ", ".join(made.readers),
        "index": judge.index or "none",
        "similarity model": f"{similarity.name} {similarity.sha256}" if similarity else "none",
        "account": valid(account or "none"),
        "paths": ", ".join(valid(str(path)) for path in paths),
    }


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


class _Thumbnails:
    """Writes a thumbnail of every image; called from many threads."""

    def __init__(self, out: Path) -> None:
        self._out = out

    def __call__(self, image: DecodedImage) -> None:
        path = self._out / layout.thumb(image.sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(thumbnail(image, THUMB_SIDE))


class _Total:
    """Counts the items in the background.

    Attributes:
        value: How many there are; None while or where that is unknown.
    """

    def __init__(self, paths: Sequence[Path], out: Path) -> None:
        self.value: int | None = None
        threading.Thread(target=self._run, args=(paths, out), name="count", daemon=True).start()

    def _run(self, paths: Sequence[Path], out: Path) -> None:
        self.value = count(paths, exclude=out)
