"""Writing a folder so that whoever looks finds all of it or none, even after a `kill -9`."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from core.files import sync
from similarity.errors import IndexBusy

HIDDEN = ".draft-"
"""How the names of folders begin that are being written, or were when their writer was killed."""

LOCK = ".lock"
"""File that is locked while somebody writes; the lock ends with its process, not the file."""


@contextmanager
def drafting(parent: Path) -> Iterator[Path]:
    """A hidden folder to write in, gone afterwards unless it was published.

    Also clears away what writers left who were killed.

    Args:
        parent: Where the folder is to stand; made if need be, and locked for other writers. The
            lock ends with its process, however that ends.

    Raises:
        IndexBusy: Another process is writing there.
    """
    parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(parent / LOCK, blocking=False):
            _clear(parent)
            draft = Path(tempfile.mkdtemp(prefix=HIDDEN, dir=parent))
            try:
                yield draft
            finally:
                shutil.rmtree(draft, ignore_errors=True)
    except Timeout as error:
        raise IndexBusy(f"another process is writing into {parent}") from error


def being_written(parent: Path) -> bool:
    """Whether some process is writing there."""
    if not parent.is_dir():
        return False
    try:
        with FileLock(parent / LOCK, blocking=False):
            return False
    except Timeout:
        return True


def clear_leftovers(parent: Path) -> None:
    """Clear away what writers left who were killed; nothing while another process is writing."""
    with suppress(Timeout), FileLock(parent / LOCK, blocking=False):
        _clear(parent)


def _clear(parent: Path) -> None:
    for leftover in parent.glob(f"{HIDDEN}*"):
        shutil.rmtree(leftover)


def publish(draft: Path, name: str) -> Path:
    """Give a draft its name, durably: all of its files reach the disk first.

    Args:
        draft: From `drafting`.
        name: Of the folder; one that is there is replaced.
    """
    place = draft.with_name(name)
    # A private folder until now; from now on as the umask has it.
    draft.chmod(draft.parent.stat().st_mode & 0o777)
    for file in draft.iterdir():
        sync(file)
    sync(draft)
    if place.exists():
        old = Path(tempfile.mkdtemp(prefix=HIDDEN, dir=draft.parent))
        place.rename(old / name)
        draft.rename(place)
        shutil.rmtree(old)
    else:
        draft.rename(place)
    sync(place.parent)
    return place
