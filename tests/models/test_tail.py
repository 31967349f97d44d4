from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file
from torch import nn

from models import Features
from models.encoder.spec import SPEC
from models.encoder.weights import block
from models.errors import BrokenHead
from models.tail import Matrix, Tail, last_blocks, load_tail
from tests.tails import numbers, small_blocks, small_tail

BLOCKS, HEADS, WIDTH, PATCHES, UNITS = 2, 4, 32, 9, 5


@pytest.fixture
def tail() -> Tail:
    return small_tail(small_blocks(BLOCKS, WIDTH, HEADS), UNITS)


@pytest.fixture
def features() -> Features:
    rng = np.random.default_rng(3)
    classes = rng.normal(size=(4, 3, WIDTH)).astype(np.float32)
    patches = rng.normal(size=(4, PATCHES, WIDTH)).astype(np.float16)
    return Features(classes[:, 0], classes, classes, classes, "fake:1", patches)


def _by_torch(tail: Tail, features: Features) -> np.ndarray:
    """As torch's own layers compute it, with every key and value of every token."""

    def tensor(values: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(np.asarray(values, np.float32))

    token = tensor(features.class_tokens[:, tail.block - 1])[:, None]
    assert features.patch_tokens is not None
    patches, seen = tensor(features.patch_tokens), []
    for number in range(BLOCKS):
        norms = [nn.LayerNorm(WIDTH) for _ in range(2)]
        attention = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True)
        layers = [nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)]
        for norm, (weight, bias) in zip(norms, tail.norms[number], strict=True):
            norm.load_state_dict({"weight": tensor(weight), "bias": tensor(bias)})
        attention.load_state_dict(
            {
                "in_proj_weight": tensor(tail.inward.values[number]),
                "in_proj_bias": tensor(tail.inward_bias[number]),
                "out_proj.weight": tensor(tail.outward.values[number]),
                "out_proj.bias": tensor(tail.outward_bias[number]),
            }
        )
        for layer, matrix, bias in zip(
            layers,
            (tail.wide, tail.narrow),
            (tail.wide_bias, tail.narrow_bias),
            strict=True,
        ):
            layer.load_state_dict(
                {"weight": tensor(matrix.values[number]), "bias": tensor(bias[number])}
            )
        normal = norms[0](torch.cat([token, patches], dim=1))
        token = token + attention(normal[:, :1], normal, normal)[0]
        inner = layers[0](norms[1](token))
        token = token + layers[1](inner * torch.sigmoid(1.702 * inner))
        seen.append(nn.functional.layer_norm(token[:, 0], (WIDTH,)))
    units = torch.relu(torch.cat(seen, dim=1) @ tensor(tail.units.values).T + tensor(tail.offset))
    scores: np.ndarray = (units @ tensor(tail.out) + float(tail.bias[0])).detach().numpy()
    return scores


def test_computes_what_torchs_own_layers_do(tail: Tail, features: Features) -> None:
    np.testing.assert_allclose(tail.score(features), _by_torch(tail, features), atol=1e-4)


def test_a_view_does_not_depend_on_its_batch(tail: Tail, features: Features) -> None:
    together = tail.score(features)
    for i in range(4):
        np.testing.assert_array_equal(tail.score(features[i : i + 1]), together[i : i + 1])
    assert tail.score(features[:0]).shape == (0,)


def test_looks_at_every_patch_in_whatever_order(tail: Tail, features: Features) -> None:
    assert features.patch_tokens is not None
    turned = replace(features, patch_tokens=features.patch_tokens[:, ::-1])
    np.testing.assert_allclose(tail.score(turned), tail.score(features), atol=1e-4)
    other = features.patch_tokens.copy()
    other[:, 4] *= -1
    changed = tail.score(replace(features, patch_tokens=other))
    assert (np.abs(changed - tail.score(features)) > 1e-3).all()


def test_numbers_of_a_byte_are_near_to_those_that_they_stand_for() -> None:
    values = numbers(3, 7, 11)
    values[1, 2] = 0
    matrix = Matrix.of(values)
    step = np.abs(values).max(axis=-1, keepdims=True) / 127
    assert (np.abs(matrix.values - values) <= step / 2 + 1e-7).all()


def test_numbers_without_end_make_no_noise(tail: Tail, features: Features) -> None:
    """Far below zero nothing is left of GELU, and its exponential is beyond all numbers."""
    with np.errstate(all="raise", under="ignore"):
        low = replace(tail, wide_bias=np.full_like(tail.wide_bias, -1e4))
        assert np.isfinite(low.score(features)).all()


