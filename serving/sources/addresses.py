"""Files behind addresses (`s3://...`, `https://...`), listed and opened by fsspec.

An address may hold a secret: a password, or the signature of a link. It is needed to read, and
shown to nobody: what is shown is `shown(address)`.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import IO, TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl

from core.errors import MissingExtra
from core.extras import require_extra
from core.text import valid
from imaging import Limits
from serving.errors import SourceError
from serving.sources.item import File, read_image

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]+)://")

HERE = ("file", "local")
"""Schemes of this machine's own files, which are read as such."""

WEB = ("http", "https")
"""Schemes where a name that ends in `/` alone is a folder, and what is listed has no length."""

SIGNATURES = frozenset({"x-amz-signature", "x-goog-signature", "signature", "sig"})
"""Parameters that sign a link, in lower case."""

OF_SIGNED = re.compile(
    r"(?i)x-(amz|goog)-.*|awsaccesskeyid|googleaccessid|key-pair-id|signature|policy|expires"
    r"|s(v|r|t|e|p|s|ig|rt|pr|ip|dd|koid|ktid|kt|ke|ks|kv)"
)
"""Parameters that change each time a link is signed anew; of Azure those that begin with `s`."""

STAMPS = (
    *("ETag", "etag", "LastModified", "Last-Modified", "last_modified", "updated", "mtime"),
    *("created", "generation", "md5Hash", "content_md5"),
)
"""What file systems call what changes when a file does."""


def is_address(text: str) -> bool:
    """Whether a text is an address, and no path."""
    return SCHEME.match(text) is not None


def shown(address: str) -> str:
    """An address without what may be secret: a password, and on the web all that follows `?`.

    Of what follows `?` a digest is left, which tells two addresses apart. What signs a link does
    not count for it, since that differs each time.
    """
    scheme, _, rest = valid(address).partition("://")
    host, slash, path = rest.partition("/")
    user, at, host = host.rpartition("@")
    if scheme.lower() not in WEB:
        return f"{scheme}://{user.partition(':')[0]}{at}{host}{slash}{path}"
    where, _, query = f"{host}{slash}{path}".partition("#")[0].partition("?")
    return f"{scheme}://{where}{_mark(query)}"


def _mark(query: str) -> str:
    told = parse_qsl(query, keep_blank_values=True)
    if any(name.lower() in SIGNATURES for name, _ in told):
        told = [(name, value) for name, value in told if not OF_SIGNED.fullmatch(name)]
    return f"?{hashlib.sha256(repr(told).encode()).hexdigest()[:12]}" if told else ""


def require_reachable(address: str) -> None:
    """Check that something is there, and may be read.

    Raises:
        SourceError: Nothing is, or it cannot be told.
        MissingExtra: The package that reads such addresses is not installed.
    """
    _, _, file = _root(address)
    if file is not None and file.error is not None:
        raise SourceError(file.error)


def found_at(address: str) -> File | None:
    """The file at an address; None for a folder. What cannot be reached is a file with an error."""
    return _root(address)[2]


def walk(address: str) -> Iterator[File]:
    """The files at an address and below it, in order of name, folder by folder.

    Of a folder all names are held at once.
    """
    system, path, file = _root(address)
    if file is not None:
        yield file
        return
    waiting = [path]
    while waiting:
        folder = waiting.pop()
        try:
            with _storage_errors():
                inside = system.ls(folder, detail=True)
        except SourceError as error:
            place = _whole(system, folder, address)
            yield File(shown(place), place, error=str(error))
            continue
        inside = sorted(inside, key=lambda info: str(info["name"]))
        # A folder may be listed by an object of its own name, of no bytes.
        files = [info for info in inside if info.get("type") != "directory"]
        yield from (
            _file(system, info, address)
            for info in files
            if str(info["name"]).rstrip("/") != folder.rstrip("/")
        )
        below = [str(info["name"]) for info in inside if info.get("type") == "directory"]
        waiting.extend(one for one in reversed(below) if one.rstrip("/") != folder.rstrip("/"))


def open_address(address: str, /, *, forward: bool, size: int | None = None) -> IO[bytes]:
    """Open what lies at an address.

    Args:
        address: Whole.
        forward: It is read only forward: of the web as one answer, not in parts.
        size: Its length, where known: the storage is not asked for it again.

    Raises:
        SourceError: It cannot be opened.
    """
    with _storage_errors():
        system, path = _system(address)
        if _scheme(address) in WEB:
            known = {"block_size": 0} if forward else {}
        else:
            known = {"size": size} if size else {}
        return cast("IO[bytes]", _Told(system.open(path, "rb", **known)))


