"""What is scanned: where it lies, and what of it is wanted."""

import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from itertools import chain, groupby, islice
from pathlib import Path
from typing import IO

from braceexpand import braceexpand

from core.text import valid
from imaging import Limits
from serving.sources import addresses, files
from serving.sources.item import File, Item

STANDARD_INPUT = "-"

ASKED_AT_ONCE = 32
"""Addresses of a list that are asked for at once: each answer takes a while."""

LONGEST_LINE = 1 << 16
"""Bytes of one line of a list; no path is as long."""


@dataclass(frozen=True)
class Source:
    """What is scanned.

    Patterns are those of a shell, compared with the whole path as the table shows it; `*` stands
    for any characters, also for `/`.

    Attributes:
        places: Files, folders and archives. A text may also be an address, or hold lists in braces,
            as `shard-{000..009}.tar`; a `Path` is a path.
        lists: Files that name further ones, one a line; `-` is standard input.
        include: Patterns of what is wanted; none for all.
        exclude: Patterns of what is not wanted, with all that lies below it.
        column: Of Parquet files that holds the images; None for the one that is found there.
    """

    places: tuple[Path | str, ...] = ()
    lists: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    column: str | None = None

    @property
    def name(self) -> str:
        """Says on what the items depend, without what may be secret."""
        options = {
            "--from-list": self.lists,
            "--include": self.include,
            "--exclude": self.exclude,
            "--column": () if self.column is None else (self.column,),
        }
        told = [shown(str(place)) for place in self.places]
        told += [
            f"{option} {valid(value)}" for option, values in options.items() for value in values
        ]
        return ", ".join(told)

    def items(self, limits: Limits, *, passed_over: Path | None = None) -> Iterator[Item]:
        """What may be an image, lazily and in a stable order.

        Args:
            limits: Bounds on what is read of one image.
            passed_over: A folder that is passed over: the one that the scan writes to.

        Raises:
            OSError: A list cannot be read.
        """
        for file in self.files(passed_over=passed_over):
            yield from self.within(file, limits)

    def within(self, file: File, limits: Limits) -> Iterator[Item]:
        """What is wanted of one of the files: itself, or members of an archive."""
        for item in files.within(file, limits, partial(read, file, limits), self.column):
            # What is wrong with a whole folder or archive is told, whatever its name.
            whole = item.path == file.name and item.locator is None
            if whole or self._wants(item.path):
                yield item

    def files(self, *, passed_over: Path | None = None) -> Iterator[File]:
        """The files, archives not opened; see `items`."""
        found = chain(
            _walked(chain.from_iterable(map(_expanded, self.places)), passed_over),
            *(_listed(name, passed_over) for name in self.lists),
        )
        return (file for file in found if not self._excludes(file.name))

    def count(self, *, passed_over: Path | None = None) -> int | None:
        """How many items there are; None where that takes reading what will be read anyway."""
        if self.lists or self.include or self.exclude or any(map(_is_elsewhere, self.places)):
            return None
        here = chain.from_iterable(map(_expanded, self.places))
        return files.count(map(Path, here), exclude=passed_over)

    def _wants(self, path: str) -> bool:
        wanted = not self.include or any(fnmatchcase(path, one) for one in self.include)
        return wanted and not self._excludes(path)

    def _excludes(self, path: str) -> bool:
        return any(fnmatchcase(path, one) or fnmatchcase(path, f"{one}/*") for one in self.exclude)


def shown(place: str) -> str:
    """A path or an address as it may be shown."""
    return addresses.shown(place) if addresses.is_address(place) else valid(place)


def file_at(path: str) -> File | None:
    """The file at a path or an address; None where there is none that can be read."""
    if addresses.is_address(path):
        found = addresses.found_at(path)
        return found if found is not None and found.error is None else None
    place = Path(path)
    if not place.is_file():
        return None
    return next((file for file in files.walk([place]) if file.error is None), None)


def read(file: File, limits: Limits) -> bytes | None:
    """Read a file if it is an image.

    Raises:
        SourceError: It cannot be read, or is too long.
    """
    if addresses.is_address(file.path):
        return addresses.read_address(file, limits)
    return files.read_file(file.path, limits)


def _is_elsewhere(place: Path | str) -> bool:
    return isinstance(place, str) and addresses.is_address(place)


def _expanded(place: Path | str) -> Iterable[str]:
    """A place, or the places that its braces stand for."""
    text = str(place)
    if isinstance(place, Path) or "{" not in text or os.path.lexists(text):
        return (text,)
    try:
        found: Iterable[str] = braceexpand(text)
    except ValueError:  # braces that are not closed
        return (text,)
    return found


def _walked(places: Iterable[str], passed_over: Path | None) -> Iterator[File]:
    for remote, some in groupby(places, addresses.is_address):
        if remote:
            yield from chain.from_iterable(map(addresses.walk, some))
        else:
            yield from files.walk(map(Path, some), exclude=passed_over)


def _listed(name: str, passed_over: Path | None) -> Iterator[File]:
    """What the lines of a list name, in their order."""
    with _lines(name) as lines:
        look = partial(_of_line, passed_over=passed_over)
        yield from chain.from_iterable(_ahead(look, lines, ASKED_AT_ONCE))


def _of_line(place: str, passed_over: Path | None) -> Iterable[File]:
    if not addresses.is_address(place):
        return files.walk([Path(place)], exclude=passed_over)
    file = addresses.found_at(place)
    return addresses.walk(place) if file is None else (file,)


def _ahead(
    function: Callable[[str], Iterable[File]], values: Iterator[str], most: int
) -> Iterator[Iterable[File]]:
    """The results of a function, in order, computed in threads a little ahead."""
    with ThreadPoolExecutor(most, thread_name_prefix="list") as pool:
        pending: deque[Future[Iterable[File]]] = deque()
        try:
            while True:
                for value in islice(values, 2 * most - len(pending)):
                    pending.append(pool.submit(function, value))
                if not pending:
                    return
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()


@contextmanager
def _lines(name: str) -> Iterator[Iterator[str]]:
    """The lines of a list that are not empty."""
    if name == STANDARD_INPUT:
        yield _texts(sys.stdin.buffer)
        return
    with Path(name).open("rb") as stream:
        yield _texts(stream)


def _texts(stream: IO[bytes]) -> Iterator[str]:
    while line := stream.readline(LONGEST_LINE):
        if text := os.fsdecode(line.rstrip(b"\r\n")):
            yield text
