"""Reading what was found before: by its locator, or by the path under which a work was enrolled."""

import hashlib
from pathlib import Path

from imaging import Limits
from serving.errors import SourceError
from serving.sources.archives import is_archive, members
from serving.sources.item import Item, Locator
from serving.sources.source import file_at, read


def read_at(locator: Locator, limits: Limits) -> bytes | None:
    """The bytes that lie at a place, if they are an image; None if they are none, or have gone.

    Of an archive that is compressed as a whole everything before the member is read too.

    Args:
        locator: The place, as `serving.sources.item.Item` tells it.
        limits: Bounds on what is read.

    Raises:
        SourceError: They cannot be read.
        OSError: As `pathlib.Path.stat`.
    """
    file = file_at(locator.path)
    if file is None:
        return None
    if locator.member is None:
        return read(file, limits)
    found = members(file, limits, start=locator.position or 0, column=locator.column)
    return next((item.read() for item in found if _is_at(item, locator)), None)


def _is_at(item: Item, locator: Locator) -> bool:
    if locator.position is None:
        return item.path == locator.member
    return item.locator is not None and item.locator.position == locator.position


def find_work(name: str, sha256: str, limits: Limits) -> bytes | None:
    """The bytes of a work, if they are still where they were.

    Args:
        name: The path of a file or of an archive's member, as `serving.sources.files.items` gives
            it.
        sha256: Hex digest of the bytes; others are not taken for them.
        limits: Bounds on what is read.
    """
    try:
        locator = _locator(Path(name))
        data = None if locator is None else read_at(locator, limits)
    except (SourceError, OSError, ValueError):  # ValueError: a null character in the name
        return None
    if data is None or hashlib.sha256(data).hexdigest() != sha256:
        return None
    return data


def _locator(path: Path) -> Locator | None:
    if path.is_file():
        return Locator(str(path))
    for parent in path.parents:
        if is_archive(str(parent)) and parent.is_file():
            return Locator(str(parent), str(path))
    return None
