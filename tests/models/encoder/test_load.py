"""Loading the encoder in a precision that this CPU gets wrong."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from models import (
    ON_CPU,
    Choice,
    Precision,
    load_encoder,
    load_other_precisions,
    load_reference_encoder,
)
from models.encoder.int8 import load_calibration
from models.encoder.load import compiled_encoder
from models.encoder.openvino_runtime import ov
from models.encoder.precision import FILE_NAME as CHOICES
from models.encoder.precision import Candidate, machine_key, synthetic_views
from models.encoder.spec import SPEC
from models.encoder.weights import FILE_NAME, load_weights
from models.errors import DeviceUnavailable, PrecisionUnavailable


def test_a_forced_precision_that_is_wrong_here_is_refused(
    encoder_cache: Path, tmp_path: Path
) -> None:
    (tmp_path / FILE_NAME).symlink_to(encoder_cache / FILE_NAME)
    candidates = tuple(Candidate(p, 1.0, 1.0, not p.integer) for p in ON_CPU)
    key = machine_key((ov.__version__, SPEC.float_id, load_calibration().encoder))
    found = {key: asdict(Choice(Precision.FP32, candidates))}
    (tmp_path / CHOICES).write_text(json.dumps(found))
    for wrong in (Precision.INT8, Precision.INT8_BF16):
        with pytest.raises(PrecisionUnavailable, match="wrong results in the precision int8"):
            load_encoder(tmp_path, precision=wrong)
    assert load_encoder(tmp_path, precision=Precision.FP32).id == SPEC.float_id


@pytest.mark.parametrize(
    ("device", "precision", "where"),
    [
        ("cpu", Precision.FP16, "a CPU does not compute in the precision fp16"),
        ("cuda", Precision.INT8, "a GPU does not compute in the precision int8"),
        ("cuda:1", Precision.BF16, "a GPU does not compute in the precision bf16"),
    ],
)
def test_a_precision_that_the_device_has_not(
    device: str, precision: Precision, where: str, tmp_path: Path
) -> None:
    with pytest.raises(PrecisionUnavailable, match=f"{where}: choose one of fp"):
        load_encoder(tmp_path, precision=precision, device=device)


@pytest.mark.parametrize("device", ["gpu", "cuda:", "cuda:-1", "CUDA", "cpu:0", "cuda:1\n", ""])
def test_a_device_that_there_can_not_be(device: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cpu, or a GPU"):
        load_encoder(tmp_path, device=device)


@pytest.mark.parametrize(
    ("found", "told"), [(0, "it finds none, so take `cpu`"), (2, "choose one of cuda:0, cuda:1")]
)
def test_a_gpu_that_is_not_there(
    found: int, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.device_count", lambda: found)
    with pytest.raises(DeviceUnavailable, match="finds no GPU cuda:2 on this machine: " + told):
        load_encoder(tmp_path, device="cuda:2")


def test_where_it_cannot_be_compiled_it_runs_as_it_stands(
    encoder_cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tensors = load_weights(encoder_cache)
    views = synthetic_views(2)
    found = compiled_encoder(tensors, "cpu", Precision.FP32, "no-such-compiler").encode(views)
    assert "runs slower, as PyTorch cannot compile it here" in caplog.text
    expected = load_reference_encoder(encoder_cache).encode(views)
    np.testing.assert_array_equal(found.embedding, expected.embedding)


def test_where_it_can_be_compiled_nothing_is_told(
    encoder_cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    compiled_encoder(load_weights(encoder_cache), "cpu", Precision.FP32, "aot_eager")
    assert "runs slower" not in caplog.text


def test_other_precisions_of_floats_are_those_of_gpus_too(encoder_cache: Path) -> None:
    mine = load_encoder(encoder_cache, precision=Precision.FP32)
    others = load_other_precisions(encoder_cache, mine)
    assert {other.id for other in others} == {mine.id}
    found = {getattr(other, "precision", None) for other in others}
    assert Precision.FP16 in found
    assert found <= {Precision.FP16, Precision.BF16}
