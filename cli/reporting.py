"""Telling a person how far a long command has come, on standard error."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from cli.terminal import is_quiet
from core.text import duration

QUIET_SECONDS = 30.0
"""Between two lines where there is no terminal to draw a bar on."""


class Tell(Protocol):
    """Is told how far it has come."""

    def __call__(self, done: int, total: int | None, *, new: int | None = None) -> None:
        """Tell.

        Args:
            done: Items done.
            total: Of so many; None while unknown.
            new: Items done by this run, for the rate; by default all of them.
        """
        ...


@contextmanager
def progress(what: str) -> Iterator[Tell]:
    """A bar with rate and time left on a terminal; else a line every half a minute.

    Args:
        what: The items, in the plural.
    """
    if is_quiet():
        yield _nothing
        return
    console = Console(stderr=True)
    started = time.monotonic()
    if not console.is_terminal:
        yield _Lines(what, started)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}"),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=None, pace="")

        def tell(done: int, total: int | None, *, new: int | None = None) -> None:
            words = pace(done, total, done if new is None else new, time.monotonic() - started)
            bar.update(task, completed=done, total=total, pace=words)

        yield tell


def _nothing(done: int, total: int | None, *, new: int | None = None) -> None:
    """Tell nobody."""


class _Lines:
    def __init__(self, what: str, started: float) -> None:
        self._what = what
        self._started = self._last = started

    def __call__(self, done: int, total: int | None, *, new: int | None = None) -> None:
        now = time.monotonic()
        if now - self._last < QUIET_SECONDS:
            return
        self._last = now
        of = "" if total is None else f" of {total:,}"
        words = pace(done, total, done if new is None else new, now - self._started)
        sys.stderr.write(f"{done:,}{of} {self._what}, {words}\n")
        sys.stderr.flush()


def pace(done: int, total: int | None, new: int, seconds: float) -> str:
    """The rate, and the time left where it can be told: `18.1 / s, 8 min 2 s left`."""
    if not new or seconds <= 0:
        return ""
    rate = new / seconds
    if total is None or total < done:
        return f"{rate:.1f} / s"
    return f"{rate:.1f} / s, {duration((total - done) / rate)} left"
