"""Members of archives as items, read in place and never written to disk."""

import lzma
import posixpath
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import IO

from core.text import file_name, printable, valid
from imaging import Limits
from serving.errors import SourceError
from serving.sources import parquet
from serving.sources.bounded import Allowance, ForwardStream, open_stream
from serving.sources.item import File, Item, Locator, Readable, broken, read_image, reason

ZIP_SUFFIXES = (".zip", ".cbz")
TAR_SUFFIXES = (
    *(".tar", ".cbt", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tbz2"),
    *(".tar.xz", ".txz"),
)

DAMAGE = (
    *(EOFError, OSError, RuntimeError, ValueError, NotImplementedError, OverflowError),
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, struct.error),
)
"""What the standard library raises on archives that are damaged, encrypted or of a rare kind."""

DAMAGED = "The archive is damaged: what follows in it cannot be read."
NESTED = "An archive inside an archive is not opened: unpack it first."
UNENDED = "The archive is cut short or damaged after {last}: what follows cannot be read."
CLIMBS = "The member's path is absolute or has '..' in it: refused."


def is_archive(name: str) -> bool:
    """Whether a file is read as an archive: by its suffix alone."""
    return _is_packed(name) or name.lower().endswith(parquet.SUFFIXES)


def _is_packed(name: str) -> bool:
    return name.lower().endswith((*ZIP_SUFFIXES, *TAR_SUFFIXES))


def members(
    file: File, limits: Limits, *, start: int = 0, column: str | None = None
) -> Iterator[Item]:
    """The members of an archive as streamed items; what is wrong with it is an item too.

    Args:
        file: The archive; its stamp becomes that of each member.
        limits: Bounds on what is read of one member.
        start: The position of a member, as `Locator` has it. What lies before it need not come,
            and paths count the members of one name from there.
        column: Of a Parquet file that holds the images; None for the one that is found there.
    """
    allowance = Allowance.of(file.size)
    try:
        if file.name.lower().endswith(ZIP_SUFFIXES):
            yield from _zip_members(file, limits, allowance, start)
        elif file.name.lower().endswith(TAR_SUFFIXES):
            yield from _tar_members(file, limits, allowance, start)
        else:
            yield from parquet.rows(file, limits, allowance, start, column)
    except SourceError as error:
        yield broken(file.name, str(error), file.size)
    except PermissionError as error:
        yield broken(file.name, reason(error), file.size)
    except DAMAGE:
        yield broken(file.name, DAMAGED, file.size)


def count(file: File) -> int | None:
    """How many members an archive has; None for a tar, which would have to be read whole."""
    try:
        if file.name.lower().endswith(parquet.SUFFIXES):
            return parquet.count(file)
        if not file.name.lower().endswith(ZIP_SUFFIXES):
            return None
        with file.open() as stream, zipfile.ZipFile(stream) as archive:
            return sum(not info.is_dir() for info in archive.infolist())
    except (SourceError, *DAMAGE):
        return 1


def climbs(name: str) -> bool:
    """Whether a member's name leads out of the archive, on this system or on another one."""
    parts = re.split(r"[/\\]", name)
    return ".." in parts or parts[0] == "" or re.match(r"[A-Za-z]:", name) is not None


def _zip_members(file: File, limits: Limits, allowance: Allowance, start: int) -> Iterator[Item]:
    with file.open() as stream:
        try:
            archive = zipfile.ZipFile(stream)
        except DAMAGE as error:
            raise SourceError("This is not a readable zip archive.") from error
        names = _Names(file.name)
        for number, info in enumerate(archive.infolist()[start:], start):
            if info.is_dir():
                continue
            name = names.show(info.filename)
            mode = info.external_attr >> 16
            if climbs(info.filename):
                yield broken(name, CLIMBS)
            elif stat.S_IFMT(mode) not in (0, stat.S_IFREG):
                yield broken(name, "A link or special file inside an archive: refused.")
            elif _is_packed(info.filename):
                yield broken(name, NESTED)
            elif info.flag_bits & 0x1:
                yield broken(name, "The member is encrypted.", info.file_size)
            elif info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                # What the standard library inflates of other kinds at once has no bound.
                yield broken(name, "The member is compressed in a way that is not read here.")
            else:
                opener = partial(_open_zip_member, archive, info, allowance)
                read = partial(_read, opener, info.filename, info.file_size, limits)
                place = Locator(file.path, name, number)
                yield Item(name, info.file_size, file.stamp, read, True, place)


def _open_zip_member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, allowance: Allowance
) -> Readable:
    return ForwardStream(archive.open(info), allowance)


def _tar_members(file: File, limits: Limits, allowance: Allowance, start: int) -> Iterator[Item]:
    with open_stream(file, allowance, start) as stream:
        try:
            archive = tarfile.TarFile(fileobj=stream, mode="r")
        except DAMAGE as error:
            raise SourceError("This is not a readable tar archive.") from error
        names = _Names(file.name)
        last: str | None = None
        while (info := _next(archive, last)) is not None:
            # Kept for random access, which a stream does not have: memory would grow.
            archive.members = []  # type: ignore[attr-defined]
            last = info.name
            if info.isdir():
                continue
            name = names.show(info.name)
            if climbs(info.name):
                yield broken(name, CLIMBS)
            elif not info.isreg():
                yield broken(name, "A link or special file inside an archive: refused.")
            elif _is_packed(info.name):
                yield broken(name, NESTED, info.size)
            else:
                opener = partial(_open_tar_member, archive, info)
                read = partial(_read, opener, info.name, info.size, limits)
                place = Locator(file.path, name, info.offset)
                yield Item(name, info.size, file.stamp, read, True, place)
        # `next` ends in silence at a header that it cannot read, and where the end is missing.
        if not stream.last or stream.last.strip(b"\0"):
            raise SourceError(_unended(last))


def _next(archive: tarfile.TarFile, last: str | None) -> tarfile.TarInfo | None:
    """The next member of a tar.

    Raises:
        SourceError: There should be one, and it cannot be read; says after which.
    """
    try:
        return archive.next()
    except DAMAGE as error:
        raise SourceError(_unended(last)) from error


def _unended(last: str | None) -> str:
    return DAMAGED if last is None else UNENDED.format(last=printable(file_name(last)))


def _open_tar_member(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Readable:
    member: IO[bytes] | None = archive.extractfile(info)
    if member is None:
        raise SourceError("The member has no content.")
    return member


def _read(opener: Callable[[], Readable], name: str, size: int, limits: Limits) -> bytes | None:
    try:
        return read_image(opener(), name, size, limits)
    except DAMAGE as error:
        raise SourceError("The member is damaged: the archive cannot give its bytes.") from error


class _Names:
    """Names members as shown, telling apart those that bear one name."""

    def __init__(self, archive: str) -> None:
        self._archive = archive
        self._seen: dict[str, int] = {}

    def show(self, name: str) -> str:
        path = valid(f"{self._archive}/{name if climbs(name) else posixpath.normpath(name)}")
        self._seen[path] = number = self._seen.get(path, 0) + 1
        return path if number == 1 else self.show(f"{name} ({number})")
