"""Members of zip and tar archives as items, read in place and never written to disk."""

import lzma
import posixpath
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from typing import IO

from core.text import valid
from imaging import Limits
from serving.errors import SourceError
from serving.sources.bounded import Allowance, ForwardStream, open_stream
from serving.sources.item import Item, Locator, Readable, broken, read_image, reason

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

NESTED = "An archive inside an archive is not opened: unpack it first."
DAMAGED = "The archive is damaged: what follows in it cannot be read."
CLIMBS = "The member's path is absolute or has '..' in it: refused."


def is_archive(path: str) -> bool:
    """Whether a path is read as an archive: by its suffix alone."""
    return path.lower().endswith((*ZIP_SUFFIXES, *TAR_SUFFIXES))


def members(path: str, size: int, stamp: int, limits: Limits) -> Iterator[Item]:
    """The members of an archive as streamed items; what is wrong with it is an item too.

    Args:
        path: The archive.
        size: Its length in bytes.
        stamp: Its modification time in ns, which becomes that of each member.
        limits: Bounds on what is read of one member.
    """
    reader = _zip_members if path.lower().endswith(ZIP_SUFFIXES) else _tar_members
    allowance = Allowance.of(size)
    try:
        yield from reader(path, stamp, limits, allowance)
    except SourceError as error:
        yield broken(path, str(error), size)
    except PermissionError as error:
        yield broken(path, reason(error), size)
    except DAMAGE:
        yield broken(path, DAMAGED, size)


def count(path: str) -> int | None:
    """How many members a zip archive has; None for a tar, which would have to be read whole."""
    if not path.lower().endswith(ZIP_SUFFIXES):
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            return sum(not info.is_dir() for info in archive.infolist())
    except DAMAGE:
        return 1


def climbs(name: str) -> bool:
    """Whether a member's name leads out of the archive, on this system or on another one."""
    parts = re.split(r"[/\\]", name)
    return ".." in parts or parts[0] == "" or re.match(r"[A-Za-z]:", name) is not None


def _zip_members(path: str, stamp: int, limits: Limits, allowance: Allowance) -> Iterator[Item]:
    try:
        archive = zipfile.ZipFile(path)
    except PermissionError:
        raise
    except DAMAGE as error:
        raise SourceError("This is not a readable zip archive.") from error
    with archive:
        names = _Names(path)
        for info in archive.infolist():
            if info.is_dir():
                continue
            name = names.show(info.filename)
            mode = info.external_attr >> 16
            if climbs(info.filename):
                yield broken(name, CLIMBS)
            elif stat.S_IFMT(mode) not in (0, stat.S_IFREG):
                yield broken(name, "A link or special file inside an archive: refused.")
            elif is_archive(info.filename):
                yield broken(name, NESTED)
            elif info.flag_bits & 0x1:
                yield broken(name, "The member is encrypted.", info.file_size)
            elif info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                # What the standard library inflates of other kinds at once has no bound.
                yield broken(name, "The member is compressed in a way that is not read here.")
            else:
                opener = partial(_open_zip_member, archive, info, allowance)
                read = partial(_read, opener, info.filename, info.file_size, limits)
                yield Item(name, info.file_size, stamp, read, True, Locator(path, name))


def _open_zip_member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, allowance: Allowance
) -> Readable:
    return ForwardStream(archive.open(info), allowance)


def _tar_members(path: str, stamp: int, limits: Limits, allowance: Allowance) -> Iterator[Item]:
    with closing(open_stream(path, allowance)) as stream:
        try:
            archive = tarfile.TarFile(fileobj=stream, mode="r")
        except DAMAGE as error:
            raise SourceError("This is not a readable tar archive.") from error
        names = _Names(path)
        while (info := archive.next()) is not None:
            # Kept for random access, which a stream does not have: memory would grow.
            archive.members = []  # type: ignore[attr-defined]
            if info.isdir():
                continue
            name = names.show(info.name)
            if climbs(info.name):
                yield broken(name, CLIMBS)
            elif not info.isreg():
                yield broken(name, "A link or special file inside an archive: refused.")
            elif is_archive(info.name):
                yield broken(name, NESTED, info.size)
            else:
                opener = partial(_open_tar_member, archive, info)
                read = partial(_read, opener, info.name, info.size, limits)
                yield Item(name, info.size, stamp, read, True, Locator(path, name))
        if stream.last.strip(b"\0"):  # `next` ends in silence at a header that it cannot read.
            raise SourceError(DAMAGED)


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
