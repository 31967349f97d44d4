"""The encoder's weights made ready for integer arithmetic.

A layer that multiplies integers loses most where one scale must hold channels of very different
size, and a transformer's normalised activations have a few channels far larger than the rest. So
each input channel is shifted to the middle of its range and divided by a factor of its own; the
layer before and the layer itself absorb both, exactly, and only the weights are rounded anew.

The activation of the MLP cannot be moved through its non-linearity, and its rare large values
carry the picture: it is quantised as the graph runs, with a scale per token and group of channels.

Paper: Xiao et al., SmoothQuant - https://arxiv.org/abs/2211.10438
Paper: Wei et al., Outlier Suppression+ - https://arxiv.org/abs/2304.09145
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from models.artefact.artefact import open_artefact
from models.artefact.manifest import EncoderManifest
from models.encoder.spec import FOLDER, SPEC
from models.encoder.weights import Tensors, block
from models.errors import ArtefactError, EncoderDamaged

CALIBRATION = "calibration.safetensors"
GROUP = 256
"""Channels that share a scale where scales are found as the graph runs."""

# Chosen on the training images, by the error of single layers' outputs.
_MIGRATION = 0.8  # how much of a channel's size moves from the activations to the weights
_RANGE = 0.9  # the part of the range that is kept: finer steps are worth the clipped extremes

# Each such layer of a block, and the layer normalisation before it, if one is.
_SITES = {"attn.in_proj_weight": "ln_1", "attn.out_proj.weight": None, "mlp.c_fc.weight": "ln_2"}
_BEFORE = {
    f"{block(i)}{name}": (block(i), norm)
    for i in range(SPEC.blocks)
    for name, norm in _SITES.items()
}
STATIC = tuple(_BEFORE)
"""The weights of the layers whose input is quantised on a fixed scale."""
ENDS = ("low", "high")


@dataclass(frozen=True)
class Calibration:
    """Where the input channels of the layers in `STATIC` lie.

    Attributes:
        low: float16 [C] by weight: each channel's smallest value over the calibration images.
        high: float16 [C] by weight: its largest.
        digest: SHA-256 of the file, and of what is made of it.
    """

    low: Mapping[str, NDArray[np.float16]]
    high: Mapping[str, NDArray[np.float16]]
    digest: str

    @property
    def encoder(self) -> str:
        """Id of the encoder that computes with this calibration."""
        return f"{SPEC.id}:int8-{self.digest[:12]}"


def load_calibration(folder: Path = FOLDER) -> Calibration:
    """Read the calibration out of what ships of the encoder.

    Raises:
        EncoderDamaged: It is missing, or not that of this encoder.
    """
    try:
        data = open_artefact(folder, EncoderManifest).path(CALIBRATION).read_bytes()
        tensors = load(data)
        low, high = ({name: tensors[f"{name}.{end}"] for name in STATIC} for end in ENDS)
    except (ArtefactError, OSError, SafetensorError, KeyError) as error:
        raise EncoderDamaged(f"the int8 calibration cannot be read: {error}") from error
    # What is made of the ranges is part of what the id names.
    recipe = f"{_MIGRATION} {_RANGE} {GROUP}".encode()
    return Calibration(low, high, hashlib.sha256(data + recipe).hexdigest())


@dataclass(frozen=True)
class Quantised:
    """Weights for integer arithmetic.

    Attributes:
        tensors: As `models.encoder.weights` describes them; the same function as before, up to
            rounding.
        ranges: By weight, the values of a layer's input at the ends of its 8-bit scale.
    """

    tensors: Tensors
    ranges: Mapping[str, tuple[float, float]]


def quantise(tensors: Tensors, calibration: Calibration) -> Quantised:
    """Move the shift and the size of each input channel into the weights around it."""
    moved = dict(tensors)
    ranges = {}
    for weight in STATIC:
        low = calibration.low[weight].astype(np.float32)
        high = calibration.high[weight].astype(np.float32)
        matrix = moved[weight].astype(np.float32) * moved[f"{weight}.scale"][:, None]
        shift = (low + high) / np.float32(2)
        factor = _factor((high - low) / np.float32(2), np.abs(matrix).max(axis=0))
        bias = weight.removesuffix("weight") + "bias"
        moved[bias] = moved[bias] + matrix @ shift
        moved[weight], moved[f"{weight}.scale"] = _round(matrix * factor)
        _absorb(moved, weight, shift, factor)
        ends = ((low - shift) / factor).min(), ((high - shift) / factor).max()
        ranges[weight] = _scale(float(ends[0]), float(ends[1]))
    return Quantised(moved, ranges)


def _factor(size: NDArray[np.float32], weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """What each channel is divided by, so that neither side has channels far above the rest."""
    floor = np.float32(1e-3)
    factor = np.maximum(size, floor) ** _MIGRATION / np.maximum(weight, floor) ** (1 - _MIGRATION)
    return factor.astype(np.float16).astype(np.float32)  # the same on every machine


def _round(matrix: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Symmetric, one scale per output channel."""
    scale = np.abs(matrix).max(axis=1) / np.float32(127)
    return np.round(matrix / scale[:, None]).astype(np.int8), scale


def _absorb(
    tensors: dict[str, NDArray[Any]],
    weight: str,
    shift: NDArray[np.float32],
    factor: NDArray[np.float32],
) -> None:
    """Let what comes before a layer give (x - shift) / factor in place of x."""
    name, norm = _BEFORE[weight]
    if norm is not None:
        scale, bias = f"{name}{norm}.weight", f"{name}{norm}.bias"
        tensors[scale] = tensors[scale] / factor
        tensors[bias] = (tensors[bias] - shift) / factor
        return
    # Attention averages the values with weights that sum to one: what holds for them holds for
    # its output. They are the last third of the layer before.
    scale, bias = f"{name}attn.in_proj_weight.scale", f"{name}attn.in_proj_bias"
    tensors[scale], tensors[bias] = tensors[scale].copy(), tensors[bias].copy()
    tensors[scale][2 * SPEC.width :] /= factor
    tensors[bias][2 * SPEC.width :] = (tensors[bias][2 * SPEC.width :] - shift) / factor


def _scale(low: float, high: float) -> tuple[float, float]:
    """The ends of an 8-bit scale over a part of this range, on which zero is a step."""
    low, high = min(low * _RANGE, 0.0), max(high * _RANGE, 0.0)
    step = (high - low) / 255
    zero = round(-low / step)
    return -zero * step, (255 - zero) * step
