from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file, save_file

from detector import measure
from imaging import decode_for_view, sketch
from models.encoder.features import Features, Views
from models.feature_store.shards import TOKENS
from similarity.copies.pdq import hash_of
from tests.artefacts import FakeEncoder
from training.data import features as module
from training.data.augmentation import CLEAN, HARD, WEB, Treatment, augmented
from training.data.features import compute_features
from training.data.manifest import Row, read_manifest
from training.errors import TooFewImages, TrainingError


@pytest.fixture
def rows(small_manifest: Path) -> tuple[Row, ...]:
    return read_manifest(small_manifest)[:40]


def test_what_is_in_the_cache_is_not_encoded_again(rows: tuple[Row, ...], tmp_path: Path) -> None:
    first, again = FakeEncoder(), FakeEncoder()
    told: list[tuple[int, int]] = []
    one = compute_features(rows[:30], first, tmp_path, lambda *done: told.append(done))
    assert first.views_encoded == 30
    assert told[-1] == (30, 30)
    two = compute_features(rows, again, tmp_path, lambda *done: told.append(done))
    assert again.views_encoded == 10
    assert told[-1] == (40, 40)
    for name in ("embedding", "class_tokens", "patch_mean", "patch_std"):
        np.testing.assert_array_equal(getattr(two.features, name)[:30], getattr(one.features, name))
    assert (two.short_side == 160).all()
    np.testing.assert_array_equal(two.hashes[:30], one.hashes)


def test_features_are_those_of_the_rows_in_their_order(
    rows: tuple[Row, ...], tmp_path: Path
) -> None:
    forth = compute_features(rows, FakeEncoder(), tmp_path / "a")
    back = compute_features(rows[::-1], FakeEncoder(), tmp_path / "b")
    np.testing.assert_array_equal(forth.features.embedding, back.features.embedding[::-1])
    assert back.rows == rows[::-1]


def test_another_encoder_has_its_own_features(rows: tuple[Row, ...], tmp_path: Path) -> None:
    other = FakeEncoder("fake:2")
    compute_features(rows[:5], FakeEncoder(), tmp_path)
    assert compute_features(rows[:5], other, tmp_path).features.encoder == "fake:2"
    assert other.views_encoded == 5


def test_the_same_bytes_are_encoded_once(rows: tuple[Row, ...], tmp_path: Path) -> None:
    copy = tmp_path / "copy.png"
    copy.write_bytes(rows[0].path.read_bytes())
    twin = Row(99, "copy.png", copy, "ai")
    encoder = FakeEncoder()
    table = compute_features([*rows[:3], twin], encoder, tmp_path / "cache")
    assert encoder.views_encoded == 3
    np.testing.assert_array_equal(table.features.embedding[0], table.features.embedding[3])


