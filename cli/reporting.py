"""Telling a person how far a long command has come, on standard error."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
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
    with _bar(console) as bar:
        yield _Bar(bar, what, started)


@contextmanager
def steps(what: str) -> Iterator[tuple[Tell, Callable[[str], None]]]:
    """How far the items are, as `progress` tells it, and what is done once they are there.

    The bar ends where a step begins. On a terminal a step turns until it is done, and leaves a line
    that says how long it took; else there is a line when it begins.

    Args:
        what: The items, in the plural.

    Yields:
        What is told of the items, and what is told the name of each step: `fitting the head`.
    """
    console = Console(stderr=True)
    if is_quiet() or not console.is_terminal:
        with progress(what) as tell:
            yield tell, _say_nothing if is_quiet() else _say
        return
    with on_terminal(console, what) as told:
        yield told


@contextmanager
def on_terminal(console: Console, what: str) -> Iterator[tuple[Tell, Callable[[str], None]]]:
    """What `steps` does on a terminal."""
    started = time.monotonic()
    with ExitStack() as shown:
        tell = _Bar(shown.enter_context(_bar(console)), what, started)

        def step(name: str) -> None:
            shown.close()  # the bar, or the step before
            shown.enter_context(_turning(console, _sentence(name)))

        yield tell, step


@contextmanager
def _turning(console: Console, words: str) -> Iterator[None]:
    begun = time.monotonic()
    with console.status(f"{words} ..."):
        yield
    console.print(f"{words}: {duration(time.monotonic() - begun)}")


def _bar(console: Console) -> Progress:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}"),
    )
    return Progress(*columns, console=console, transient=True)


class _Bar:
    def __init__(self, bar: Progress, what: str, started: float) -> None:
        self._bar, self._started = bar, started
        self._task = bar.add_task(what, total=None, pace="")

    def __call__(self, done: int, total: int | None, *, new: int | None = None) -> None:
        seconds = time.monotonic() - self._started
        words = pace(done, total, done if new is None else new, seconds)
        self._bar.update(self._task, completed=done, total=total, pace=words)


def _say(step: str) -> None:
    sys.stderr.write(f"{_sentence(step)} ...\n")
    sys.stderr.flush()


def _say_nothing(step: str) -> None:
    """Say nothing."""


def _sentence(step: str) -> str:
    return f"{step[:1].upper()}{step[1:]}"


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
