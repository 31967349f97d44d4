"""Whether this CPU's integer multiplications are exact in the kernels that the encoder uses.

On CPUs without integer dot products, kernels may add pairs of products in 16 bits and saturate.
"""

import numpy as np
from numpy.typing import NDArray

from models.encoder.openvino_runtime import ops, ov

_CHANNELS = 256
_ROWS = 64


def integer_sums_are_exact() -> bool:
    """Multiply extreme integers on both of the encoder's ways, and compare with exact sums.

    The largest sum, 255 x 127 x 256, is below 2^24: float32 holds every sum exactly.
    """
    rng = np.random.default_rng(0)
    weights = rng.integers(-127, 128, (_ROWS, _CHANNELS)).astype(np.int8)
    weights[0], weights[1] = 127, -127
    unsigned = rng.integers(0, 256, (_ROWS, _CHANNELS))
    unsigned[:2] = 255
    signed = rng.integers(-127, 128, (_ROWS, _CHANNELS))
    signed[0], signed[1] = 127, -127
    signed[:, 0] = 127  # the largest of each row, so that a scale found as it runs is one
    return all(
        np.array_equal(_product(values, weights, fixed), values @ weights.T.astype(np.int64))
        for values, fixed in ((unsigned, True), (signed, False))
    )


def _product(
    values: NDArray[np.int64], weights: NDArray[np.int8], fixed: bool
) -> NDArray[np.float32]:
    x = ops.parameter([-1, _CHANNELS], np.float32)
    y: ov.Node = x
    if fixed:
        low, high = (ops.constant(np.float32(end)) for end in (0, 255))
        y = ops.fake_quantize(x, low, high, low, high, 256)
    ones = ops.constant(np.ones((_ROWS, 1), np.float32))
    matrix = ops.multiply(ops.convert(ops.constant(weights), np.float32), ones)
    model = ov.Model([ops.result(ops.matmul(y, matrix, False, True))], [x], "probe")
    config = {"INFERENCE_PRECISION_HINT": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": _CHANNELS}
    request = ov.Core().compile_model(model, "CPU", config).create_infer_request()
    return np.array(request.infer([values.astype(np.float32)])[0])
