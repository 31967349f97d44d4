"""The weights for integer arithmetic are the same function as the float ones."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from models.encoder.int8 import CALIBRATION, STATIC, load_calibration, quantise
from models.encoder.integer_probe import integer_sums_are_exact
from models.encoder.spec import FOLDER
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


def test_a_damaged_calibration_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / FOLDER.name
    shutil.copytree(FOLDER, folder)
    assert load_calibration(folder).digest == load_calibration().digest
    path = folder / CALIBRATION
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(EncoderDamaged, match="calibration"):
        load_calibration(folder)
    with pytest.raises(EncoderDamaged, match="calibration"):
        load_calibration(tmp_path / "missing")
