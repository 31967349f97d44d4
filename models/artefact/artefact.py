"""An artefact: what was trained, with all that its numbers mean, in one folder.

The folder holds `manifest.json` (`models.artefact.manifest`), which names the digest of every other
file; `README.md` (the card); and `golden.json`. What else there is depends on the kind.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import ValidationError

from evidence.judgement import ArtefactId
from models.artefact.manifest import MANIFESTS, AnyManifest, FileEntry, Manifest
from models.errors import ArtefactNotFound, BrokenArtefact, EncoderDiffers

MANIFEST = "manifest.json"
GOLDEN = "golden.json"
CARD = "README.md"

AManifest = TypeVar("AManifest", bound=Manifest, covariant=True)


@dataclass(frozen=True)
class Artefact(Generic[AManifest]):
    """An artefact as it lies on the disk, every file checked against the manifest.

    Attributes:
        folder: Where.
        manifest: Its manifest.
        sha256: Hex digest of the manifest's file.
    """

    folder: Path
    manifest: AManifest
    sha256: str

    @property
    def name(self) -> str:
        """Name of the artefact."""
        return self.manifest.name

    @property
    def id(self) -> ArtefactId:
        """Names this artefact and no other: its manifest names every file's digest."""
        return ArtefactId(self.name, self.sha256)

    @property
    def size(self) -> int:
        """Bytes of all files but the manifest."""
        return sum(entry.size for entry in self.manifest.files.values())

    def path(self, file: str) -> Path:
        """Where a file lies.

        Raises:
            BrokenArtefact: The manifest does not name it.
        """
        if file not in self.manifest.files:
            raise BrokenArtefact(f"the {self.manifest.kind} {self.name} lacks {file}")
        return self.folder / file

    def require(self, encoder: str) -> None:
        """Check that features of this encoder may be given to it.

        Raises:
            EncoderDiffers: They were made by another encoder than it is made for.
        """
        if encoder != self.manifest.encoder:
            raise EncoderDiffers(
                f"the artefact {self.name} was made with the encoder {self.manifest.encoder}, not "
                f"with {encoder}: choose an artefact made for that encoder, or train one "
                "(`rakkan train`)"
            )


def open_artefact(folder: Path, kind: type[AManifest]) -> Artefact[AManifest]:
    """Open an artefact of one kind, checked.

    Args:
        folder: Where it lies.
        kind: Class of its manifest.

    Raises:
        ArtefactNotFound: The folder is no artefact, or does not exist.
        BrokenArtefact: It is another kind of artefact, or its files are not those of its manifest.
    """
    found = open_any(folder)
    if not isinstance(found.manifest, kind):
        wanted = kind.model_fields["kind"].default
        raise BrokenArtefact(f"{found.name} is a {found.manifest.kind} model, not a {wanted} one")
    return Artefact(folder, found.manifest, found.sha256)


def open_any(folder: Path) -> Artefact[AnyManifest]:
    """Open an artefact of whatever kind, checked.

    Raises:
        ArtefactNotFound: The folder is no artefact, or does not exist.
        BrokenArtefact: Its manifest is not valid, or its files are not those that it names.
    """
    data, manifest = _read(folder)
    _check_files(folder, manifest)
    return Artefact(folder, manifest, hashlib.sha256(data).hexdigest())


def read_manifest(folder: Path) -> AnyManifest:
    """The manifest of an artefact whose files are not checked; for whoever is changing them.

    Raises:
        ArtefactNotFound: The folder is no artefact, or does not exist.
        BrokenArtefact: Its manifest is not valid.
    """
    return _read(folder)[1]


def _read(folder: Path) -> tuple[bytes, AnyManifest]:
    try:
        data = (folder / MANIFEST).read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ArtefactNotFound(f"{folder} is no model folder: it has no {MANIFEST}") from error
    except OSError as error:
        raise BrokenArtefact(f"the artefact {folder.name} cannot be read: {error}") from error
    try:
        return data, MANIFESTS.validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BrokenArtefact(
            f"{folder.name}/{MANIFEST} is not valid: {place + ': ' if place else ''}{first['msg']}"
        ) from error


def file_entries(folder: Path) -> Iterator[tuple[str, FileEntry]]:
    """Every file of an artefact's folder but the manifest, by name, with its digest.

    Raises:
        OSError: One cannot be read, or is a folder.
    """
    for path in sorted(folder.iterdir()):
        if path.name != MANIFEST:
            yield path.name, FileEntry.of(path.read_bytes())


def _check_files(folder: Path, manifest: Manifest) -> None:
    try:
        found = dict(file_entries(folder))
    except OSError as error:
        raise BrokenArtefact(f"the artefact {folder.name} cannot be read: {error}") from error
    for name, entry in manifest.files.items():
        if name not in found:
            raise BrokenArtefact(f"{folder.name}/{name} is missing: copy the whole folder again")
        if found[name] != entry:
            raise BrokenArtefact(
                f"{folder.name}/{name} is not the file that the manifest names: copy the whole "
                "folder again"
            )
    for name in found.keys() - manifest.files.keys():
        raise BrokenArtefact(
            f"{folder.name}/{name} is not in the manifest: take it out of the folder"
        )
