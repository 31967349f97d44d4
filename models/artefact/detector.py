"""The artefact of a detector: its head, its patch head, and which images they were made from.

The folder holds `head.safetensors` and `seen.safetensors`; for the second opinion on images in
doubt `tail.safetensors`, and in `tail-held-out.safetensors` what it said of images before it had
seen them; for the heat map `patches.safetensors`;
for the photo signal `photo.safetensors`; for the distances `novelty.safetensors`.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from core.files import write_whole
from models.artefact.artefact import Artefact, open_artefact
from models.artefact.manifest import DetectorManifest
from models.errors import BrokenArtefact
from models.heads import Head, load_head
from models.patch_head import PatchHead, load_patch_head
from models.tail import Tail, load_tail

HEAD = "head.safetensors"
TAIL = "tail.safetensors"
TAIL_HELD_OUT = "tail-held-out.safetensors"
PATCHES = "patches.safetensors"
PHOTO = "photo.safetensors"
NOVELTY = "novelty.safetensors"
SEEN = "seen.safetensors"
HELD_OUT = "held-out.json"

RANGES = 10
"""Of probabilities, of equal width, in which held-out images are counted."""


@dataclass(frozen=True)
class DetectorArtefact(Artefact[DetectorManifest]):
    """A detector as loaded.

    Attributes:
        head: Features to raw scores.
        patches: Scores the regions of a view; None for models without a heat map.
        tail: Gives a second opinion on the first view where that leaves doubt; None for models
            without one.
    """

    head: Head
    patches: PatchHead | None = None
    tail: Tail | None = None

    @classmethod
    def load(cls, folder: Path) -> "DetectorArtefact":
        """Read a detector and check every file.

        Raises:
            ArtefactNotFound: The folder is no artefact, or does not exist.
            BrokenArtefact: It is another kind of artefact, or a file is missing, damaged, or not
                the one that the manifest names.
        """
        found = open_artefact(folder, DetectorManifest)
        head = load_head(found.path(HEAD))
        kind = found.manifest.head
        if head.kind != kind:
            raise BrokenArtefact(f"{folder.name} should hold a {kind} head, not {head.kind}")
        patches = load_patch_head(found.path(PATCHES)) if PATCHES in found.manifest.files else None
        tail = load_tail(found.path(TAIL)) if TAIL in found.manifest.files else None
        return cls(folder, found.manifest, found.sha256, head, patches, tail)


def save_seen(folder: Path, digests: Iterable[str]) -> None:
    """Record which images an artefact is made from, so that it is not judged on them.

    Args:
        folder: Of the artefact.
        digests: Hex SHA-256 digests of the files; the first 8 bytes of each are kept.
    """
    values = np.array(sorted({int(digest[:16], 16) for digest in digests}), np.uint64)
    write_whole(folder / SEEN, save({"sha256_start": values}))


def load_seen(artefact: Artefact[Any]) -> frozenset[str]:
    """The first 16 hex digits of the digests of all images that an artefact was made from.

    Raises:
        BrokenArtefact: The record is missing or damaged.
    """
    try:
        values = load_file(artefact.path(SEEN))["sha256_start"]
    except (OSError, SafetensorError, KeyError) as error:
        raise BrokenArtefact(f"{artefact.name}/{SEEN} cannot be read") from error
    return frozenset(f"{int(value):016x}" for value in values)


def save_tail_held_out(folder: Path, said: Mapping[str, float]) -> None:
    """Record what a tail said of images before it had seen them.

    A challenger is made from more images, but keeps the tail; of those that the tail has seen, what
    it says now would tell nothing.

    Args:
        folder: Of the artefact.
        said: Raw scores by the hex SHA-256 digests of the files, of which the first 8 bytes are
            kept.
    """
    by_start = {int(digest[:16], 16): score for digest, score in said.items()}
    starts = sorted(by_start)
    arrays: dict[str, NDArray[Any]] = {
        "sha256_start": np.array(starts, np.uint64),
        "score": np.array([by_start[one] for one in starts], np.float32),
    }
    write_whole(folder / TAIL_HELD_OUT, save(arrays))


def load_tail_held_out(artefact: Artefact[Any]) -> dict[str, float]:
    """What a tail said of images before it had seen them, by the first 16 hex digits of digests.

    Raises:
        BrokenArtefact: The record is missing or damaged.
    """
    try:
        arrays = load_file(artefact.path(TAIL_HELD_OUT))
        starts, scores = arrays["sha256_start"].tolist(), arrays["score"].tolist()
        return {f"{one:016x}": score for one, score in zip(starts, scores, strict=True)}
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise BrokenArtefact(f"{artefact.name}/{TAIL_HELD_OUT} cannot be read") from error


@dataclass(frozen=True)
class HeldOutRange:
    """Images that a detector was not made from, whose probabilities lie in one range.

    Attributes:
        number: Of the range, from 0; there are `RANGES` of equal width.
        n: Images, each as often as it was scored.
        share: Of AI pictures among them, both classes weighing the same.
    """

    number: int
    n: float
    share: float


def held_out_ranges(artefact: DetectorArtefact) -> tuple[HeldOutRange, ...]:
    """How the probabilities of the images that a detector was not made from are spread.

    Returns:
        The ranges that hold any; none for an artefact that has no such figures.

    Raises:
        BrokenArtefact: The figures cannot be read.
    """
    if HELD_OUT not in artefact.manifest.files:
        return ()
    try:
        document = json.loads(artefact.path(HELD_OUT).read_bytes())
        # Older artefacts have the detector's figures alone.
        found = document.get("detector", document)["reliability"]
        # Ranges without an image are left out; the mean probability says which one it is.
        ranges = [
            HeldOutRange(
                min(int(one["probability"] * RANGES), RANGES - 1),
                float(one["n"]),
                float(one["share"]),
            )
            for one in found
        ]
        if not sum(one.n for one in ranges) > 0:
            raise ValueError("no image")
        return tuple(ranges)
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise BrokenArtefact(f"{artefact.name}/{HELD_OUT} cannot be read") from error


def held_out_shares(artefact: DetectorArtefact) -> tuple[float, ...]:
    """Of each range of probabilities the share of held-out images, which sum to 1.

    Returns:
        Empty for an artefact that has no such figures.

    Raises:
        BrokenArtefact: The figures cannot be read.
    """
    found = held_out_ranges(artefact)
    counts = [0.0] * RANGES
    for one in found:
        counts[one.number] += one.n
    total = sum(counts)
    return tuple(count / total for count in counts) if total else ()
