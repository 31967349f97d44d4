"""The weights for integer arithmetic are the same function as the float ones."""

import csv
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from models.encoder.int8 import ARTEFACT, STATIC, load_calibration, quantise
from models.encoder.integer_probe import integer_sums_are_exact
from models.encoder.weights import dequantised, load_weights
from models.errors import EncoderDamaged


def test_integer_sums_are_exact_on_this_cpu() -> None:
    assert integer_sums_are_exact()


def test_moving_ranges_changes_a_layer_by_rounding_only(encoder_cache: Path) -> None:
    tensors = load_weights(encoder_cache)
    quantised = quantise(tensors, load_calibration())
    before, after = dict(dequantised(tensors)), dict(dequantised(quantised.tensors))
    rng = np.random.default_rng(0)
    normalised = rng.standard_normal((50, 768)).astype(np.float32)
    name = "transformer.resblocks.4."
    outputs = []
    for w in (before, after):
        x = normalised * w[f"{name}ln_2.weight"] + w[f"{name}ln_2.bias"]
        outputs.append(x @ w[f"{name}mlp.c_fc.weight"].T + w[f"{name}mlp.c_fc.bias"])
    error = np.abs(outputs[1] - outputs[0]).mean() / np.abs(outputs[0]).mean()
    assert error < 0.015
    # And the layer whose input cannot be moved keeps the published integers.
    np.testing.assert_array_equal(
        quantised.tensors[f"{name}mlp.c_proj.weight"], tensors[f"{name}mlp.c_proj.weight"]
    )


def test_zero_is_a_step_of_every_scale(encoder_cache: Path) -> None:
    ranges = quantise(load_weights(encoder_cache), load_calibration()).ranges
    assert set(ranges) == set(STATIC)
    for low, high in ranges.values():
        steps = -low / ((high - low) / 255)
        assert low <= 0 < high
        assert abs(steps - round(steps)) < 1e-6


def test_the_manifest_describes_the_calibration() -> None:
    manifest = json.loads(ARTEFACT.with_name("manifest.json").read_text())
    assert manifest["calibration_sha256"] == hashlib.sha256(ARTEFACT.read_bytes()).hexdigest()
    assert manifest["split"] == "train"


def test_a_damaged_calibration_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "calibration.safetensors"
    path.write_bytes(ARTEFACT.read_bytes()[:1000])
    with pytest.raises(EncoderDamaged, match="calibration"):
        load_calibration(path)
    with pytest.raises(EncoderDamaged, match="calibration"):
        load_calibration(tmp_path / "missing")


def test_calibration_takes_training_images_only(data_dir: Path) -> None:
    from models.encoder.int8_calibration import sample

    views, paths = sample(data_dir / "manifest.csv", 3)
    with (data_dir / "manifest.csv").open(newline="") as file:
        splits = {row["path"]: row["split"] for row in csv.DictReader(file)}
    assert views.shape == (3, 224, 224, 3)
    assert {splits[path] for path in paths} == {"train"}
    with pytest.raises(ValueError, match="fewer than"):
        sample(data_dir / "manifest.csv", 10**6)
