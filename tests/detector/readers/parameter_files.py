"""Small files that carry parameters where the tools put them."""

import io
import json
from collections.abc import Mapping

import numpy as np
from PIL import Image, PngImagePlugin

from detector.readers.parameters import GenerationParametersReader
from evidence.signals import Signal
from imaging import decode

USER_COMMENT, EXIF_DIRECTORY = 0x9286, 0x8769


def picture(side: int = 32) -> Image.Image:
    """A smooth ramp, as RGB."""
    ramp = np.linspace(0, 255, side * side * 3).astype(np.uint8)
    return Image.fromarray(ramp.reshape(side, side, 3))


def png(texts: Mapping[str, str | dict[str, object]], image: Image.Image | None = None) -> bytes:
    """A PNG with these texts; objects are written as JSON."""
    info = PngImagePlugin.PngInfo()
    for keyword, text in texts.items():
        info.add_itxt(keyword, text if isinstance(text, str) else json.dumps(text))
    out = io.BytesIO()
    (image or picture()).save(out, "PNG", pnginfo=info)
    return out.getvalue()


def with_comment(text: str, kind: str = "JPEG") -> bytes:
    """A JPEG or WebP with this EXIF UserComment, in UTF-16."""
    tags = Image.Exif()
    tags.get_ifd(EXIF_DIRECTORY)[USER_COMMENT] = b"UNICODE\0" + text.encode("utf-16-be")
    return with_exif(tags, kind)


def with_exif(tags: Image.Exif, kind: str = "JPEG") -> bytes:
    out = io.BytesIO()
    picture().save(out, kind, exif=tags.tobytes())
    return out.getvalue()


def read(data: bytes) -> Signal:
    """The one signal that the parameters of a file give."""
    (found,) = GenerationParametersReader().read(data, decode(data))
    return found
