"""The camera that a file names: worth a look, never proof.

Signed captures are read from C2PA. What stands in EXIF, anyone can write.
"""

from detector.readers.names import CAMERA_NAMES
from detector.readers.wording import shown
from detector.signals import Claim, EvidenceKind, Signal
from imaging.exif import exif_texts
from imaging.types import DecodedImage


class CameraReader:
    """Reads the maker and model of a camera, phone or scanner."""

    name = id = "camera"

    def read(self, data: bytes, image: DecodedImage) -> tuple[Signal, ...]:
        """See `Reader`."""
        tags = exif_texts(image.metadata.exif)
        if not CAMERA_NAMES.find(tags.get("Make", "")):
            return ()
        make, model, lens = (shown(tags.get(tag, "")) for tag in ("Make", "Model", "LensModel"))
        device = model if model.startswith(make) else f"{make} {model}".strip()
        with_lens = f" with the lens {lens}" if lens else ""
        text = f"EXIF names a camera, {device}{with_lens}; anyone can write that."
        return (Signal(reader=self.name, kind=EvidenceKind.STATED, claim=Claim.NOTED, text=text),)
