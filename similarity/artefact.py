"""The artefact of a similarity model: its heads, and the cohort of works for comparison.

The folder holds `heads.safetensors`. Matrices are kept as 8-bit integers with one scale per column,
and rounded to a thousandth of what they do; the cohort likewise, one scale per row.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from core.files import write_whole
from models.artefact.artefact import MANIFEST, Artefact, open_artefact
from models.artefact.manifest import SimilarityManifest
from models.errors import BrokenArtefact
from similarity.copies.verification import NOTHING, terms
from similarity.describe import Describer
from similarity.gallery.creators import Standing
from similarity.gallery.gallery import Identity
from similarity.heads import CopyHead, Projection, StyleHead
from similarity.styles.open_set import Cohort, measure
from similarity.vectors.base import unit

HEADS = "heads.safetensors"

Arrays = dict[str, NDArray[Any]]


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
class SimilarityArtefact(Artefact[SimilarityManifest]):
    """A similarity model as loaded.

    Attributes:
        heads: Of the model.
    """

    heads: Heads

    @classmethod
    def load(cls, folder: Path) -> "SimilarityArtefact":
        """Read a similarity model and check every file.

        Raises:
            ArtefactNotFound: The folder is no artefact, or does not exist.
            BrokenArtefact: It is another kind of artefact, or a file is missing, damaged, or not
                the one that the manifest names.
        """
        found = open_artefact(folder, SimilarityManifest)
        manifest = found.manifest
        weighed, known = set(manifest.copies.proof.weights), set(terms(NOTHING))
        if weighed != known:
            raise BrokenArtefact(
                f"{folder.name}/{MANIFEST} weighs {', '.join(sorted(weighed))}; a proof consists "
                f"of {', '.join(sorted(known))}"
            )
        heads = load_heads(found.path(HEADS), manifest.members, manifest.cohort_correction)
        return cls(folder, manifest, found.sha256, heads)

    @property
    def identity(self) -> Identity:
        """What an index made with it is made with."""
        manifest, heads = self.manifest, self.heads
        return Identity(
            encoder=manifest.encoder,
            heads=f"{manifest.heads or self.name} {manifest.files[HEADS].sha256[:12]}",
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


def save_heads(folder: Path, heads: Heads) -> None:
    """Write the heads into the folder of an artefact, which exists."""
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


def load_heads(path: Path, members: tuple[str, ...], cohort_correction: float) -> Heads:
    """Read the heads that `save_heads` wrote.

    Args:
        path: The file.
        members: The arrays of the features that the style head reads.
        cohort_correction: Of the cohort.

    Raises:
        BrokenArtefact: It cannot be read.
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
        cohort = Cohort(unit(_unpacked("cohort", arrays).T), arrays["people"], cohort_correction)
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise BrokenArtefact(f"the heads of {path.parent.name} cannot be read: {error}") from error
    return Heads(style, copy, cohort)


def _packed(name: str, matrix: NDArray[np.float32]) -> Arrays:
    scale = np.maximum(np.abs(matrix).max(axis=0), 1e-12) / 127
    whole = np.rint(matrix / scale).astype(np.int8)
    return {name: whole, f"{name}.scale": scale.astype(np.float32)}


def _unpacked(name: str, arrays: Arrays) -> NDArray[np.float32]:
    return np.asarray(arrays[name].astype(np.float32) * arrays[f"{name}.scale"], np.float32)
