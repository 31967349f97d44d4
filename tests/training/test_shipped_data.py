"""What the shipped artefacts were made from, checked on the real images."""

import hashlib
from collections import defaultdict
from pathlib import Path

import pytest

from models.artefact.detector import DetectorArtefact, load_seen
from models.artefact.registry import SHIPPED
from training.data.manifest import read_manifest
from training.data.splits import group_keys, join_groups

HEADS = sorted(path.parent for path in SHIPPED.glob("*/head.safetensors"))


@pytest.fixture(scope="module")
def digests(data_dir: Path) -> dict[str, set[str]]:
    """The first 16 hex digits of the files of each split."""
    found = defaultdict(set)
    for row in read_manifest(data_dir / "manifest.csv"):
        found[row.split].add(hashlib.sha256(row.path.read_bytes()).hexdigest()[:16])
    return found


@pytest.mark.parametrize("folder", HEADS, ids=lambda folder: folder.name)
def test_has_seen_nothing_outside_the_split_train(
    folder: Path, digests: dict[str, set[str]]
) -> None:
    """The split has grown since the heads were made: of the later images they know nothing yet."""
    artefact = DetectorArtefact.load(folder)
    seen = load_seen(artefact)
    assert seen <= digests["train"]
    assert len(seen) == sum(artefact.manifest.data.images.values())
    assert not seen & (digests["dev"] | digests["files"])


def test_the_groups_of_the_real_images(data_dir: Path) -> None:
    rows = [r for r in read_manifest(data_dir / "manifest.csv") if r.split == "train"]
    groups = join_groups(rows, group_keys(rows), [])
    where: dict[str, set[str]] = defaultdict(set)
    for row, group in zip(rows, groups, strict=True):
        where[f"{row.label} {row.source}"].add(group)
    # Sheets of one generator are held out together; the two big collections go by creator.
    assert where["ai flux-style-cheatsheet"] == where["ai flux-style-cheatsheet-b"]
    assert where["ai sd15-artist-cheatsheet"] == where["ai sd15-artist-cheatsheet-b"]
    assert where["ai laboratoriet-realorai"] == where["human laboratoriet-realorai"]
    assert len(where["human Debian"]) > 50
    assert len(where["human openclipart"]) > 50
    creators: dict[str, set[str]] = defaultdict(set)
    for row, group in zip(rows, groups, strict=True):
        if row.label == "human" and row.creator:
            creators[row.creator].add(group)
    assert {name for name, held in creators.items() if len(held) > 1} == set()
