"""In which range the input channels of an encoder's layers lie, for integer arithmetic."""

import numpy as np
from numpy.typing import NDArray

from models.encoder.features import Views
from models.encoder.int8 import ENDS, STATIC
from models.encoder.openvino_graph import Graph
from models.encoder.openvino_runtime import ops, ov
from models.encoder.weights import Tensors

BATCH = 8


def channel_ranges(tensors: Tensors, views: Views) -> dict[str, NDArray[np.float16]]:
    """Run the float encoder over views, and record what goes into its layers.

    Args:
        tensors: The prepared weights (`models.encoder.weights.load_weights`).
        views: uint8 [N, size, size, 3].

    Returns:
        `NAME.low` and `NAME.high`, float16 [C]: the smallest and the largest value of each channel
        of the input of every layer in `models.encoder.int8.STATIC`.
    """
    graph = Graph(tensors)
    taps = [ops.result(graph.inputs[name]) for name in STATIC]
    model = ov.Model(taps, graph.model.get_parameters(), "taps")
    config = {"INFERENCE_PRECISION_HINT": "f32"}
    request = ov.Core().compile_model(model, "CPU", config).create_infer_request()
    ranges: dict[str, NDArray[np.float16]] = {}
    for start in range(0, len(views), BATCH):
        outputs = request.infer([views[start : start + BATCH]])
        for index, name in enumerate(STATIC):
            values = outputs[index]
            for end, reduce, join in zip(
                ENDS, (np.min, np.max), (np.minimum, np.maximum), strict=True
            ):
                found = reduce(values, axis=(0, 1)).astype(np.float16)
                key = f"{name}.{end}"
                ranges[key] = join(ranges.get(key, found), found)
    return ranges
