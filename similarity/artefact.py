"""The artefact of a similarity model: its heads, the cohort, and what they were made from.

A folder with `similarity.json` (the manifest), `heads.safetensors` and `README.md` (the card).
Matrices are kept as 8-bit integers with one scale per column, and rounded to a thousandth of what
they do; the cohort likewise, one scale per row.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from core.files import write_whole
from models.artefact.artefact import NAME, file_sha256
from models.artefact.registry import SHIPPED
from similarity.describe import Describer
from similarity.errors import BrokenIndex, IndexDiffers
from similarity.gallery.creators import Standing
from similarity.gallery.gallery import Identity
from similarity.heads import CopyHead, Projection, StyleHead, unit
from similarity.styles.open_set import Cohort, measure

MANIFEST = "similarity.json"
HEADS = "heads.safetensors"

Arrays = dict[str, NDArray[Any]]


class SimilarityManifest(BaseModel):
    """The manifest.

    Attributes:
        schema_version: Of this document.
        name: Name of the artefact, also of its folder.
        created: Date and time, UTC, ISO 8601.
        encoder: Id of the encoder whose features the heads read.
        members: The arrays of the features that the style head reads, in order.
        heads_sha256: Hex digest of the file of the heads.
        optimism: Of the cohort; see `similarity.styles.open_set.Cohort`.
        copy_gate: Cosine of copy vectors below which no candidate is looked at closely.
        images: Images that it was made from.
        creators: People whose works these are.
        data_sha256: Hash over the content hashes of the images, sorted.
        licences: Images by licence.
        metrics: Figures on held-out creators, by name.
        licence: Of the heads.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: int = Field(default=1, ge=1, le=1)
    name: str = Field(pattern=NAME)
    created: str
    encoder: str
    members: tuple[str, ...]
    heads_sha256: str
    optimism: float = Field(ge=1)
    copy_gate: float
    images: int
    creators: int
    data_sha256: str
    licences: dict[str, int]
    metrics: dict[str, float]
    licence: str


@dataclass(frozen=True)
class Heads:
    """What an artefact holds.

    Attributes:
        style: How a picture is drawn.
        copy: What it shows.
        cohort: Works of other people.
    """

    style: StyleHead
    copy: CopyHead
    cohort: Cohort


@dataclass(frozen=True)
class SimilarityArtefact:
    """An artefact as loaded."""

    manifest: SimilarityManifest
    heads: Heads

    @property
    def identity(self) -> Identity:
        """What an index made with it is made with."""
        manifest, heads = self.manifest, self.heads
        return Identity(
            encoder=manifest.encoder,
            heads=f"{manifest.name} {manifest.heads_sha256[:12]}",
            style=heads.style.length,
            copy=heads.copy.length,
        )

    @property
    def describer(self) -> Describer:
        """Describes pictures with the heads."""
        return Describer(self.identity, self.heads.style, self.heads.copy)

    def measure(self, works: NDArray[np.float32]) -> Standing:
        """How a creator's works, float32 [n, S], stand out from the cohort."""
        return measure(works, self.heads.cohort)


def save_heads(folder: Path, heads: Heads) -> str:
    """Write the heads; returns the hex digest of the file."""
    arrays: Arrays = {"people": heads.cohort.people}
    for number, member in enumerate(heads.style.members):
        arrays |= _packed(f"style.{number}", member.matrix)
        arrays[f"style.{number}.mean"] = member.mean
    arrays |= _packed("joint", heads.style.joint)
    arrays |= _packed("copy", heads.copy.matrix)
    arrays["copy.mean"] = heads.copy.mean
    arrays |= _packed("cohort", np.ascontiguousarray(heads.cohort.styles.T))
    arrays = {name: np.ascontiguousarray(values) for name, values in arrays.items()}
    write_whole(folder / HEADS, save(arrays))
    return file_sha256(folder / HEADS)


def load_heads(path: Path, members: tuple[str, ...], optimism: float) -> Heads:
    """Read the heads that `save_heads` wrote.

    Args:
        path: The file.
        members: The arrays of the features that the style head reads.
        optimism: Of the cohort.

    Raises:
        BrokenIndex: It cannot be read.
    """
    try:
        arrays = load_file(path)
        style = StyleHead(
            tuple(
                Projection(array, arrays[f"style.{i}.mean"], _unpacked(f"style.{i}", arrays))
                for i, array in enumerate(members)
            ),
            _unpacked("joint", arrays),
        )
        copy = CopyHead(arrays["copy.mean"], _unpacked("copy", arrays))
        cohort = Cohort(unit(_unpacked("cohort", arrays).T), arrays["people"], optimism)
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise BrokenIndex(f"the heads of {path.parent.name} cannot be read: {error}") from error
    return Heads(style, copy, cohort)


def save_artefact(folder: Path, manifest: SimilarityManifest) -> None:
    """Write the manifest, last: a folder without one is no artefact."""
    text = manifest.model_dump_json(indent=2) + "\n"
    write_whole(folder / MANIFEST, text.encode())


def load_artefact(folder: Path) -> SimilarityArtefact:
    """Read an artefact and check its heads against the manifest.

    Raises:
        BrokenIndex: A file is missing, invalid, or not the one that the manifest names.
    """
    try:
        manifest = SimilarityManifest.model_validate_json((folder / MANIFEST).read_bytes())
        digest = file_sha256(folder / HEADS)
    except (OSError, ValidationError) as error:
        raise BrokenIndex(f"the model {folder.name} cannot be read: {error}") from error
    if digest != manifest.heads_sha256:
        raise BrokenIndex(f"{folder.name}/{HEADS} is not the file that the manifest names")
    return SimilarityArtefact(
        manifest, load_heads(folder / HEADS, manifest.members, manifest.optimism)
    )


def artefact_for(encoder: str, *places: Path) -> SimilarityArtefact:
    """The artefact in use for an encoder: of several in one place the last by name.

    Args:
        encoder: Id of the encoder.
        places: Folders of artefacts, the first that has one counts; those that came with the
            product are looked at last. They need not exist.

    Raises:
        IndexDiffers: None is made for that encoder.
        BrokenIndex: It cannot be read.
    """
    for place in (*places, SHIPPED):
        for path in sorted(place.glob(f"*/{MANIFEST}"), reverse=True):
            artefact = load_artefact(path.parent)
            if artefact.manifest.encoder == encoder:
                return artefact
    raise IndexDiffers(
        f"works can be searched with the int8 encoder alone, not with {encoder}: no similarity"
        " model is made for it"
    )


def _packed(name: str, matrix: NDArray[np.float32]) -> Arrays:
    scale = np.maximum(np.abs(matrix).max(axis=0), 1e-12) / 127
    whole = np.rint(matrix / scale).astype(np.int8)
    return {name: whole, f"{name}.scale": scale.astype(np.float32)}


def _unpacked(name: str, arrays: Arrays) -> NDArray[np.float32]:
    return np.asarray(arrays[name].astype(np.float32) * arrays[f"{name}.scale"], np.float32)
