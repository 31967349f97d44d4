"""China's implicit label on generated content: the element `AIGC` of GB 45438-2025.

The standard wants a JSON object with `Label` and, among others, `ContentProducer`. Generators
write it into XMP under the namespace of TC260, into a PNG text `AIGC`, into EXIF, or bare into a
JPEG's application segment.

Source: GB 45438-2025, appendix E, and TC260-PG-20258A for pictures.
"""

import json
import re
from collections.abc import Iterator
from itertools import islice

from core.text import one_line
from detector.readers.programs import GENERATOR_NAMES
from evidence.reasons import reason
from evidence.signals import Claim, EvidenceKind, Signal
from imaging.metadata.xmp import XmpProperty
from imaging.types import DecodedImage

AIGC_NAMESPACE = "http://www.tc260.org.cn/ns/AIGC/1.0/"

_ELEMENT = f"{{{AIGC_NAMESPACE}}}AIGC"
_FIELDS = frozenset(
    {"Label", "ContentProducer", "ProduceID", "ContentPropagator", "PropagateID", "ServiceProvider"}
)
_LABELS = {
    "1": (Claim.AI_MADE, "aigc_made"),
    "2": (Claim.NOTED, "aigc_possibly"),
    "3": (Claim.NOTED, "aigc_suspected"),
}
# Producers that sign with their number in the register of companies.
_COMPANIES = {"91110102MACQD9K640": "Doubao / Seedream"}

_MARK = re.compile(r"(?<!\w)\"?AIGC\"?\s{0,8}[:=]?\s{0,8}(?=[{\"])")
_MOST_MARKS = 8
_MOST_ELEMENTS = 10
_LONGEST = 16 * 1024
_HEAD = 64 * 1024


class AigcReader:
    """Reads the label that Chinese law asks of generators and platforms."""

    name = id = "aigc"

    def read(self, data: bytes, image: DecodedImage) -> tuple[Signal, ...]:
        """See `Reader`."""
        elements = islice(_elements(data, image), _MOST_ELEMENTS)
        signals = (self._signal(element) for element in elements)
        return tuple(dict.fromkeys(signals))

    def _signal(self, element: dict[str, str]) -> Signal:
        claim, label = _LABELS.get(element.get("Label", ""), (Claim.NOTED, "aigc_unknown"))
        producer = element.get("ContentProducer") or element.get("ServiceProvider")
        generator = _generator(producer) if producer else None
        by = generator or one_line(producer) if producer else None
        return Signal(
            reader=self.name,
            kind=EvidenceKind.STATED,
            claim=claim,
            reason=reason("aigc_label", label=label, producer=by),
            generator=generator,
        )


def _generator(producer: str) -> str | None:
    for number, name in _COMPANIES.items():
        if number in producer:
            return name
    return GENERATOR_NAMES.find(producer)


def _elements(data: bytes, image: DecodedImage) -> Iterator[dict[str, str]]:
    """Every label of the file, wherever it stands."""
    texts = image.metadata.texts
    if any("AIGC" in packet for packet in texts.packets):
        yield from _of_xmp(texts.xmp)
    for keyword, text in texts.all:
        if keyword == "AIGC":
            yield from _of_json(text)
        elif keyword != "xmp" and "AIGC" in text:
            yield from _of_text(text)
    if image.format == "jpeg" and b"AIGC" in data[:_HEAD]:
        yield from _of_text(data[:_HEAD].decode("utf-8", "replace"))


def _of_xmp(properties: tuple[XmpProperty, ...]) -> Iterator[dict[str, str]]:
    parts: dict[str, str] = {}
    for one in properties:
        if one.name == _ELEMENT:
            yield from _of_json(one.value)
        elif one.parents and one.parents[-1] == _ELEMENT:
            parts[one.name.rpartition("}")[2]] = one.value
    if _FIELDS & parts.keys():
        yield parts


def _of_text(text: str) -> Iterator[dict[str, str]]:
    """Labels within a longer text, each behind the mark `AIGC`."""
    for count, mark in enumerate(_MARK.finditer(text)):
        if count == _MOST_MARKS:
            return
        yield from _of_json(text[mark.end() : mark.end() + _LONGEST])


def _of_json(text: str) -> Iterator[dict[str, str]]:
    """The label that a text begins with: the object, the object as a string, or in another."""
    value: object = text
    for _ in range(3):
        if isinstance(value, str):
            value = _json(value)
        if isinstance(value, dict) and "AIGC" in value:
            value = value["AIGC"]
    if isinstance(value, dict) and _FIELDS & value.keys():
        yield {name: str(part) for name, part in value.items() if isinstance(part, str | int)}


def _json(text: str) -> object:
    """The JSON value that a text begins with; None where it is none."""
    try:
        return json.JSONDecoder().raw_decode(text[:_LONGEST].lstrip())[0]
    except (ValueError, RecursionError):
        return None
