"""OpenVINO is loaded without its telemetry, whatever the environment says."""

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys
from models.encoder.openvino_runtime import ov
import openvino.tools.ovc.telemetry_utils as theirs
print(theirs.tm.__name__, "openvino_telemetry.main" in sys.modules, bool(ov.__version__))
"""


def test_openvino_takes_its_stub_and_writes_nothing_into_the_home(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    kept = {name: value for name, value in os.environ.items() if name != "CI"}
    environment = {**kept, "HOME": str(home), "LOCALAPPDATA": str(home)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["openvino.tools.ovc.telemetry_stub", "False", "True"]
    assert list(home.rglob("*")) == []
