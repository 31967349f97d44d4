"""The process that does one scan: `python -m scan.jobs.worker FOLDER ARCHIVES [--index PLACE]`.

It lives as long as its standard input is open, which whoever started it holds: however a server
ends, its worker ends with it, and the next one goes on.
"""

import argparse
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import RakkanError
from labelling.policy.library import open_policy
from scan import layout
from scan.errors import IndexChangedError, OtherScanError
from scan.jobs.job import (
    REQUEST,
    JobRequest,
    JobState,
    read_request,
    read_state,
    write_state,
)
from scan.jobs.place import place_of
from scan.journal_file import NAME
from scan.rules import Rules
from scan.run import scan
from scan.summary import Progress, Summary
from serving.judge import Judge
from serving.opening import open_judge
from serving.settings import Settings

NICE = 19
"""The lowest priority: uploads go first."""

TRIES = 3
"""How often a scan begins anew where the model or the index became another meanwhile."""

EVERY = 1.0
"""Seconds between two counts of what was done, at least."""

SHARE = 50
"""What a count takes, this many times, is what lies between two counts, at least."""

Opening = Callable[[Settings, str | None], Judge]


def opened(settings: Settings, index: str | None) -> Judge:
    """What judges, as `rakkan scan` opens it.

    Args:
        settings: Where everything lies.
        index: Place of the index that is searched; None for no search.
    """
    return open_judge(settings, index=index, decode_again=False)


def main(arguments: Sequence[str] | None = None, opening: Opening = opened) -> None:
    """Do a scan; how it ends is written into its folder.

    Args:
        arguments: Of the command.
        opening: Opens what judges.
    """
    parser = argparse.ArgumentParser(prog="python -m scan.jobs.worker", description=__doc__)
    parser.add_argument("folder", type=Path, help="of the scan")
    parser.add_argument("archives", type=Path, help="folder below which all archives lie")
    parser.add_argument("--index", help="place of the index")
    given = parser.parse_args(arguments)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(NICE)
    request = read_request(given.folder)
    if request is None:
        return
    try:
        summary = _done(given.folder, given.archives, request, given.index, opening)
    except RakkanError as error:
        write_state(given.folder, read_state(given.folder).failed(error))
        return
    total = summary.counts.images + summary.counts.skipped
    write_state(given.folder, JobState(total, total, summary.counts, summary.actions, ended=True))


def _done(
    folder: Path, archives: Path, request: JobRequest, index: str | None, opening: Opening
) -> Summary:
    """Scan, or go on with it; anew where what was done was done by another model or index."""
    settings = Settings.of()
    place = place_of(archives, request.archive)
    rules = None
    if request.service is not None:
        rules = Rules.of_today(open_policy(request.service, settings.policies), request.account)
    with opening(settings, index if request.search else None) as judge:
        tries = 0
        while True:
            try:
                return scan(
                    [place],
                    folder,
                    judge,
                    account=request.account,
                    rules=rules,
                    workers=os.cpu_count() or 1,
                    resume=True,
                    progress=_Told(folder),
                )
            except (OtherScanError, IndexChangedError):
                tries += 1
                if tries == TRIES:
                    raise
                _clear(folder)


def _clear(folder: Path) -> None:
    """Forget what was done."""
    for path in (*folder.glob(f"{NAME}*"), *(folder / name for name in layout.OUTPUTS)):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


@dataclass
class _Told:
    """Writes down what was done, now and then; ends the process where nobody asks for it."""

    folder: Path
    after: float = 0.0

    def __call__(self, now: Progress) -> None:
        began = time.monotonic()
        if began < self.after:
            return
        if not (self.folder / REQUEST).exists():
            sys.exit(0)
        write_state(self.folder, JobState(now.done, now.total, now.counts()))
        took = time.monotonic() - began
        self.after = began + max(EVERY, SHARE * took)


def _end_with_parent() -> None:
    # Not by `sys.stdin`, whose lock the interpreter would wait for in vain at its end.
    while os.read(0, 1):
        pass
    # At once, as when killed: the journal is made for that.
    os._exit(1)


if __name__ == "__main__":
    main()
