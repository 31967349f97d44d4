"""Writing a file or a folder so that whoever reads it finds all of it or none."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO


def write_whole(path: Path, data: bytes) -> None:
    """Write a file atomically and durably, readable by whom the umask lets.

    Args:
        path: Replaced if it is there; its folder exists.
        data: The whole content.

    Raises:
        OSError: It cannot be written; what was there stays as it was.
    """
    with whole_file(path) as file:
        file.write(data)


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to be written piece by piece, that is there as a whole after the block, or not at all.

    Args:
        path: Replaced if it is there; its folder exists.

    Yields:
        A file open for writing. It reaches the disk and takes its place when the block ends; if
        that raises, it is gone, and what was there stays as it was.

    Raises:
        OSError: It cannot be written.
    """
    # Beside the target, so that the replacement stays on one file system.
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def published(folder: Path) -> Iterator[Path]:
    """A folder that is there as a whole after the block, or not at all.

    Args:
        folder: Absent or empty; its parents are made if need be.

    Yields:
        A hidden folder of the same name beside it, to be filled. It reaches the disk and takes its
        place when the block ends; if that raises, it is gone.

    Raises:
        OSError: It cannot be written, or something stands at its place by then.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as temporary:
        draft = Path(temporary) / folder.name
        draft.mkdir()
        yield draft
        for path in (*draft.rglob("*"), draft):
            sync(path)
        if folder.exists():
            folder.rmdir()
        draft.rename(folder)
        sync(folder.parent)


def sync(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    if path.is_dir() and os.name == "nt":
        return  # Windows opens no folders, and keeps their entries by itself.
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
