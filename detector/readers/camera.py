"""The camera that a file names: worth a look, never proof.

Signed captures are read from C2PA. What stands in EXIF, anyone can write.
"""

from core.text import one_line
from detector.readers.contract import Reader
from detector.readers.programs import CAMERA_NAMES
from evidence.reasons import reason
from evidence.signals import Claim, EvidenceKind, Signal
from imaging.metadata.texts import first_of
from imaging.types import DecodedImage


class CameraReader(Reader):
    """Reads the maker and model of a camera, phone or scanner."""

    name = "camera"
    what = "cameras, phones and scanners"
    where = "EXIF"
    of = "noted, and never decide: anyone can write them"

    def read(self, data: bytes, image: DecodedImage) -> tuple[Signal, ...]:
        """See `Reader`."""
        tags = first_of(image.metadata.texts.exif)
        if not CAMERA_NAMES.find(tags.get("Make", "")):
            return ()
        make, model, lens = (one_line(tags.get(tag, "")) for tag in ("Make", "Model", "LensModel"))
        device = model if model.startswith(make) else f"{make} {model}".strip()
        named = Signal(
            reader=self.name,
            kind=EvidenceKind.STATED,
            claim=Claim.NOTED,
            reason=reason("camera", device=device, lens=lens or None),
        )
        return (named,)