def test_bad_images_are_left_out_and_named(rows: tuple[Row, ...], tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(rows[0].path.read_bytes()[:500])
    bad = [Row(7, n, tmp_path / n, "ai") for n in ("bad.png", "absent.png")]
    table = compute_features([*bad, *rows[:4]], FakeEncoder(), tmp_path / "cache")
    assert table.rows == rows[:4]
    assert {row.name for row, _ in table.unreadable} == {"bad.png", "absent.png"}
    assert all(why and "\n" not in why for _, why in table.unreadable)
    with pytest.raises(TooFewImages, match="not one image"):
        compute_features(bad, FakeEncoder(), tmp_path / "cache")


class _Interrupted(FakeEncoder):
    """Fails after some batches, as if the power went."""

    def encode(self, views: Views) -> Features:
        if self.views_encoded >= 600:
            raise KeyboardInterrupt
        return super().encode(views)


def test_an_interrupted_run_goes_on_from_the_last_shard(tmp_path: Path) -> None:
    def images() -> Iterator[Row]:
        for i in range(700):
            path = tmp_path / f"{i}.png"
            pixels = np.random.default_rng(i).integers(0, 256, (16, 16, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(path, compress_level=0)
            yield Row(i, path.name, path, "ai")

    rows, cache = list(images()), tmp_path / "cache"
    with pytest.raises(KeyboardInterrupt):
        compute_features(rows, _Interrupted(), cache)
    rest = FakeEncoder()
    table = compute_features(rows, rest, cache)
    assert rest.views_encoded == 700 - 2 * module.FULL
    assert len(table.features) == 700


def test_a_damaged_shard_is_computed_again(rows: tuple[Row, ...], tmp_path: Path) -> None:
    whole = compute_features(rows, FakeEncoder(), tmp_path)
    (shard,) = tmp_path.glob("*/*.safetensors")
    shard.write_bytes(shard.read_bytes()[:-100])
    (shard.parent / "left.partial").write_bytes(b"half")
    encoder = FakeEncoder()
    again = compute_features(rows, encoder, tmp_path)
    assert encoder.views_encoded == len(rows)
    np.testing.assert_array_equal(again.features.embedding, whole.features.embedding)


def test_precisions_that_share_an_id_do_not_share_features(
    rows: tuple[Row, ...], tmp_path: Path
) -> None:
    class Precise(FakeEncoder):
        precision = "bf16"

    compute_features(rows[:5], FakeEncoder(), tmp_path)
    other = Precise()
    compute_features(rows[:5], other, tmp_path)
    assert other.views_encoded == 5


@pytest.mark.parametrize("treatment", [WEB, HARD, augmented(1)], ids=lambda t: t.name)
def test_each_treatment_has_its_own_features(
    treatment: Treatment, rows: tuple[Row, ...], tmp_path: Path
) -> None:
    encoder = FakeEncoder()
    clean = compute_features(rows[:6], encoder, tmp_path)
    treated = compute_features(rows[:6], encoder, tmp_path, None, treatment)
    assert encoder.views_encoded == 12
    assert treated.sha256 == clean.sha256
    assert (treated.features.class_tokens != clean.features.class_tokens).any(axis=(1, 2)).all()
    again = compute_features(rows[:6], FakeEncoder(), tmp_path, None, treatment)
    np.testing.assert_array_equal(again.features.embedding, treated.features.embedding)
    for i, row in enumerate(rows[:6]):
        view, image = treatment.view(row.path.read_bytes(), encoder.size)
        expected = encoder.encode(view[None]).class_tokens[0]
        np.testing.assert_array_equal(treated.features.class_tokens[i], expected)
        assert treated.sides[i].tolist() == [image.width, image.height]
        assert treated.short_side[i] == min(image.width, image.height)


def test_shards_of_another_layout_are_computed_again(rows: tuple[Row, ...], tmp_path: Path) -> None:
    compute_features(rows[:5], FakeEncoder(), tmp_path)
    (path,) = tmp_path.glob("fake_1/*.safetensors")
    arrays = load_file(path)
    del arrays["hashes"]
    save_file(arrays, path, metadata={"encoder": "fake:1"})
    encoder = FakeEncoder()
    compute_features(rows[:5], encoder, tmp_path)
    assert encoder.views_encoded == 5


def test_what_a_detector_asks_of_an_image_is_kept(rows: tuple[Row, ...], tmp_path: Path) -> None:
    table = compute_features(rows[:4], FakeEncoder(), tmp_path)
    again = compute_features(rows[:4], FakeEncoder(), tmp_path)
    for i, row in enumerate(rows[:4]):
        image = decode_for_view(row.path.read_bytes(), FakeEncoder().size)
        assert table.measures(i) == again.measures(i) == measure(image)
        np.testing.assert_array_equal(table.hashes[i], hash_of(sketch(image))[0])


class _WithTokens(FakeEncoder):
    """Gives four patch tokens per view, too."""

    def encode(self, views: Views) -> Features:
        tokens = views[:, :2, :2].reshape(len(views), 4, 3).astype(np.float16)
        return replace(super().encode(views), patch_tokens=tokens)


def test_patch_tokens_stay_on_the_disk_and_are_read_by_row(
    rows: tuple[Row, ...], tmp_path: Path
) -> None:
    encoder = _WithTokens()
    compute_features(rows[:10], encoder, tmp_path)
    assert not list(tmp_path.glob(f"*/{TOKENS}/*"))
    table = compute_features(rows[5:20], encoder, tmp_path, tokens=True)
    assert encoder.views_encoded == 10 + 15, "without their tokens, images are encoded again"
    assert table.features.patch_tokens is None
    again = compute_features(rows[:20], encoder, tmp_path, tokens=True)
    assert encoder.views_encoded == 25 + 5
    wanted = np.array([19, 0, 7, 7])
    read = again.patch_tokens(wanted)
    assert (read.shape, read.dtype) == ((4, 4, 3), np.float16)
    for i, tokens in zip(wanted, read, strict=True):
        view, _ = CLEAN.view(rows[i].path.read_bytes(), encoder.size)
        np.testing.assert_array_equal(tokens, view[:2, :2].reshape(4, 3))
        np.testing.assert_array_equal(again.image(i).patch_tokens, tokens[None])
    some = again.where(np.arange(20) >= 7)
    np.testing.assert_array_equal(some.patch_tokens(np.array([0, 12])), read[[2, 0]])
    assert again.patch_tokens(np.array([], int)).shape == (0, 4, 3)
    without = compute_features(rows[:20], encoder, tmp_path)
    assert without.image(3).patch_tokens is None
    with pytest.raises(ValueError, match="without patch tokens"):
        without.patch_tokens(wanted)


def test_damaged_tokens_are_computed_again(rows: tuple[Row, ...], tmp_path: Path) -> None:
    whole = compute_features(rows[:6], _WithTokens(), tmp_path, tokens=True)
    read = whole.patch_tokens(np.arange(6))
    (path,) = tmp_path.glob(f"*/{TOKENS}/*")
    path.write_bytes(path.read_bytes()[:-10])
    encoder = _WithTokens()
    again = compute_features(rows[:6], encoder, tmp_path, tokens=True)
    assert encoder.views_encoded == 6
    np.testing.assert_array_equal(again.patch_tokens(np.arange(6)), read)


class _WithoutTokens(FakeEncoder):
    """An encoder that gives none, whatever is asked for."""

    def encode(self, views: Views) -> Features:
        return replace(super().encode(views), patch_tokens=None)


def test_an_encoder_without_tokens_is_refused(rows: tuple[Row, ...], tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="no patch tokens"):
        compute_features(rows[:3], _WithoutTokens(), tmp_path, tokens=True)
