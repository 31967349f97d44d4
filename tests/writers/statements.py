"""What the writers are asked to write: one sentence in each of the usual places."""

import io
import json
from enum import StrEnum

import numpy as np
from PIL import Image

from evidence.signals import Claim, EvidenceKind, Signal
from tests.detector.readers.making import RDF


class Statement(StrEnum):
    """Where it stands and what it says; all say that an AI made the picture."""

    SOURCE_TYPE = "IPTC digital source type in XMP"
    CREDIT = "credit line in IPTC-IIM"
    SOFTWARE = "program's name in EXIF"
    PARAMETERS = "parameters in EXIF's UserComment"
    TEXT = "parameters in a PNG text"
    COMMENT = "parameters in a comment"
    LABEL = "AIGC label in XMP"
    CREDENTIALS = "C2PA"


KINDS = {
    "JPEG": "jpg",
    "PNG": "png",
    "WebP": "webp",
    "GIF": "gif",
    "TIFF": "tif",
    "AVIF": "avif",
    "HEIC": "heic",
}
"""Container -> suffix."""

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
CREDIT = "Made with Google AI"
SOFTWARE = "Midjourney"
PARAMETERS = (
    "a red fox in snow\nNegative prompt: lowres\n"
    "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 12345, Size: 32x32, Model: sd_xl_base_1.0"
)
LABEL = {"Label": "1", "ContentProducer": "0011DEMOAI00000", "ProduceID": "v0300fg100"}
LABEL_TEXT = json.dumps(LABEL)
LABEL_NAMESPACE = "http://www.tc260.org.cn/ns/AIGC/1.0/"

XMP = {
    Statement.SOURCE_TYPE: (
        'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"',
        f"<Iptc4xmpExt:DigitalSourceType>{SOURCE_TYPE}</Iptc4xmpExt:DigitalSourceType>",
    ),
    Statement.LABEL: (
        f'xmlns:TC260="{LABEL_NAMESPACE}"',
        f"<TC260:AIGC>{LABEL_TEXT}</TC260:AIGC>",
    ),
}

IIM = b"\x1c\x02\x6e" + len(CREDIT).to_bytes(2, "big") + CREDIT.encode()
RESOURCES = b"Photoshop 3.0\x008BIM\x04\x04\0\0" + len(IIM).to_bytes(4, "big") + IIM


def xmp(statement: Statement) -> bytes:
    """The packet with a statement, for writers that are given a whole one."""
    namespace, element = XMP[statement]
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}">'
        f'<rdf:Description rdf:about="" {namespace}>{element}</rdf:Description>'
        "</rdf:RDF></x:xmpmeta>"
    ).encode()


def drawn(kind: str, **options: object) -> bytes:
    """A picture of 32 x 32 in a container, with Pillow's options for saving it."""
    y, x = np.mgrid[0:32, 0:32]
    pixels = np.stack([8 * x, 8 * y, 4 * (x + y)], -1).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, {"HEIC": "HEIF"}.get(kind, kind.upper()), **options)
    return out.getvalue()


def told(statement: Statement, signals: tuple[Signal, ...]) -> str | None:
    """The reader that tells a statement for what it is; None where it is not told, or wrongly."""
    for one in signals:
        if (
            one.claim is Claim.AI_MADE
            and one.kind is EvidenceKind.STATED
            and _whole(statement, one)
        ):
            return one.reader
    return None


def _whole(statement: Statement, one: Signal) -> bool:
    match statement:
        case Statement.PARAMETERS | Statement.TEXT | Statement.COMMENT:
            return (one.prompt, one.seed) == ("a red fox in snow", "12345")
        case Statement.SOFTWARE:
            return one.generator == SOFTWARE
        case Statement.CREDIT:
            return one.generator == "Google AI"
        case _:
            return True
