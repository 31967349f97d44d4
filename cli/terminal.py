"""How a run talks to whoever called it: results on standard output, the rest on standard error."""

import logging
import os
import shutil
import sys
import textwrap
from dataclasses import dataclass
from typing import Annotated

import typer

from core.text import printable

WIDEST = 100
"""Columns that a text uses at most: longer lines are hard to read."""

NARROWEST = 40

LONGEST = 2000
"""Characters of a text that are shown: a prompt may be a page long."""

log = logging.getLogger("rakkan")
"""What is said on standard error: warnings, notes (info) and details (debug)."""


@dataclass
class Manner:
    """What the options of a run say about how it shall talk.

    Attributes:
        json: The caller is a program: failures are JSON on standard output.
        verbose: Say what is done, and show where a failure came from.
    """

    json: bool = False
    verbose: bool = False


def manner(context: typer.Context) -> Manner:
    """The one of this run."""
    return context.find_root().ensure_object(Manner)


def _quiet(context: typer.Context, asked: bool) -> None:
    if asked:
        log.setLevel(logging.ERROR)


def _verbose(context: typer.Context, asked: bool) -> None:
    if asked:
        manner(context).verbose = True
        log.setLevel(logging.DEBUG)


def _json(context: typer.Context, asked: bool) -> bool:
    if asked:
        manner(context).json = True
    return asked


Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet",
        "-q",
        callback=_quiet,
        expose_value=False,
        help="Say nothing on standard error but what failed.",
    ),
]
Verbose = Annotated[
    bool,
    typer.Option(
        "--verbose",
        "-v",
        callback=_verbose,
        expose_value=False,
        help="Say more on standard error: what is used, how long it took, where it failed.",
    ),
]
AsJson = Annotated[
    bool, typer.Option("--json", callback=_json, help="Print a JSON document, failures included.")
]
AsJsonLines = Annotated[
    bool,
    typer.Option("--jsonl", callback=_json, help="Print one line of JSON for each file."),
]


class _StandardError(logging.Handler):
    """Writes each message as it is to what is standard error at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(f"{record.getMessage()}\n")
        sys.stderr.flush()


def prepare_log() -> None:
    """Let warnings and notes be said on standard error."""
    log.handlers = [_StandardError()]
    log.propagate = False
    log.setLevel(logging.INFO)


def is_quiet() -> bool:
    """Whether nothing shall be said but what failed."""
    return not log.isEnabledFor(logging.INFO)


def width() -> int:
    """Columns for a text: those of the terminal, or else of `COLUMNS`, or else 80; at most 100."""
    return max(NARROWEST, min(WIDEST, shutil.get_terminal_size().columns))


def is_terminal() -> bool:
    """Whether standard output is read by a person, and not by a file or another program."""
    return sys.stdout.isatty() or bool(os.environ.get("FORCE_COLOR"))


def paragraph(text: str) -> list[str]:
    """A text as lines."""
    return _lines(text)


def item(text: str) -> list[str]:
    """One point of a list, as lines."""
    words = printable(text, LONGEST)
    return _lines(words[:1].upper() + words[1:], "- ", "  ")


def more(text: str, *, hanging: str = "") -> list[str]:
    """What belongs to the point before it, as lines.

    Args:
        text: The words.
        hanging: By how much the lines after the first are indented besides.
    """
    return _lines(printable(text, LONGEST), "    ", "    " + hanging)


def _lines(text: str, first: str = "", rest: str = "") -> list[str]:
    # Words are never broken: a path could not be copied.
    return textwrap.wrap(
        text,
        width(),
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
