"""Writing an artefact: a name, a folder that is written aside, and the manifest last."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from core.files import published, write_whole
from models.artefact.artefact import CARD, MANIFEST, Artefact, file_entries
from models.artefact.manifest import NAME, Manifest
from models.errors import BadArtefactName, FolderTaken

AManifest = TypeVar("AManifest", bound=Manifest)


def check_new(out: Path, name: str | None = None) -> str:
    """Check, before any work, that an artefact can be written.

    Args:
        out: Its folder.
        name: Its name; None for that of the folder.

    Returns:
        The name.

    Raises:
        BadArtefactName: That is no name for an artefact.
        FolderTaken: The folder is there and not empty.
    """
    name = name or out.resolve().name
    if not re.fullmatch(NAME, name):
        raise BadArtefactName(
            f"{name!r} is no name for a model: use a-z, 0-9, dot, dash and underscore"
        )
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise FolderTaken(f"{out} exists and is not empty: choose another folder")
    return name


@contextmanager
def derived(artefact: Artefact[AManifest], out: Path, told: str) -> Iterator[Path]:
    """A folder with all files of another artefact, to be changed and sealed within the block.

    Args:
        artefact: The other one.
        out: The folder; absent or empty.
        told: What the card begins with: how this artefact differs.

    Yields:
        The folder as it is written aside; see `core.files.published`.
    """
    with published(out) as folder:
        for file in artefact.manifest.files:
            shutil.copyfile(artefact.path(file), folder / file)
        card = artefact.path(CARD).read_text("utf-8")
        write_whole(folder / CARD, f"{told}\n\n{card}".encode())
        yield folder


def seal(folder: Path, manifest: AManifest) -> AManifest:
    """Write the manifest, last, with the digest of every file that lies in the folder.

    To be called inside of `core.files.published`, so that a folder is seen sealed or not at all.

    Args:
        folder: With all other files.
        manifest: What it says of them is replaced.

    Returns:
        The manifest as written.
    """
    sealed = manifest.model_copy(update={"files": dict(file_entries(folder))})
    write_whole(folder / MANIFEST, sealed.model_dump_json(indent=2).encode() + b"\n")
    return sealed
