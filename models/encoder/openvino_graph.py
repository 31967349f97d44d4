"""The vision transformer as an OpenVINO graph, built from the prepared weights.

Paper: Radford et al., Learning Transferable Visual Models From Natural Language Supervision -
https://arxiv.org/abs/2103.00020
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.encoder.openvino_runtime import ops, ov
from models.encoder.spec import SPEC, EncoderSpec
from models.encoder.weights import Tensors, block, in_float32

GELU = 1.702
"""QuickGELU is x * sigmoid(1.702 x)."""
LEVELS = 256

Range = tuple[float, float]
"""The values at the two ends of an 8-bit scale."""


class Graph:
    """The graph while it is built.

    Attributes:
        model: The whole graph: uint8 views in, the arrays of `Features` out, by name.
        inputs: What each quantisable linear layer takes in, by the name of its weight.
    """

    def __init__(
        self,
        tensors: Tensors,
        ranges: Mapping[str, Range] | None = None,
        spec: EncoderSpec = SPEC,
    ) -> None:
        """Build the graph.

        Args:
            tensors: The prepared weights.
            ranges: None for float layers. Else the blocks' linear layers multiply integers: the
                input of a layer named here is quantised on this fixed scale, that of any other
                on a scale of its own per token and group of channels, found as it runs.
            spec: Of the encoder.
        """
        self._spec = spec
        self._tensors = tensors
        self._ranges = ranges
        self.inputs: dict[str, ov.Node] = {}
        self.model = self._build()

    def _build(self) -> ov.Model:
        spec = self._spec
        views = ops.parameter([-1, spec.size, spec.size, 3], np.uint8, name="views")
        x = self._embed(views)
        classes, means, deviations = [], [], []
        for number in range(1, spec.blocks + 1):
            # After the last block nothing reads the patch tokens.
            x = self._block(x, block(number - 1), class_only=number == spec.blocks)
            classes.append(ops.slice(x, [0], [1], [1], [1]))
            if number == spec.token_block:
                tokens = ops.convert(ops.slice(x, [1], [spec.tokens], [1], [1]), np.float16)
            if number in spec.patch_blocks:
                patches = ops.slice(x, [1], [spec.tokens], [1], [1])
                means.append(ops.reduce_mean(patches, [1], keep_dims=True))
                difference = ops.subtract(patches, means[-1])
                variance = ops.reduce_mean(ops.multiply(difference, difference), [1], True)
                deviations.append(ops.sqrt(variance))
        pooled = self._norm(ops.squeeze(classes[-1], [1]), "ln_post")
        projected = ops.matmul(pooled, _constant(self._float("proj")), False, False)
        results = {
            "embedding": ops.normalize_l2(projected, [-1], 1e-12, "max"),
            "class_tokens": ops.concat(classes, 1),
            "patch_mean": ops.concat(means, 1),
            "patch_std": ops.concat(deviations, 1),
            "patch_tokens": tokens,
        }
        for name, node in results.items():
            node.output(0).get_tensor().set_names({name})
        return ov.Model([ops.result(node) for node in results.values()], [views], "encoder")

    def _embed(self, views: ov.Node) -> ov.Node:
        spec = self._spec
        # The normalisation of the pixels is folded into the convolution, which has no padding:
        # conv((x / 255 - mean) / std) = conv'(x) + bias.
        kernel = self._float("conv1.weight").astype(np.float64)
        kernel /= np.reshape(spec.deviation, (1, 3, 1, 1))
        bias = -(kernel * np.reshape(spec.mean, (1, 3, 1, 1))).sum((1, 2, 3))
        x = ops.convert(ops.transpose(views, [0, 3, 1, 2]), np.float32)
        x = ops.convolution(x, _constant(kernel / 255), [spec.patch] * 2, [0, 0], [0, 0], [1, 1])
        x = ops.add(x, _constant(bias[None, :, None, None]))
        x = ops.transpose(ops.reshape(x, [0, spec.width, spec.grid**2], True), [0, 2, 1])
        shape = ops.concat([ops.gather(ops.shape_of(views), [0], 0), [1, spec.width]], 0)
        token = ops.broadcast(_constant(self._float("class_embedding")), shape)
        x = ops.add(ops.concat([token, x], 1), _constant(self._float("positional_embedding")[None]))
        return self._norm(x, "ln_pre")

    def _block(self, x: ov.Node, name: str, *, class_only: bool) -> ov.Node:
        y = self._attention(self._norm(x, f"{name}ln_1"), f"{name}attn.", class_only)
        if class_only:
            x = ops.slice(x, [0], [1], [1], [1])
        x = ops.add(x, y)
        y = self._linear(self._norm(x, f"{name}ln_2"), f"{name}mlp.c_fc.weight")
        y = ops.swish(y, _constant(GELU))
        return ops.add(x, self._linear(y, f"{name}mlp.c_proj.weight"))

    def _attention(self, x: ov.Node, name: str, class_only: bool) -> ov.Node:
        weight = f"{name}in_proj_weight"
        width, heads = self._spec.width, self._spec.heads
        x = self._quantised(x, weight)
        asking = ops.slice(x, [0], [1], [1], [1]) if class_only else x
        # Three layers, not one split in three: a split would copy.
        parts = [
            self._product(source, weight, slice(i * width, (i + 1) * width))
            for i, source in enumerate((asking, x, x))
        ]
        split = [ops.reshape(part, [0, 0, heads, width // heads], True) for part in parts]
        query, key, value = (ops.transpose(part, [0, 2, 1, 3]) for part in split)
        y = ops.scaled_dot_product_attention(query, key, value)
        y = ops.reshape(ops.transpose(y, [0, 2, 1, 3]), [0, 0, width], True)
        return self._linear(y, f"{name}out_proj.weight")

    def _float(self, name: str) -> NDArray[np.float32]:
        # One at a time: all weights together would take four times the room of the int8 ones.
        return in_float32(self._tensors, name)

    def _norm(self, x: ov.Node, name: str) -> ov.Node:
        x = ops.mvn(x, [-1], True, self._spec.epsilon, "inside_sqrt")
        x = ops.multiply(x, _constant(self._float(f"{name}.weight")))
        return ops.add(x, _constant(self._float(f"{name}.bias")))

    def _linear(self, x: ov.Node, weight: str) -> ov.Node:
        return self._product(self._quantised(x, weight), weight, slice(None))

    def _quantised(self, x: ov.Node, weight: str) -> ov.Node:
        self.inputs[weight] = x
        if self._ranges is None or weight not in self._ranges:
            return x
        low, high = (_constant(end) for end in self._ranges[weight])
        return ops.fake_quantize(x, low, high, low, high, LEVELS)

    def _product(self, x: ov.Node, weight: str, rows: slice) -> ov.Node:
        if self._ranges is None:
            matrix = _constant(self._float(weight)[rows])
        else:
            integers = ops.constant(np.ascontiguousarray(self._tensors[weight][rows]))
            scale = _constant(self._tensors[f"{weight}.scale"][rows, None])
            matrix = ops.multiply(ops.convert(integers, np.float32), scale)
        bias = _constant(self._float(bias_of(weight))[rows])
        return ops.add(ops.matmul(x, matrix, False, True), bias)


def bias_of(weight: str) -> str:
    """The name of the bias that belongs to a linear layer's weight."""
    return weight.removesuffix("weight") + "bias"


def _constant(value: NDArray[Any] | float) -> ov.Node:
    return ops.constant(np.asarray(value, dtype=np.float32, order="C"))
