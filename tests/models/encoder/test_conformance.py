"""What holds for every implementation of the encoder, on real pictures."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from imaging import decode, global_view
from models import (
    Encoder,
    Features,
    Precision,
    load_encoder,
    load_reference_encoder,
)
from models.encoder.features import ARRAYS, Views
from models.encoder.precision import synthetic_views
from models.encoder.spec import SPEC
from models.encoder.torch_encoder import TorchEncoder
from models.encoder.weights import load_weights


@dataclass(frozen=True)
class Bar:
    """What an implementation is held to, as cosines to the reference."""

    mean: float
    worst: float
    batch: float = 1e-4  # largest difference of a number between batch sizes
    tokens: float = 1 - 1e-6  # smallest cosine of a patch token to itself in another batch


BARS = {
    "torch": Bar(1 - 1e-6, 1 - 1e-6),
    "torch, compiled": Bar(1 - 1e-6, 1 - 1e-6),
    Precision.FP16: Bar(0.9995, 0.999, batch=0.05, tokens=0.999),
    Precision.FP32: Bar(1 - 1e-5, 1 - 1e-5),
    Precision.BF16: Bar(0.999, 0.999, batch=0.05, tokens=0.999),
    Precision.INT8: Bar(0.995, 0.98, batch=0.05, tokens=0.999),
    Precision.INT8_BF16: Bar(0.995, 0.98, batch=0.05, tokens=0.999),
}


@pytest.fixture(scope="module")
def views(data_dir: Path) -> Views:
    """Pictures that the int8 calibration has not seen, of different sources."""
    with (data_dir / "manifest.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == "dev"]
    paths = [data_dir / row["path"] for row in rows[:: len(rows) // 12][:12]]
    return np.stack([global_view(decode(p.read_bytes(), min_side=448), 224) for p in paths])


@pytest.fixture(scope="module")
def reference(views: Views, encoder_cache: Path) -> Features:
    return load_reference_encoder(encoder_cache).encode(views)


@pytest.fixture(scope="module", params=list(BARS), ids=str)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def encoder(kind: str, encoder_cache: Path) -> Encoder:
    if kind == "torch":
        return load_reference_encoder(encoder_cache)
    if kind == "torch, compiled":  # by what needs no C compiler
        return TorchEncoder(load_weights(encoder_cache), compiler="aot_eager")
    if kind == Precision.FP16:
        return load_reference_encoder(encoder_cache, precision=Precision.FP16)
    return load_encoder(encoder_cache, precision=Precision(kind))


@pytest.fixture(scope="module")
def features(encoder: Encoder, views: Views) -> Features:
    return encoder.encode(views)


def test_shapes_and_types(features: Features, views: Views) -> None:
    n = len(views)
    assert len(features) == n
    assert features.embedding.shape == (n, 512)
    assert features.class_tokens.shape == (n, 12, 768)
    assert features.patch_mean.shape == features.patch_std.shape == (n, len(SPEC.patch_blocks), 768)
    for name in ARRAYS:
        array = getattr(features, name)
        assert array.dtype == np.float32
        assert np.isfinite(array).all()
    assert (features.patch_std >= 0).all()
    assert features.patch_tokens is not None
    assert features.patch_tokens.shape == (n, 196, 768)
    assert features.patch_tokens.dtype == np.float16
    assert np.isfinite(features.patch_tokens).all()


def test_embeddings_have_unit_norm(features: Features) -> None:
    np.testing.assert_allclose(np.linalg.norm(features.embedding, axis=1), 1, atol=1e-4)


def test_agrees_with_the_reference(features: Features, reference: Features, kind: str) -> None:
    bar = BARS[kind]
    for name in ARRAYS:
        cosines = cosine(getattr(features, name), getattr(reference, name))
        assert cosines.mean() >= bar.mean, name
        assert cosines.min() >= bar.worst, name


def test_patch_tokens_agree_with_the_reference(
    features: Features, reference: Features, kind: str
) -> None:
    cosines = cosine(tokens(features), tokens(reference))
    # A few tokens in plain regions become ten times as large as the rest and hold the whole
    # picture (Darcet et al., https://arxiv.org/abs/2309.16588); which ones, rounding may decide.
    assert np.median(cosines) >= BARS[kind].mean
    assert np.quantile(cosines, 0.05) >= BARS[kind].worst


def test_patch_tokens_stand_row_by_row(encoder: Encoder) -> None:
    views = np.repeat(synthetic_views(1), 2, axis=0)
    inverted = np.zeros((14, 14), bool)
    inverted[2:6, 9:] = True
    views[1, np.kron(inverted, np.ones((16, 16), bool))] ^= 255
    plain, marked = tokens(encoder.encode(views))
    change = np.linalg.norm(marked - plain, axis=1).reshape(14, 14)
    assert np.median(change[inverted]) > 3 * np.median(change[~inverted])


def test_a_row_depends_on_its_view_alone(
    encoder: Encoder, features: Features, views: Views, kind: str
) -> None:
    for rows in (slice(2, 3), slice(0, 5)):
        apart = encoder.encode(views[rows])
        for name in ARRAYS:
            difference = np.abs(getattr(apart, name) - getattr(features, name)[rows]).max()
            assert difference <= BARS[kind].batch, (name, rows)
        assert cosine(tokens(apart), tokens(features)[rows]).min() >= BARS[kind].tokens, rows


def test_the_same_views_give_the_same_numbers(encoder: Encoder, views: Views) -> None:
    first, second = encoder.encode(views[:2]), encoder.encode(views[:2])
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
    np.testing.assert_array_equal(tokens(first), tokens(second))


def test_no_views_give_no_rows(encoder: Encoder) -> None:
    empty = encoder.encode(np.empty((0, 224, 224, 3), np.uint8))
    assert len(empty) == 0
    assert empty.class_tokens.shape == (0, 12, 768)
    assert tokens(empty).shape == (0, 196, 768)


def test_views_that_are_not_contiguous(
    encoder: Encoder, views: Views, features: Features, kind: str
) -> None:
    backwards = encoder.encode(views[1::-1])
    difference = np.abs(backwards.embedding[::-1] - features.embedding[:2]).max()
    assert difference <= BARS[kind].batch


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((1, 224, 224, 3), np.float32),
        np.zeros((224, 224, 3), np.uint8),
        np.zeros((1, 3, 224, 224), np.uint8),
        np.zeros((1, 256, 256, 3), np.uint8),
    ],
    ids=["float", "one view without a batch", "channels first", "another size"],
)
def test_refuses_other_views(encoder: Encoder, wrong: Views) -> None:
    with pytest.raises(ValueError, match=r"views must be uint8 \[N, 224, 224, 3\], not"):
        encoder.encode(wrong)


def test_id_and_size(encoder: Encoder, features: Features, kind: str) -> None:
    assert encoder.size == 224
    assert features.encoder == encoder.id
    assert encoder.id.startswith("clip-vit-b16-openai:2d2da5e254d6:bicubic224:")
    family = encoder.id.rsplit(":", 1)[1]
    assert family.startswith("int8-") if kind.startswith("int8") else family == "float"


def tokens(features: Features) -> np.ndarray:
    assert features.patch_tokens is not None
    return features.patch_tokens.astype(np.float32)


def cosine(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    norms = np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1)
    return (a * b).sum(axis=-1) / norms
