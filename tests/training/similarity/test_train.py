from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.errors import FolderTaken
from similarity.artefact import SimilarityArtefact
from similarity.golden import check_rows, check_views
from similarity.windows import UNITS as GRID
from tests.artefacts import FakeEncoder
from tests.similarity.thresholds import COPIES
from training.data.features import compute_features
from training.data.manifest import read_manifest
from training.errors import TooFewImages
from training.similarity.copy_fit import LEARNT, fit_copy
from training.similarity.style_fit import StyleRecipe
from training.similarity.train import train_similarity

RECIPE = StyleRecipe({"class_tokens": 1.0, "embedding": 0.5}, components=30, length=16)


class PatchEncoder(FakeEncoder):
    """Its 8 x 8 patches, given as the 14 x 14 of the real encoder."""

    def encode(self, views):
        found = super().encode(views)
        grid = found.patch_tokens.reshape(len(views), 8, 8, -1)
        at = np.arange(GRID) * 8 // GRID
        tokens = grid[:, at][:, :, at].reshape(len(views), GRID * GRID, -1)
        return replace(found, patch_tokens=tokens)


@pytest.fixture(scope="module")
def trained(small_manifest: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("similarity")
    train_similarity(
        small_manifest,
        folder / "models" / "small",
        encoder=PatchEncoder(),
        cache=folder / "cache",
        recipe=RECIPE,
    )
    return folder / "models" / "small"


def test_an_artefact_is_complete_and_gives_its_golden_values(trained: Path) -> None:
    names = ["README.md", "golden.json", "heads.safetensors", "manifest.json", "seen.safetensors"]
    assert sorted(p.name for p in trained.iterdir()) == names
    artefact = SimilarityArtefact.load(trained)
    assert artefact.manifest.data.images == 60
    assert artefact.manifest.data.creators == 6
    assert artefact.manifest.cohort_correction >= 1
    assert artefact.manifest.copies.proof == COPIES.proof
    check_rows(artefact)
    check_views(artefact, PatchEncoder())
    assert artefact.identity.style == 16
    cohort = artefact.heads.cohort
    assert (cohort.people >= 0).sum() == 30
    assert (cohort.people < 0).sum() == 30


def test_the_card_gives_the_figures_and_their_limits(trained: Path) -> None:
    card = (trained / "README.md").read_text("utf-8")
    for part in ("last-layer cosine", "stated rate of 1 %", "cannot do", "fewer than three"):
        assert part in card


def test_creators_must_be_named(small_manifest: Path, tmp_path: Path) -> None:
    nameless = tmp_path / "m.csv"
    lines = small_manifest.read_text("utf-8").splitlines()
    place = lines[0].split(",").index("creator")
    kept = [lines[0]]
    for line in lines[1:]:
        fields = line.split(",")
        fields[place] = ""
        kept.append(",".join(fields))
    nameless.write_text("\n".join(kept), "utf-8")
    with pytest.raises(TooFewImages, match="creators are named"):
        train_similarity(nameless, tmp_path / "out", encoder=PatchEncoder(), cache=tmp_path / "c")


def test_a_folder_that_is_taken_is_refused(small_manifest: Path, trained: Path) -> None:
    with pytest.raises(FolderTaken, match="not empty"):
        train_similarity(
            small_manifest, trained, encoder=PatchEncoder(), cache=trained.parent / "c"
        )


def test_copy_vectors_of_the_learnt_windows_are_white(small_manifest: Path, tmp_path: Path) -> None:
    rows = read_manifest(small_manifest)
    table = compute_features(rows, PatchEncoder(), tmp_path, tokens=True)
    head = fit_copy(table, length=2)
    tokens = table.patch_tokens(np.arange(len(table.rows))).astype(np.float64)
    grid = tokens.reshape(len(tokens), GRID, GRID, -1)
    pooled = np.concatenate(
        [grid[:, t:b, left:right].mean(axis=(1, 2)) for t, b, left, right in LEARNT]
    )
    white = (pooled - head.mean) @ head.matrix
    np.testing.assert_allclose(np.cov(white, rowvar=False), np.eye(2), atol=0.02)
