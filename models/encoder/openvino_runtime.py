"""OpenVINO, without its telemetry: whoever here needs OpenVINO imports it from this module.

`import openvino` reports itself to an analytics host and writes a client id into the user's home,
unless `CI` is set or the user has opted out for all programs; there is no switch for one process.
Where its package `openvino_telemetry` cannot be imported, OpenVINO takes a stub of its own.
"""

import sys

# None is what Python's import system takes for "cannot be imported". It stays: parts of OpenVINO
# that are loaded later would import it too.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]

import openvino as ov  # noqa: E402
from openvino import opset15 as ops  # noqa: E402

__all__ = ["ops", "ov"]
