"""The uploads that a command is given: files, or what stands on standard input."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import typer

from cli.failures import FAILED, failure
from cli.paths import STANDARD_INPUT
from core.text import printable, valid
from imaging import ImagingError, Limits, UnsupportedFormat
from serving.errors import SourceError
from serving.sources.files import read_image_file
from serving.sources.item import read_image

Answer = TypeVar("Answer")


def answers(
    files: Sequence[Path], act: Callable[[bytes], Answer], *, as_jsonl: bool
) -> Iterator[tuple[Path, Answer]]:
    """What comes of each file, in their order.

    Of several files, one that cannot be used does not end the others: it is told.

    Args:
        files: Paths; `-` for standard input.
        act: Makes the answer of a file's bytes.
        as_jsonl: Whether what fails is told as a line of JSON on standard output.

    Raises:
        ImagingError: The only file is no image, or is refused.
        SourceError: The only file cannot be read.
        Exit: None of several could be used.
    """
    answered = False
    for file in files:
        try:
            answer = act(_read(file, Limits()))
        except (ImagingError, SourceError) as error:
            if len(files) == 1 and not as_jsonl:
                raise
            _tell(file, error, as_jsonl)
            continue
        answered = True
        yield file, answer
    if not answered:
        raise typer.Exit(FAILED)


def _read(path: Path, limits: Limits) -> bytes:
    if path != STANDARD_INPUT:
        return read_image_file(path, limits)
    data = read_image(sys.stdin.buffer, str(path), 0, limits)
    if data is None:
        raise UnsupportedFormat(
            "What stands on standard input is not an image in a format that is read."
        )
    return data


def _tell(file: Path, error: Exception, as_jsonl: bool) -> None:
    failed = failure(error)
    if as_jsonl and failed is not None:
        typer.echo(json.dumps({"path": valid(str(file)), **failed.document()}))
    else:
        typer.echo(f"rakkan: {printable(str(file))}: {error}", err=True)
