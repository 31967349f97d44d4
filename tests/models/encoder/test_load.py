"""Loading the encoder in a precision that this CPU gets wrong."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from models import Choice, Precision, load_encoder
from models.encoder.int8 import load_calibration
from models.encoder.openvino_runtime import ov
from models.encoder.precision import FILE_NAME as CHOICES
from models.encoder.precision import Candidate, machine_key
from models.encoder.spec import SPEC
from models.encoder.weights import FILE_NAME
from models.errors import PrecisionUnavailable


def test_a_forced_precision_that_is_wrong_here_is_refused(
    encoder_cache: Path, tmp_path: Path
) -> None:
    (tmp_path / FILE_NAME).symlink_to(encoder_cache / FILE_NAME)
    candidates = tuple(Candidate(p, 1.0, 1.0, not p.integer) for p in Precision)
    key = machine_key((ov.__version__, SPEC.float_id, load_calibration().encoder))
    found = {key: asdict(Choice(Precision.FP32, candidates))}
    (tmp_path / CHOICES).write_text(json.dumps(found))
    for wrong in (Precision.INT8, Precision.INT8_BF16):
        with pytest.raises(PrecisionUnavailable, match="wrong results in the precision int8"):
            load_encoder(tmp_path, precision=wrong)
    assert load_encoder(tmp_path, precision=Precision.FP32).id == SPEC.float_id
