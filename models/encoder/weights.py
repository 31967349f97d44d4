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

from models.encoder.spec import SPEC
from models.errors import EncoderDamaged, EncoderNotFetched

Tensors = Mapping[str, NDArray[Any]]

FILE_NAME = f"{SPEC.architecture}.safetensors"


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
    if digest(tensors) != SPEC.tensors_sha256:
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
    for name in tensors:
        if not name.endswith(".scale"):
            yield name, in_float32(tensors, name)


def in_float32(tensors: Tensors, name: str) -> NDArray[np.float32]:
    """One tensor in float32, by open_clip's name, the scale multiplied in if it has one."""
    value, scale = tensors[name].astype(np.float32), tensors.get(f"{name}.scale")
    if scale is None:
        return value
    return np.asarray(value * (scale if name == "proj" else scale[:, None]))
