"""The reference against the published weights, by a second derivation in NumPy."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from models import load_reference_encoder
from models.encoder.precision import synthetic_views
from models.encoder.spec import SPEC
from models.encoder.weights import Tensors, block, dequantised, load_weights


@pytest.fixture(scope="module")
def tensors(encoder_cache: Path) -> Tensors:
    return load_weights(encoder_cache)


def test_dequantised_weights_are_integers_times_the_scale(tensors: Tensors) -> None:
    weights = dict(dequantised(tensors))
    name = f"{block(7)}mlp.c_fc.weight"
    row, column = 1234, 56
    expected = np.float32(tensors[name][row, column]) * tensors[f"{name}.scale"][row]
    assert tensors[name].dtype == np.int8
    assert weights[name].shape == (3072, 768)
    assert weights[name][row, column] == expected
    assert weights["proj"][5, 9] == np.float32(tensors["proj"][5, 9]) * tensors["proj.scale"][9]
    assert not any(name.endswith(".scale") for name in weights)


def test_first_block_as_written_down_here(tensors: Tensors, encoder_cache: Path) -> None:
    view = synthetic_views(1)
    tokens = embed(view[0], tensors)
    tokens = transformer_block(tokens, tensors, block(0))
    found = load_reference_encoder(encoder_cache).encode(view).class_tokens[0, 0]
    np.testing.assert_allclose(found, tokens[0], atol=2e-4)


Array = NDArray[np.float64]


def embed(view: NDArray[np.uint8], w: Tensors) -> Array:
    pixels = (view / 255 - np.array(SPEC.mean)) / np.array(SPEC.deviation)
    patches = pixels.reshape(14, 16, 14, 16, 3).transpose(0, 2, 4, 1, 3).reshape(196, 768)
    tokens = patches @ w["conv1.weight"].reshape(768, 768).T
    tokens = np.vstack([w["class_embedding"], tokens]) + w["positional_embedding"]
    return norm(tokens, w, "ln_pre")


def transformer_block(x: Array, w: Tensors, name: str) -> Array:
    q, k, v = np.split(
        linear(
            norm(x, w, f"{name}ln_1"), w, f"{name}attn.in_proj_weight", f"{name}attn.in_proj_bias"
        ),
        3,
        axis=1,
    )
    heads = []
    for head in range(12):
        part = slice(64 * head, 64 * head + 64)
        scores = q[:, part] @ k[:, part].T / 8
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        heads.append(scores / scores.sum(axis=1, keepdims=True) @ v[:, part])
    y = np.hstack(heads)
    x = x + linear(y, w, f"{name}attn.out_proj.weight", f"{name}attn.out_proj.bias")
    y = linear(norm(x, w, f"{name}ln_2"), w, f"{name}mlp.c_fc.weight", f"{name}mlp.c_fc.bias")
    y = y / (1 + np.exp(-1.702 * y))
    return x + linear(y, w, f"{name}mlp.c_proj.weight", f"{name}mlp.c_proj.bias")


def linear(x: Array, w: Tensors, weight: str, bias: str) -> Array:
    return x @ (w[weight].astype(np.float64) * w[f"{weight}.scale"][:, None]).T + w[bias]


def norm(x: Array, w: Tensors, name: str) -> Array:
    centred = x - x.mean(axis=1, keepdims=True)
    variance = (centred**2).mean(axis=1, keepdims=True)
    return centred / np.sqrt(variance + 1e-5) * w[f"{name}.weight"] + w[f"{name}.bias"]
