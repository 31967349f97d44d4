"""Paths on the command line, checked before any work begins."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

STANDARD_INPUT = Path("-")

AllowMissing = Annotated[
    bool,
    typer.Option(
        "--allow-missing", help="Leave out rows whose image is not there, instead of failing."
    ),
]

_ONCE = "standard input (-) can be read only once"
_ADDRESS = re.compile(r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]+):/")
_DATABASE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+://")
_PATTERN = re.compile(r"[*?\[]")


def existing(path: Path) -> Path:
    """A file or folder that is there.

    Raises:
        BadParameter: It is not; says what to do, as far as can be guessed.
    """
    try:
        path.stat()
    except (OSError, ValueError) as error:  # ValueError: a null character
        raise typer.BadParameter(f"{_absence(path, error)}") from None
    return path


def all_existing(paths: list[Path]) -> list[Path]:
    """See `existing`; for an argument that may be repeated."""
    return [existing(path) for path in paths]


def scannable(places: list[str]) -> list[str]:
    """What can be scanned: a file or folder that is there, an address that can be reached.

    What holds lists in braces is not looked at, and `-` is standard input.

    Raises:
        BadParameter: One is not there, or standard input is named twice.
    """
    # Only here: the other commands need neither.
    from serving.errors import SourceError
    from serving.sources.addresses import is_address, require_reachable, shown

    if places.count(str(STANDARD_INPUT)) > 1:
        raise typer.BadParameter(_ONCE)
    for place in places:
        if place == str(STANDARD_INPUT) or ("{" in place and not os.path.lexists(place)):
            continue
        if not is_address(place):
            existing(Path(place))
            continue
        try:
            require_reachable(place)
        except SourceError as error:
            raise typer.BadParameter(f"{shown(place)}: {error}") from None
    return places


def absolute(place: str | None) -> str | None:
    """A place that is right in any current folder: a path, or the URL of a database."""
    if place is None or _DATABASE.match(place):
        return place
    return str(Path(place).absolute())


def existing_file(path: Path) -> Path:
    """A file that is there.

    Raises:
        BadParameter: It is not, or is a folder.
    """
    if existing(path).is_dir():
        raise typer.BadParameter(
            f"{path} is a folder: name its files, or use rakkan scan {path} --out DIR"
        )
    return path


def uploads(paths: list[Path]) -> list[Path]:
    """Files that are there, and `-` for standard input.

    Raises:
        BadParameter: One is not, or is a folder, or standard input is named twice.
    """
    if paths.count(STANDARD_INPUT) > 1:
        raise typer.BadParameter(_ONCE)
    return [path if path == STANDARD_INPUT else existing_file(path) for path in paths]


def writable(path: Path | None) -> Path | None:
    """A file to write, whose folder is there.

    Raises:
        BadParameter: The folder is not there.
    """
    if path is not None and not path.parent.is_dir():
        raise typer.BadParameter(f"the folder {path.parent} does not exist: make it first")
    return path


def writable_as(what: str, *suffixes: str) -> Callable[[Path | None], Path | None]:
    """Make a check that a file to write bears one of some suffixes, and that its folder is there.

    Args:
        what: What is written, as `the page is HTML`.
        suffixes: In lower case; the first is the one that is proposed.
    """

    def check(path: Path | None) -> Path | None:
        if path is not None and path.suffix.lower() not in suffixes:
            raise typer.BadParameter(f"{what}: name a file that ends in {suffixes[0]}")
        return writable(path)

    return check


def output_folder(path: Path) -> Path:
    """A folder to write to, which is there or can be made.

    Raises:
        BadParameter: It, or the nearest folder above it that exists, is a file.
    """
    nearest = next(one for one in (path, *path.absolute().parents) if one.exists())
    if not nearest.is_dir():
        raise typer.BadParameter(f"{nearest} is a file, not a folder")
    return path


def require_another_file(out: Path | None, file: Path, option: str) -> None:
    """Refuse to write over the image itself.

    Raises:
        BadParameter: They are the same file.
    """
    if out is not None and out.exists() and file.exists() and out.samefile(file):
        raise typer.BadParameter("it would replace the image", param_hint=option)


def _absence(path: Path, error: Exception) -> str:
    text = str(path)
    if found := _ADDRESS.match(text):
        how = " (curl -O ADDRESS)" if found["scheme"].lower().startswith("http") else ""
        return f"{text} is an address, and only rakkan scan reads these: fetch it first{how}"
    if _PATTERN.search(text):
        return f"{text} does not exist; a shell expands * and ? only where they stand unquoted"
    if isinstance(error, FileNotFoundError):
        return f"{text} does not exist"
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return f"{text} cannot be read: {reason}"
