"""How every benchmark is started: common options, one line for what is missing, and its record.

A benchmark's module is run: `python -m benchmarks.scan --help` says what it measures.
"""

import inspect
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from core.errors import RakkanError

Data = Annotated[
    Path,
    typer.Option(
        "--data",
        envvar="RAKKAN_DATA",
        exists=True,
        file_okay=False,
        show_default=False,
        help="Folder of the images, with their manifest.csv.",
    ),
]
Out = Annotated[
    Path | None, typer.Option("--out", dir_okay=False, help="Write the figures as JSON.")
]
Threads = Annotated[int, typer.Option("--threads", min=1, help="CPU threads.")]
Rounds = Annotated[int, typer.Option("--rounds", min=1, help="Turns of each contestant.")]


def command(main: Callable[..., None]) -> typer.Typer:
    """A benchmark as a command: its parameters are the options, its module's text the help."""
    module = inspect.getmodule(main)
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command(help=inspect.getdoc(module) if module else None)(main)
    return app


def run(main: Callable[..., None], arguments: Sequence[str] | None = None) -> None:
    """Run a benchmark as a command.

    What is missing or cannot be is one line on standard error, and exit code 1; wrong usage is 2.

    Args:
        main: The benchmark.
        arguments: Of the command; None for those of this process.
    """
    try:
        command(main)(arguments)
    except RakkanError as error:
        sys.exit(f"{Path(inspect.getfile(main)).stem}: {error}")


def write(out: Path | None, record: Mapping[str, Any]) -> None:
    """Write figures as JSON, if that is asked for."""
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(record, indent=1) + "\n", "utf-8")
