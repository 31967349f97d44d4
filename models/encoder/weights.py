"""The encoder's weights: int8 by origin, kept so on the disk, one safetensors file.

The file has the names and the layouts of open_clip's `VisionTransformer`: linear weights are
[out, in], except `proj`, which is [in, out]. A quantised weight `NAME` is int8 and stands beside
`NAME.scale`, float32, one per output channel: `W = q * scale`.
"""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from models.errors import EncoderDamaged, EncoderNotFetched

Tensors = Mapping[str, NDArray[Any]]

ARCHITECTURE = "clip-vit-b16-openai"
FILE_NAME = f"{ARCHITECTURE}.safetensors"
SOURCE_SHA256 = "2d2da5e254d60501f138004788497e280fd80eb9dd877241aec41761be285d8d"
"""Of the file of weights as published; its beginning names the weights in an encoder's id."""
TENSORS_SHA256 = "e4544068d0c440ec81627644f29dc34d6a68d30d33955b7a89b6cff8269db049"
"""Of the prepared tensors (`digest`): what `load_weights` accepts."""

SIZE = 224
"""Side of a view, in pixels."""
PATCH = 16
"""Side of a patch, in pixels."""
TOKENS = (SIZE // PATCH) ** 2 + 1
WIDTH = 768
HEADS = 12
LAYERS = 12
EMBEDDING = 512
PATCH_BLOCKS = (2, 5, 8, 11)
"""The blocks, counted from 1, whose patch tokens are summed up in `Features`.

Not the last: without it, that block is computed for the class token alone, 7 % of the whole.
"""
TOKEN_BLOCK = 10
"""The block, counted from 1, after which the patch tokens themselves stand in `Features`.

Two blocks before the end: a detector may replace the last two by a tail of its own, which goes on
from these tokens.
"""
MEAN = (0.48145466, 0.4578275, 0.40821073)
"""What is subtracted from a view in 0..1, by channel. Source: openai/CLIP, clip.py."""
STD = (0.26862954, 0.26130258, 0.27577711)
"""What a view in 0..1 is then divided by, by channel."""
EPSILON = 1e-5
"""Added to the variance in every layer normalisation."""

BASE_ID = (
    f"{ARCHITECTURE}:{SOURCE_SHA256[:12]}:bicubic{SIZE}:patches{'-'.join(map(str, PATCH_BLOCKS))}"
)
FLOAT_ID = f"{BASE_ID}:float"
"""Id of every implementation that holds to float32 within the conformance test's tolerance."""


def block(index: int) -> str:
    """The prefix of the names of a block's tensors; `index` counts from 0."""
    return f"transformer.resblocks.{index}."


def load_weights(cache: Path) -> dict[str, NDArray[Any]]:
    """Read and check the prepared weights.

    Args:
        cache: The folder that `fetch` filled.

    Returns:
        Tensors by name, as this module's docstring describes them.

    Raises:
        EncoderNotFetched: There is no such file.
        EncoderDamaged: Its contents are not the prepared weights.
    """
    path = cache / FILE_NAME
    if not path.is_file():
        raise EncoderNotFetched(f"no encoder in {cache}: run `rakkan models fetch`")
    try:
        tensors = load_file(path)
    except (SafetensorError, ValueError, OSError) as error:
        raise EncoderDamaged(
            f"{path} cannot be read ({error}): run `rakkan models fetch`"
        ) from error
    if digest(tensors) != TENSORS_SHA256:
        raise EncoderDamaged(f"{path} was changed on the disk: run `rakkan models fetch`")
    return tensors


def digest(tensors: Tensors) -> str:
    """SHA-256 over names, types, shapes and values, whatever the order in a file."""
    sha256 = hashlib.sha256()
    for name in sorted(tensors):
        value = tensors[name]
        sha256.update(f"{name} {value.dtype} {value.shape}\n".encode())
        sha256.update(value.tobytes())
    return sha256.hexdigest()


def dequantised(tensors: Tensors) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Every tensor in float32, by open_clip's name, the scales multiplied in."""
    for name, value in tensors.items():
        if name.endswith(".scale"):
            continue
        scale = tensors.get(f"{name}.scale")
        if scale is None:
            yield name, value.astype(np.float32)
        else:
            yield name, value.astype(np.float32) * (scale if name == "proj" else scale[:, None])
