"""Features and measures to `PixelEvidence`, and with what a file says to `AiEvidence`."""

from detector.detector import Detector
from detector.pixels.measures import Measures, measure
from detector.verdict import decide

__all__ = ["Detector", "Measures", "decide", "measure"]
