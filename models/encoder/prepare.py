"""From the published file of weights to the prepared tensors. Needs no model of the graph."""

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from models.encoder.spec import SPEC
from models.encoder.weights import block

NORMS = {
    "vision_model.pre_layrnorm": "ln_pre",
    "vision_model.post_layernorm": "ln_post",
} | {
    f"vision_model.encoder.layers.{i}.layer_norm{n}": f"{block(i)}ln_{n}"
    for i in range(SPEC.blocks)
    for n in (1, 2)
}


def prepare(published: bytes) -> dict[str, NDArray[Any]]:
    """Rename and transpose the published tensors to open_clip's names and layouts.

    Args:
        published: The ONNX file, its hash already checked. Its graph quantises activations
            dynamically, over the whole batch, and is not used.

    Returns:
        Tensors as `models.encoder.weights` describes them; the int8 values are those of the file.
    """
    graph = onnx.load_from_string(published).graph
    raw = {tensor.name: tensor for tensor in graph.initializer}
    # The quantised matrices have numbers for names; the nodes that use them are named by layer.
    matrices = {
        node.name.removesuffix("/MatMul_quant").strip("/").replace("/", "."): node.input[1]
        for node in graph.node
        if node.op_type == "MatMulInteger"
    }

    def value(name: str) -> NDArray[Any]:
        return numpy_helper.to_array(raw[name])

    def linear(layer: str) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
        name = matrices[layer]
        if value(name.replace("_quantized", "_zero_point")).any():
            raise ValueError(f"{layer}: the weights are not symmetric")
        return value(name), value(name.replace("_quantized", "_scale"))

    tensors: dict[str, NDArray[Any]] = {
        "class_embedding": value("vision_model.embeddings.class_embedding"),
        "positional_embedding": value("vision_model.embeddings.position_embedding.weight"),
        "conv1.weight": value("vision_model.embeddings.patch_embedding.weight"),
    }
    for theirs, ours in NORMS.items():
        tensors[f"{ours}.weight"] = value(f"{theirs}.weight")
        tensors[f"{ours}.bias"] = value(f"{theirs}.bias")
    for i in range(SPEC.blocks):
        layer = f"vision_model.encoder.layers.{i}."
        for ours, parts in {
            "attn.in_proj_": ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
            "attn.out_proj.": ("self_attn.out_proj",),
            "mlp.c_fc.": ("mlp.fc1",),
            "mlp.c_proj.": ("mlp.fc2",),
        }.items():
            name = f"{block(i)}{ours}"
            pairs = [linear(f"{layer}{part}") for part in parts]
            tensors[f"{name}weight"] = np.concatenate([quantised.T for quantised, _ in pairs])
            tensors[f"{name}weight.scale"] = np.concatenate([scale for _, scale in pairs])
            tensors[f"{name}bias"] = np.concatenate(
                [value(f"{layer}{part}.bias") for part in parts]
            )
    tensors["proj"], tensors["proj.scale"] = linear("visual_projection")
    return {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
