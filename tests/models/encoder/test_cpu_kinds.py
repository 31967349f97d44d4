"""On older CPUs, emulated: what is chosen there is right, and gives the golden values.

`ONEDNN_MAX_CPU_ISA` tells the arithmetic library inside OpenVINO to use no newer instructions.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from models import Precision
from models.artefact.registry import SHIPPED

CHILD = """
import json, sys
from pathlib import Path
from models import DetectorArtefact, Kind, load_encoder, measured_choice
from models.artefact.artefact import open_any
from models.artefact.golden import check_views

cache, shipped = map(Path, sys.argv[1:])
artefacts = [
    DetectorArtefact.load(folder)
    for folder in sorted(shipped.iterdir())
    if folder.is_dir() and open_any(folder).manifest.kind is Kind.DETECTOR
]
checked = {}
for candidate in measured_choice(cache).candidates:
    if candidate.right:
        encoder = load_encoder(cache, precision=candidate.precision, threads=1)
        mine = [one for one in artefacts if one.manifest.encoder == encoder.id]
        for artefact in mine:
            check_views(artefact, encoder)
        checked[candidate.precision] = [one.name for one in mine]
print(json.dumps(checked))
"""


@pytest.mark.parametrize("isa", ["AVX2", "AVX2_VNNI", "AVX512_CORE_BF16"])
def test_what_is_right_on_an_older_cpu_gives_the_golden_values(
    isa: str, encoder_cache: Path, tmp_path: Path
) -> None:
    for file in encoder_cache.iterdir():
        if file.suffix == ".safetensors":  # without what was measured on the CPU as it is
            (tmp_path / file.name).symlink_to(file)
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path), str(SHIPPED)],
        cwd=Path(__file__).parents[3],
        env={**os.environ, "ONEDNN_MAX_CPU_ISA": isa},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    checked = json.loads(done.stdout)
    assert checked[Precision.FP32]
    if isa == "AVX2":  # sums of products saturate there
        assert Precision.INT8 not in checked
        assert Precision.INT8_BF16 not in checked