def test_comes_back_from_its_file(tmp_path: Path, tail: Tail, features: Features) -> None:
    tail.save(tmp_path / "tail.safetensors")
    again = load_tail(tmp_path / "tail.safetensors")
    assert (again.block, again.heads) == (tail.block, tail.heads)
    np.testing.assert_array_equal(again.score(features), tail.score(features))


def test_refuses_a_file_of_something_else(tmp_path: Path, tail: Tail) -> None:
    path = tmp_path / "tail.safetensors"
    tail.save(path)
    arrays = load_file(path)
    save_file(arrays, path, metadata={"head": '{"kind": "networks"}'})
    with pytest.raises(BrokenHead, match="should hold a tail"):
        load_tail(path)
    about = {"head": '{"kind": "tail", "block": 2, "heads": 4}'}
    save_file({**arrays, "more": arrays["out"]}, path, metadata=about)
    with pytest.raises(BrokenHead, match="cannot be read"):
        load_tail(path)
    save_file({k: v for k, v in arrays.items() if k != "wide.scale"}, path, metadata=about)
    with pytest.raises(BrokenHead, match="cannot be read"):
        load_tail(path)
    path.write_bytes(b"short")
    with pytest.raises(BrokenHead, match="cannot be read"):
        load_tail(path)


@pytest.mark.parametrize("name", ["norms", "outward_bias", "offset", "out", "bias"])
def test_refuses_arrays_that_do_not_fit(tail: Tail, name: str) -> None:
    with pytest.raises(BrokenHead, match="shape"):
        replace(tail, **{name: np.zeros((3, 3), np.float32)})


def test_refuses_matrices_that_do_not_fit_and_numbers_that_are_none(tail: Tail) -> None:
    with pytest.raises(BrokenHead, match="wide has not the shape"):
        replace(tail, wide=tail.narrow)
    with pytest.raises(BrokenHead, match="heads"):
        replace(tail, heads=5)
    with pytest.raises(BrokenHead, match="finite"):
        replace(tail, bias=np.array([np.nan], np.float32))


def test_refuses_features_that_it_cannot_read(tail: Tail, features: Features) -> None:
    with pytest.raises(ValueError, match="patch tokens"):
        tail.score(replace(features, patch_tokens=None))
    assert features.patch_tokens is not None
    with pytest.raises(BrokenHead, match="was given"):
        tail.score(replace(features, patch_tokens=features.patch_tokens[..., :7]))
    with pytest.raises(BrokenHead, match="after block 2"):
        tail.score(replace(features, class_tokens=features.class_tokens[:, :1]))


def test_begins_with_the_blocks_after_the_patch_tokens() -> None:
    spec = SPEC.model_copy(update={"width": 4, "blocks": 3, "heads": 2, "token_block": 1})
    shapes = {
        "ln_1.weight": (4,),
        "ln_1.bias": (4,),
        "ln_2.weight": (4,),
        "ln_2.bias": (4,),
        "attn.in_proj_weight": (12, 4),
        "attn.in_proj_bias": (12,),
        "attn.out_proj.weight": (4, 4),
        "attn.out_proj.bias": (4,),
        "mlp.c_fc.weight": (16, 4),
        "mlp.c_fc.bias": (16,),
        "mlp.c_proj.weight": (4, 16),
        "mlp.c_proj.bias": (4,),
    }
    tensors = {
        f"{block(number)}{name}": numbers(*shape, seed=100 * number + i)
        for number in range(3)
        for i, (name, shape) in enumerate(shapes.items())
    }
    whole = tensors[f"{block(2)}mlp.c_proj.weight"]
    tensors[f"{block(2)}mlp.c_proj.weight"] = np.ones((4, 16), np.int8)
    tensors[f"{block(2)}mlp.c_proj.weight.scale"] = whole[:, 0]
    found = last_blocks(tensors, spec)
    assert (found.block, found.heads) == (1, 2)
    assert found.arrays["norms"].shape == (2, 2, 2, 4)
    np.testing.assert_array_equal(found.arrays["norms"][0, 1, 0], tensors[f"{block(1)}ln_2.weight"])
    np.testing.assert_array_equal(found.arrays["norms"][1, 0, 1], tensors[f"{block(2)}ln_1.bias"])
    np.testing.assert_array_equal(
        found.arrays["narrow"][1], np.tile(whole[:, :1], 16), "the scales are multiplied in"
    )
    assert found.arrays["inward_bias"].shape == (2, 12)
