"""Files, folders and archives to items, lazily and in a stable order."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from core.text import printable, valid
from imaging import Limits, UnsupportedFormat
from serving.errors import SourceError
from serving.sources import archives
from serving.sources.item import File, Item, Locator, broken, read_image, reason

Inode = tuple[int, int]

KINDS = (
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def items(paths: Iterable[Path], limits: Limits, *, exclude: Path | None = None) -> Iterator[Item]:
    """What may be an image under the given paths.

    Args:
        paths: Files, folders (walked in order of name) and archives (.zip, .tar, .tar.gz, ...).
        limits: Bounds on what is read of one image.
        exclude: A folder that is passed over: the one that the scan writes to.
    """
    for file in walk(paths, exclude=exclude):
        yield from within(file, limits, partial(read_file, file.path, limits))


def within(
    file: File, limits: Limits, read: Callable[[], bytes | None], column: str | None = None
) -> Iterator[Item]:
    """What may be an image in a file: itself, or each member of an archive.

    Args:
        file: The file.
        limits: Bounds on what is read of one image.
        read: Reads the file itself, if it is an image.
        column: See `serving.sources.archives.members`.
    """
    if file.error is not None:
        yield broken(file.name, file.error)
    elif archives.is_archive(file.name):
        yield from archives.members(file, limits, column=column)
    else:
        yield Item(file.name, file.size, file.stamp, read, locator=Locator(file.path))


def count(paths: Iterable[Path], *, exclude: Path | None = None) -> int | None:
    """How many items there are; None where that takes reading a whole archive.

    Opens nothing but the directories of archives.
    """
    total = 0
    for file in walk(paths, exclude=exclude):
        number = 1
        if file.error is None and archives.is_archive(file.name):
            known = archives.count(file)
            if known is None:
                return None
            number = known
        total += number
    return total


def walk(paths: Iterable[Path], *, exclude: Path | None = None) -> Iterator[File]:
    """The files under the given paths; a path inside another one is not walked twice."""
    given = list(dict.fromkeys(paths))
    for path in (path for path in given if "\0" in str(path)):
        yield File(valid(str(path)), str(path), error="A name that no file can have.")
    given = [path for path in given if "\0" not in str(path)]
    real = {os.path.realpath(path) for path in given}
    done: set[str] = set()
    excluded = _inode(exclude) if exclude is not None else None
    followed: set[Inode] = set()
    for path in given:
        place = os.path.realpath(path)
        if place in done or not real.isdisjoint(map(str, Path(place).parents)):
            continue
        done.add(place)
        yield from _walk(os.fspath(path), followed, excluded)


def _inode(path: Path) -> Inode | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _walk(path: str, followed: set[Inode], excluded: Inode | None) -> Iterator[File]:
    """One given path, and what is below it.

    Args:
        path: The path.
        followed: Folders reached through a link so far. Each is read once that way, since links
            among folders can make more paths than anybody could read.
        excluded: The folder to pass over.
    """
    # Not recursive: a tree may be deeper than Python's stack.
    waiting: list[tuple[str, frozenset[Inode]]] = [(path, frozenset())]
    while waiting:
        path, above = waiting.pop()
        name = valid(path)
        try:
            status = Path(path).stat()
            linked = Path(path).is_symlink()
        except OSError as error:
            yield File(name, path, error=reason(error))
            continue
        inode = (status.st_dev, status.st_ino)
        if stat.S_ISREG(status.st_mode):
            yield File(name, path, status.st_size, status.st_mtime_ns)
        elif not stat.S_ISDIR(status.st_mode):
            yield File(name, path, error=_special(status.st_mode))
        elif inode == excluded:
            continue
        elif inode in above:
            yield File(
                name, path, error="A symbolic link to a folder that it lies in: not followed."
            )
        elif linked and above and inode in followed:
            yield File(
                name,
                path,
                error="A symbolic link to a folder that was read through another link already.",
            )
        else:
            if linked and above:
                followed.add(inode)
            try:
                inside = sorted(map(str, Path(path).iterdir()), reverse=True)
            except OSError as error:
                yield File(name, path, error=reason(error))
                continue
            below = above | {inode}
            waiting.extend((child, below) for child in inside)


def _special(mode: int) -> str:
    kind = next((kind for test, kind in KINDS if test(mode)), "something else")
    return f"Not a regular file but {kind}."


def read_image_file(path: Path, limits: Limits) -> bytes:
    """Read a file that has to be an image.

    Raises:
        UnsupportedFormat: It is none.
        SourceError: It cannot be read, or is too long.
    """
    data = read_file(path, limits)
    if data is None:
        raise UnsupportedFormat(f"{printable(path.name)} is not an image in a format that is read.")
    return data


def read_file(path: str | Path, limits: Limits) -> bytes | None:
    """Read a file if it is an image; see `serving.sources.item.read_image`.

    Raises:
        SourceError: It cannot be read, or is too long.
    """
    try:
        # Without O_NONBLOCK, a pipe put in the file's place since it was found would block.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as stream:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise SourceError(_special(status.st_mode))
            return read_image(stream, os.fspath(path), status.st_size, limits)
    except OSError as error:
        raise SourceError(reason(error)) from error
