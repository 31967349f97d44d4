"""Finding the file of an enrolled work again, by the path under which it was enrolled."""

import hashlib
import stat
from pathlib import Path

from imaging import Limits
from serving.errors import SourceError
from serving.sources.archives import is_archive, members
from serving.sources.files import read_file


def find_work(name: str, sha256: str, limits: Limits) -> bytes | None:
    """The bytes of a work, if they are still where they were.

    Args:
        name: The path of a file or of an archive's member, as `serving.sources.files.items` gives
            it.
        sha256: Hex digest of the bytes; others are not taken for them.
        limits: Bounds on what is read.
    """
    try:
        data = _read(Path(name), limits)
    except (SourceError, OSError, ValueError):  # ValueError: a null character in the name
        return None
    if data is None or hashlib.sha256(data).hexdigest() != sha256:
        return None
    return data


def _read(path: Path, limits: Limits) -> bytes | None:
    if path.is_file():
        return read_file(path, limits)
    for parent in path.parents:
        if is_archive(str(parent)) and parent.is_file():
            status = parent.stat()
            if stat.S_ISREG(status.st_mode):
                for item in members(str(parent), status.st_size, status.st_mtime_ns, limits):
                    if item.path == str(path):
                        return item.read()
    return None
