"""Which archives may be named: those below one folder."""

from pathlib import Path, PurePath

from core.text import printable
from scan.errors import ArchiveNotFound


def place_of(archives: Path, name: str) -> Path:
    """Where an archive lies, by its name.

    Nothing tells what lies elsewhere from what is not there.

    Args:
        archives: The folder below which all archives lie.
        name: Path from there; a link in it may not lead elsewhere.

    Raises:
        ArchiveNotFound: There is none, or it lies elsewhere.
    """
    unknown = ArchiveNotFound(
        f"there is no archive {printable(name)[:200]!r} in the folder of archives: name a path"
        " from there"
    )
    asked = PurePath(name)
    if asked.is_absolute() or ".." in asked.parts:
        raise unknown
    folder = archives.resolve()
    try:
        place = (folder / asked).resolve(strict=True)
    except (OSError, RuntimeError, ValueError):  # of links in a circle, by the version of Python
        raise unknown from None
    if not place.is_relative_to(folder):
        raise unknown
    return place
