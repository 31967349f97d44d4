"""The tail: a second opinion on a view, by the encoder's last blocks tuned for it. NumPy alone.

A head reads what the frozen encoder says of a view. A tail goes back to the tokens before the
encoder's last blocks and goes on from there with blocks of its own, of the same form, tuned to tell
AI pictures from human works. Only the class token is computed: it attends to the patch tokens as
they came, so that a block costs a hundredth of the encoder's.

Paper: Touvron et al., Going deeper with Image Transformers (class attention) -
https://arxiv.org/abs/2103.17239
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from core.files import write_whole
from models.encoder.features import Features
from models.encoder.spec import SPEC, EncoderSpec
from models.encoder.weights import Tensors, block, dequantised, load_weights
from models.errors import BrokenHead

KIND = "tail"

EPSILON = 1e-5
"""Added to the variance in every layer normalisation."""

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Matrix:
    """A matrix whose numbers take a byte each.

    Attributes:
        numbers: int8 [..., O, I].
        scale: float32 [..., O]: what one step of a row is worth.
    """

    numbers: NDArray[np.int8] = field(repr=False)
    scale: Array = field(repr=False)

    @classmethod
    def of(cls, values: Array) -> "Matrix":
        """The nearest to some values, float32 [..., O, I]."""
        scale = np.maximum(np.abs(values).max(axis=-1) / 127, np.finfo(np.float32).tiny)
        numbers = np.rint(values / scale[..., None]).astype(np.int8)
        return cls(numbers, scale.astype(np.float32))

    @property
    def values(self) -> Array:
        """As it is multiplied, float32 [..., O, I]."""
        return np.asarray(self.numbers * self.scale[..., None], np.float32)


@dataclass(frozen=True)
class Tail:
    """B blocks in which the class token attends to the P patch tokens, and a network on the result.

    A block is that of the encoder: attention on normalised tokens is added to the class token, and
    then two layers with GELU (in CLIP's approximation) on the normalised sum. The network has one
    layer of U rectified linear units, which read the class token, normalised, after every block.

    Attributes:
        block: After which block of the encoder, counted from 1, its tokens are taken.
        heads: Of the attention.
        norms: float32 [B, 2, 2, C], weight and bias of the normalisations before the attention and
            before the two layers.
        inward: [B, 3C, C]: queries, keys and values.
        inward_bias: float32 [B, 3C].
        outward: [B, C, C].
        outward_bias: float32 [B, C].
        wide: [B, 4C, C], the first of the two layers.
        wide_bias: float32 [B, 4C].
        narrow: [B, C, 4C], the second.
        narrow_bias: float32 [B, C].
        units: [U, B * C].
        offset: float32 [U].
        out: float32 [U].
        bias: float32 [1].
    """

    block: int
    heads: int
    norms: Array = field(repr=False)
    inward: Matrix = field(repr=False)
    inward_bias: Array = field(repr=False)
    outward: Matrix = field(repr=False)
    outward_bias: Array = field(repr=False)
    wide: Matrix = field(repr=False)
    wide_bias: Array = field(repr=False)
    narrow: Matrix = field(repr=False)
    narrow_bias: Array = field(repr=False)
    units: Matrix = field(repr=False)
    offset: Array = field(repr=False)
    out: Array = field(repr=False)
    bias: Array = field(repr=False)

    def __post_init__(self) -> None:
        blocks, width = len(self.norms), self.norms.shape[-1] if self.norms.ndim == 4 else 0
        count = self.offset.size
        expected = {
            "norms": (blocks, 2, 2, width),
            "inward": (blocks, 3 * width, width),
            "outward": (blocks, width, width),
            "wide": (blocks, 4 * width, width),
            "narrow": (blocks, width, 4 * width),
            "units": (count, blocks * width),
            "offset": (count,),
            "out": (count,),
            "bias": (1,),
        } | {
            f"{name}_bias": (blocks, rows * width)
            for name, rows in (("inward", 3), ("outward", 1), ("wide", 4), ("narrow", 1))
        }
        arrays = _arrays(self)
        for name, shape in expected.items():
            if name in arrays:
                fits = arrays[name].shape == shape
            else:
                scale = arrays[f"{name}.scale"]
                fits = arrays[f"{name}.numbers"].shape == shape and scale.shape == shape[:-1]
            if not fits:
                raise BrokenHead(f"the tail's {name} has not the shape {shape}")
        if not blocks or not count or self.heads < 1 or width % self.heads or self.block < 1:
            raise BrokenHead("the tail has no blocks, no units, or heads that do not divide it")
        if not all(np.isfinite(one).all() for one in arrays.values()):
            raise BrokenHead("the tail holds numbers that are not finite")

    def score(self, features: Features) -> Array:
        """Score views: float32 [N], in log-odds before calibration. Row i depends on view i alone.

        Args:
            features: Of N views, with patch tokens.

        Raises:
            BrokenHead: The features have another width, or fewer blocks, than the tail reads.
            ValueError: The features have no patch tokens.
        """
        if features.patch_tokens is None:
            raise ValueError("a tail needs the patch tokens of the views")
        width = self.norms.shape[-1]
        _, blocks, numbers = features.class_tokens.shape
        if (numbers, features.patch_tokens.shape[-1]) != (width, width) or blocks < self.block:
            raise BrokenHead(
                f"the tail reads tokens of {width} numbers after block {self.block}, and was given "
                f"{numbers} and {features.patch_tokens.shape[-1]} of {blocks} blocks"
            )
        classes = features.class_tokens[:, self.block - 1]
        # View by view: BLAS may add up a product of two matrices in an order that depends on N.
        scores = [
            self._score(one, patches)
            for one, patches in zip(classes, features.patch_tokens, strict=True)
        ]
        return np.array(scores, np.float32)

    def _score(self, token: Array, patches: NDArray[np.float16]) -> float:
        normal = normalised(patches.astype(np.float32))
        seen = []
        for number in range(len(self.norms)):
            token = self._after(number, token, normal)
            seen.append(normalised(token))
        units = np.maximum(self._units @ np.concatenate(seen) + self.offset, 0)
        return float(units @ self.out + self.bias[0])

    def _after(self, number: int, token: Array, patches: Array) -> Array:
        """The class token (float32 [C]) after a block, and patches (float32 [P, C]) before it."""
        inward, outward, wide, narrow = (one[number] for one in self._matrices)
        bias, (before, between) = self.inward_bias[number], self.norms[number]
        normal = normalised(token)
        tokens = np.concatenate([normal[None], patches]) * before[0] + before[1]
        queries, keys, values = np.split(inward, 3)
        query_bias, _, value_bias = np.split(bias, 3)
        shape = self.heads, token.size // self.heads
        query = (queries @ tokens[0] + query_bias).reshape(shape)
        # What a query asks of all tokens, instead of the key of each: one product, not P. The bias
        # of the keys adds the same to all of them, which a softmax does not see.
        asked = (query[:, None] @ keys.reshape(*shape, -1))[:, 0]
        near = asked @ tokens.T / np.sqrt(np.float32(shape[1]))
        near = np.exp(near - near.max(axis=1, keepdims=True))
        met = (near / near.sum(axis=1, keepdims=True)) @ tokens
        value = (values.reshape(*shape, -1) @ met[..., None]).ravel() + value_bias
        token = token + outward @ value + self.outward_bias[number]
        inner = wide @ (normalised(token) * between[0] + between[1]) + self.wide_bias[number]
        with np.errstate(over="ignore"):  # of numbers far below zero nothing is left
            inner = inner / (1 + np.exp(-1.702 * inner))
        return np.asarray(token + narrow @ inner + self.narrow_bias[number], np.float32)

    @cached_property
    def _matrices(self) -> tuple[Array, Array, Array, Array]:
        return self.inward.values, self.outward.values, self.wide.values, self.narrow.values

    @cached_property
    def _units(self) -> Array:
        return self.units.values

    def save(self, path: Path) -> None:
        """Write the tail to one safetensors file."""
        about = {"kind": KIND, "block": self.block, "heads": self.heads}
        arrays = {name: np.ascontiguousarray(one) for name, one in _arrays(self).items()}
        write_whole(path, save(arrays, metadata={"head": json.dumps(about)}))


def normalised(values: Array) -> Array:
    """Values (float32 [..., C]) less their mean over C, by their deviation over C."""
    centred = values - values.mean(axis=-1, keepdims=True)
    variance = np.square(centred).mean(axis=-1, keepdims=True)
    return np.asarray(centred / np.sqrt(variance + EPSILON), np.float32)


@dataclass(frozen=True)
class LastBlocks:
    """The encoder's blocks after its patch tokens, with which the tuning of a tail begins.

    Attributes:
        block: After which block of the encoder, counted from 1, the tokens are taken.
        heads: Of the attention.
        arrays: float32, by the names that they have in `Tail`.
    """

    block: int
    heads: int
    arrays: Mapping[str, Array] = field(repr=False)


def load_last_blocks(cache: Path) -> LastBlocks:
    """The last blocks of the fetched encoder.

    Args:
        cache: The folder that `models.fetch` filled.

    Raises:
        EncoderNotFetched: The cache holds no encoder.
        EncoderDamaged: The file was changed on the disk.
    """
    return last_blocks(load_weights(cache))


def last_blocks(tensors: Tensors, spec: EncoderSpec = SPEC) -> LastBlocks:
    """The last blocks of an encoder by its weights, as `models.encoder.weights` describes them."""
    last = tuple(block(number) for number in range(spec.token_block, spec.blocks))
    found = dict(dequantised({name: one for name, one in tensors.items() if name.startswith(last)}))

    def stacked(name: str) -> Array:
        return np.stack([found[f"{prefix}{name}"] for prefix in last])

    norms = [
        np.stack([stacked(f"{name}.{part}") for part in ("weight", "bias")], axis=1)
        for name in ("ln_1", "ln_2")
    ]
    arrays = {"norms": np.stack(norms, axis=1)}
    for ours, theirs in (
        ("inward", "attn.in_proj_"),
        ("outward", "attn.out_proj."),
        ("wide", "mlp.c_fc."),
        ("narrow", "mlp.c_proj."),
    ):
        arrays |= {ours: stacked(f"{theirs}weight"), f"{ours}_bias": stacked(f"{theirs}bias")}
    return LastBlocks(spec.token_block, spec.heads, arrays)


def load_tail(path: Path) -> Tail:
    """Read a tail.

    Raises:
        BrokenHead: The file is damaged or holds something else.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            about = json.loads((file.metadata() or {})["head"])
            if about["kind"] != KIND:
                raise BrokenHead(f"{path.name} should hold a tail, not a {about['kind']}")
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        of_matrices = {name.partition(".")[0] for name in arrays if "." in name}
        parts: dict[str, Any] = {
            name: Matrix(arrays.pop(f"{name}.numbers"), arrays.pop(f"{name}.scale"))
            for name in of_matrices
        }
        return Tail(block=int(about["block"]), heads=int(about["heads"]), **parts, **arrays)
    except (OSError, SafetensorError, KeyError, ValueError, TypeError) as error:
        raise BrokenHead(f"{path.name} cannot be read: {error}") from error


def _arrays(tail: Tail) -> dict[str, NDArray[Any]]:
    found: dict[str, NDArray[Any]] = {}
    for one in fields(tail):
        value = getattr(tail, one.name)
        if isinstance(value, Matrix):
            found |= {f"{one.name}.numbers": value.numbers, f"{one.name}.scale": value.scale}
        elif isinstance(value, np.ndarray):
            found[one.name] = value
    return found
