#!/usr/bin/env bash
# OpenVINO with one thread: where the CPU has no kernel, an empty result instead of an error.
#
# Seen with openvino 2026.4.1 and numpy 2.4.6 on x86-64 Linux, Python 3.11.
#
# The model is one product of float32 rows with a constant int8 matrix and its scales: a compressed
# fully connected layer, its batch declared dynamic. With DYNAMIC_QUANTIZATION_GROUP_SIZE on, OpenVINO
# quantises the rows itself. Where oneDNN has no int8 kernel for that (AVX2 without VNNI; here oneDNN
# is told by ONEDNN_MAX_CPU_ISA to use nothing newer), what happens depends on the number of threads:
#
#   INFERENCE_NUM_THREADS 2     infer raises RuntimeError: could not create a primitive descriptor
#   INFERENCE_NUM_THREADS 1     infer returns; the result has 0 rows instead of 16
#
# Without dynamic quantisation (group size 0) both give 16 right rows on the same CPU. A good engineer
# would expect the property, which is documented as a hint, to fall back to float, or else the same
# error with any number of threads. Whoever copies the result into an array of 16 rows sees an error
# of broadcasting far from its cause; whoever loops over it sees nothing at all.
#
# What to do: compare the number of rows that come back with the number that went in.
#
# This script fails if any of that changes.
set -euo pipefail

grep -q '\bavx2\b' /proc/cpuinfo || { echo "this needs an x86-64 CPU with AVX2" >&2; exit 1; }
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet openvino==2026.4.1 numpy==2.4.6

cat > "$folder/seen.py" <<'PYTHON'
import sys

import numpy as np
import openvino as ov
from openvino import opset15 as ops

CHANNELS, OUT, ROWS = 256, 64, 16


def outcome(threads, group):
    rng = np.random.default_rng(0)
    weights = rng.integers(-127, 128, (OUT, CHANNELS)).astype(np.int8)
    scales = np.full((OUT, 1), 0.01, np.float32)
    rows = rng.standard_normal((ROWS, CHANNELS)).astype(np.float32)
    x = ops.parameter([-1, CHANNELS], np.float32)
    matrix = ops.multiply(ops.convert(ops.constant(weights), np.float32), ops.constant(scales))
    model = ov.Model([ops.result(ops.matmul(x, matrix, False, True))], [x], "layer")
    config = {
        "INFERENCE_PRECISION_HINT": "f32",
        "INFERENCE_NUM_THREADS": threads,
        "DYNAMIC_QUANTIZATION_GROUP_SIZE": group,
    }
    compiled = ov.Core().compile_model(model, "CPU", config)
    try:
        result = compiled.create_infer_request().infer([rows])[0]
    except RuntimeError as error:
        wanted = "could not create a primitive descriptor"
        return f"RuntimeError: {wanted}" if wanted in str(error) else str(error)
    if not len(result):
        return f"no error, {len(result)} rows of {ROWS}"
    return "right" if np.allclose(result, rows @ (weights * scales).T, atol=1e-2) else "wrong"


found = {
    (threads, group): outcome(threads, group) for threads in (2, 1) for group in (0, CHANNELS)
}
print("openvino", ov.__version__)
for (threads, group), what in found.items():
    print(f"threads {threads}, group size {group:3}: {what}")
sys.exit(
    found
    != {
        (2, 0): "right",
        (2, CHANNELS): "RuntimeError: could not create a primitive descriptor",
        (1, 0): "right",
        (1, CHANNELS): f"no error, 0 rows of {ROWS}",
    }
)
PYTHON
# CI keeps OpenVINO's telemetry quiet.
CI=1 ONEDNN_MAX_CPU_ISA=AVX2 "$folder/venv/bin/python" "$folder/seen.py"
