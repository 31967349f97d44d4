"""Writing a file so that whoever reads it finds all of it or none."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
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
