from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from models import DetectorArtefact
from models.artefact.detector import PATCHES
from models.errors import BrokenArtefact, BrokenHead
from models.patch_head import PatchHead, load_patch_head, stands_for_patch
from tests.artefacts import fake_head, write_artefact


@pytest.fixture
def tokens() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(5, 16, 7)).astype(np.float16)


@pytest.fixture
def head() -> PatchHead:
    return PatchHead(np.random.default_rng(1).normal(size=7).astype(np.float32), bias=0.25)


def test_scores_as_the_formula_says(head: PatchHead, tokens: np.ndarray) -> None:
    expected = [
        [sum(float(a) * float(b) for a, b in zip(token, head.weight, strict=True)) + 0.25]
        for token in tokens.reshape(80, 7)
    ]
    np.testing.assert_allclose(head.score(tokens), np.reshape(expected, (5, 16)), atol=1e-5)


def test_the_mean_of_the_patches_is_the_score_of_the_mean_token(
    head: PatchHead, tokens: np.ndarray
) -> None:
    of_mean = tokens.astype(np.float64).mean(axis=1) @ head.weight + head.bias
    np.testing.assert_allclose(head.score(tokens).mean(axis=1), of_mean, atol=1e-6)


def test_a_view_does_not_depend_on_its_batch(head: PatchHead, tokens: np.ndarray) -> None:
    for i in range(5):
        np.testing.assert_array_equal(head.score(tokens[i : i + 1])[0], head.score(tokens)[i])


def test_no_views_no_scores(head: PatchHead, tokens: np.ndarray) -> None:
    assert head.score(tokens[:0]).shape == (0, 16)
    assert stands_for_patch(tokens[:0]).shape == (0, 16)


def test_tokens_far_longer_than_the_rest_do_not_stand_for_their_patch() -> None:
    tokens = np.ones((2, 9, 4), np.float16)
    tokens[0, 3] *= 10
    tokens[1, 5] *= 1.5
    tokens[1, 6] = 0
    stands = stands_for_patch(tokens)
    assert np.argwhere(~stands).tolist() == [[0, 3]]


def test_comes_back_from_its_file(tmp_path: Path, head: PatchHead, tokens: np.ndarray) -> None:
    head.save(tmp_path / "p.safetensors")
    again = load_patch_head(tmp_path / "p.safetensors")
    np.testing.assert_array_equal(again.score(tokens), head.score(tokens))


def test_refuses_tokens_of_another_width(head: PatchHead) -> None:
    with pytest.raises(BrokenHead, match="reads 7 numbers and was given 6"):
        head.score(np.zeros((1, 4, 6), np.float16))


@pytest.mark.parametrize("keep", [0, 7, 60])
def test_refuses_a_truncated_file(tmp_path: Path, head: PatchHead, keep: int) -> None:
    path = tmp_path / "p.safetensors"
    head.save(path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(BrokenHead, match="cannot be read"):
        load_patch_head(path)


def test_refuses_what_is_no_patch_head(tmp_path: Path) -> None:
    path = tmp_path / "p.safetensors"
    fake_head().save(path)
    with pytest.raises(BrokenHead, match="should hold a patch head, not a linear one"):
        load_patch_head(path)
    save_file({"weight": np.ones(3, np.float32)}, path, metadata={"head": '{"kind": "patches"}'})
    with pytest.raises(BrokenHead, match="cannot be read"):
        load_patch_head(path)
    with pytest.raises(BrokenHead, match="cannot be read"):
        load_patch_head(tmp_path / "absent")
    with pytest.raises(BrokenHead, match="not finite"):
        PatchHead(np.full(3, np.nan, np.float32), 0.0)
    with pytest.raises(BrokenHead, match="one row"):
        PatchHead(np.ones((3, 3), np.float32), 0.0)


def test_an_artefact_may_carry_one(tmp_path: Path, head: PatchHead, tokens: np.ndarray) -> None:
    assert write_artefact(tmp_path / "without").patches is None
    loaded = write_artefact(tmp_path / "with", patches=head)
    assert loaded.patches is not None
    np.testing.assert_array_equal(loaded.patches.score(tokens), head.score(tokens))


def test_an_artefact_with_another_patch_head_than_named_is_refused(
    tmp_path: Path, head: PatchHead
) -> None:
    write_artefact(tmp_path / "a", patches=head)
    PatchHead(head.weight, bias=9.0).save(tmp_path / "a" / PATCHES)
    with pytest.raises(BrokenArtefact, match=f"{PATCHES} is not the file that"):
        DetectorArtefact.load(tmp_path / "a")
    (tmp_path / "a" / PATCHES).unlink()
    with pytest.raises(BrokenArtefact, match="is missing"):
        DetectorArtefact.load(tmp_path / "a")
