"""Writing an artefact: a name, a folder that is written aside, and the manifest last."""

import re
from pathlib import Path
from typing import TypeVar

from core.files import write_whole
from models.artefact.artefact import MANIFEST, file_entries
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
