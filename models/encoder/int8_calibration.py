"""Make the calibration of the int8 encoder: `python -m models.encoder.int8_calibration MANIFEST`.

Runs the float encoder over images of the manifest's `train` split and records, for each layer
whose input gets a fixed scale, the smallest and the largest value of each channel.
"""

import argparse
import csv
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from imaging import decode_for_view, global_view
from models.encoder.features import Views
from models.encoder.int8 import ARTEFACT, ENDS, STATIC
from models.encoder.openvino_graph import Graph
from models.encoder.openvino_runtime import ops, ov
from models.encoder.weights import FLOAT_ID, SIZE, Tensors, load_weights

BATCH = 8
SEED = 0


def sample(manifest: Path, images: int) -> tuple[Views, list[str]]:
    """Views of randomly chosen training images, and their paths as the manifest has them.

    Raises:
        ValueError: The manifest has fewer training images.
    """
    with manifest.open(newline="") as file:
        paths = [row["path"] for row in csv.DictReader(file) if row["split"] == "train"]
    if len(paths) < images:
        raise ValueError(f"{manifest} has {len(paths)} training images, fewer than {images}")
    chosen = sorted(np.random.default_rng(SEED).choice(paths, images, replace=False).tolist())
    files = (manifest.parent / path for path in chosen)
    views = [global_view(decode_for_view(file.read_bytes(), SIZE), SIZE) for file in files]
    return np.stack(views), chosen


def channel_ranges(tensors: Tensors, views: Views) -> dict[str, NDArray[np.float16]]:
    """`NAME.low` and `NAME.high`, float16 [C], of the input of every layer in `STATIC`."""
    graph = Graph(tensors)
    taps = [ops.result(graph.inputs[name]) for name in STATIC]
    model = ov.Model(taps, graph.model.get_parameters(), "taps")
    request = (
        ov.Core()
        .compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
        .create_infer_request()
    )
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


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the calibration and its manifest."""
    parser = argparse.ArgumentParser(
        prog="python -m models.encoder.int8_calibration", description=__doc__
    )
    parser.add_argument("manifest", type=Path, help="a manifest with paths and splits")
    parser.add_argument("--cache", type=Path, required=True, help="folder of the fetched encoder")
    parser.add_argument("--out", type=Path, default=ARTEFACT, help="the file to write")
    parser.add_argument("--images", type=int, default=256)
    options = parser.parse_args(arguments)
    views, paths = sample(options.manifest, options.images)
    data = save(channel_ranges(load_weights(options.cache), views))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_bytes(data)
    manifest = {
        "made_by": "python -m models.encoder.int8_calibration",
        "encoder": FLOAT_ID,
        "holds": "smallest and largest value per input channel of the layers with a fixed scale",
        "images": len(paths),
        "split": "train",
        "seed": SEED,
        "views_sha256": hashlib.sha256(views.tobytes()).hexdigest(),
        "calibration_sha256": hashlib.sha256(data).hexdigest(),
    }
    options.out.with_name("manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


if __name__ == "__main__":
    main()
