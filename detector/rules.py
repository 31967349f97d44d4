"""Naming the rules by which files and pixels are read, so that none are taken for others.

Patterns, tables and the weighing of evidence are code: two versions of them may say different
things of the same file, and a record of what was said has to tell them apart.
"""

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import imaging
from detector.readers.contract import Reader

FOLDERS = (Path(__file__).parent, Path(imaging.__file__).parent)
"""Whose files are the rules: what is read of a file's blocks is decided where they are found."""

_DIGITS = 16


def reader_ids(readers: Iterable[Reader]) -> tuple[str, ...]:
    """The ids of readers, and last the digest of the rules that they and the verdict follow.

    With the same ids, the same version of the libraries and the same artefact, the same is said of
    a file.

    Args:
        readers: That are asked.
    """
    return (*(reader.id for reader in readers), f"rules:{rules_sha256()[:_DIGITS]}")


@cache
def rules_sha256() -> str:
    """Hex digest of everything that is packaged in `FOLDERS`, by name; it is read once."""
    return folders_sha256(FOLDERS)


def folders_sha256(folders: Iterable[Path]) -> str:
    """Hex digest of several folders, in their order; see `folder_sha256`."""
    return hashlib.sha256("".join(map(folder_sha256, folders)).encode()).hexdigest()


def folder_sha256(folder: Path) -> str:
    """Hex digest of the files below a folder with their names, without what Python compiles.

    Raises:
        OSError: A file cannot be read.
    """
    digest = hashlib.sha256()
    files = {
        file.relative_to(folder).as_posix(): file
        for file in folder.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    for name, file in sorted(files.items()):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(f"{content}  {name}\n".encode())
    return digest.hexdigest()