def read_address(file: File, limits: Limits) -> bytes | None:
    """Read a file behind an address if it is an image; see `serving.sources.item.read_image`.

    Raises:
        SourceError: It cannot be read, or is too long.
    """
    with file.open(forward=True) as stream:
        return read_image(stream, file.name.partition("?")[0], file.size, limits)


class _Told:
    """An open file whose errors are told in plain lines."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def __enter__(self) -> "_Told":
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def read(self, size: int = -1, /) -> bytes:
        with _storage_errors():
            data: bytes = self._stream.read(size)
            return data

    def readinto(self, buffer: Any, /) -> int:
        with _storage_errors():
            return int(self._stream.readinto(buffer))


def _scheme(address: str) -> str:
    return address.partition("://")[0].lower()


def _system(address: str) -> "tuple[AbstractFileSystem, str]":
    scheme = _scheme(address)
    if scheme in HERE or "::" in address:
        raise SourceError("An address of this machine, or one in another: name the path itself.")
    require_extra("remote", "an archive behind an address", "fsspec", *_packages(scheme))
    import fsspec

    try:
        # Listings are not kept: they would grow with the archive.
        system, path = fsspec.core.url_to_fs(address, use_listings_cache=False)
    except ImportError as error:
        raise MissingExtra(f"{scheme}:// needs another package: {error}") from error
    except ValueError as error:
        raise SourceError(f"{scheme}:// is no kind of address that is known.") from error
    return system, path


def _packages(scheme: str) -> tuple[str, ...]:
    return {"s3": ("s3fs",), "s3a": ("s3fs",), "http": ("aiohttp",), "https": ("aiohttp",)}.get(
        scheme, ()
    )


def _root(address: str) -> "tuple[AbstractFileSystem, str, File | None]":
    """What lists an address, the path there, and the file that it is; None for a folder."""
    try:
        with _storage_errors():
            system, path = _system(address)
            if _scheme(address) in WEB and path.endswith("/"):
                return system, path, None
            info = system.info(path)
    except SourceError as error:
        return None, "", File(shown(address), address, error=str(error))
    if info.get("type") == "directory":
        return system, path, None
    return system, path, _file(system, info, address, itself=True)


def _file(
    system: "AbstractFileSystem", info: Mapping[str, Any], root: str, *, itself: bool = False
) -> File:
    place = root if itself else _whole(system, str(info["name"]), root)
    size = info.get("size")
    size = int(size) if isinstance(size, int) else None
    marks = {name: str(info[name]) for name in STAMPS if info.get(name) is not None}
    stamp: int | None = None
    if marks:
        # 63 bits: a whole number that a database holds.
        digest = hashlib.sha256(repr((size, sorted(marks.items()))).encode()).digest()
        stamp = int.from_bytes(digest[:8]) >> 1
    return File(shown(place), place, size, stamp, opener=partial(open_address, size=size))


def _whole(system: "AbstractFileSystem", path: str, root: str) -> str:
    """The address of a path that was listed below another address."""
    if is_address(path):
        return path
    return f"{root.partition('://')[0]}://{path.lstrip('/')}"


@contextmanager
def _storage_errors() -> Iterator[None]:
    """Turn what the libraries of storages raise into plain lines, which never name an address.

    Raises:
        SourceError: It cannot be read.
    """
    try:
        yield
    except (SourceError, MissingExtra):
        raise
    except Exception as error:  # each kind of storage has errors of its own
        raise SourceError(_plain(error)) from error


def _plain(error: BaseException) -> str:
    # Of the web everything that fails is said not to be there: the cause tells what it was.
    known = _known(error.__cause__) or _known(error)
    return known or "The storage cannot give its bytes."


def _known(error: BaseException | None) -> str | None:
    kinds = " ".join(kind.__name__ for kind in type(error).__mro__)
    status = getattr(error, "status", None)
    if isinstance(error, FileNotFoundError) or status in (404, 410):
        return "There is nothing at this address, or not any more."
    if isinstance(error, PermissionError) or "Credentials" in kinds or status in (401, 403):
        return "The storage denies it: credentials are missing, wrong or expired."
    if isinstance(error, TimeoutError) or "Timeout" in kinds:
        return "The storage does not answer in time."
    if "Connect" in kinds:
        return "The storage cannot be reached."
    if "range requests" in str(error):
        return "The server gives no parts of a file, as this kind of archive needs: fetch it first."
    return f"The storage answers with status {status}." if isinstance(status, int) else None
