"""Writing a file so that whoever reads it finds all of it or none."""

import os
from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Write a file atomically and durably, readable by whom the umask lets.

    Args:
        path: Replaced if it is there; its folder exists.
        data: The whole content.

    Raises:
        OSError: It cannot be written; what was there stays as it was.
    """
    # Beside the target, so that the replacement stays on one file system.
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
