"""China's implicit label on generated content: the element `AIGC` of GB 45438-2025.

The standard wants a JSON object with `Label` and, among others, `ContentProducer`. Generators
write it into XMP under the namespace of TC260, into a PNG text `AIGC`, into EXIF, or bare into a
JPEG's application segment.

Source: GB 45438-2025, appendix E, and TC260-PG-20258A for pictures.
"""

import ast
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

from core.text import one_line
from detector.readers.contract import Reader
from detector.readers.programs import GENERATOR_NAMES, PRODUCER_NAMES
from detector.vocabularies import without_label
from evidence.reasons import Reason, reason
from evidence.signals import Claim, EvidenceKind, Signal
from imaging.metadata.texts import FileTexts
from imaging.metadata.xmp import XmpProperty, local_name
from imaging.types import DecodedImage

_ELEMENT = "aigc"
"""Local name of the element, in small letters: not every writer knows the namespace or the case."""
_FIELDS = frozenset(
    {"Label", "ContentProducer", "ProduceID", "ContentPropagator", "PropagateID", "ServiceProvider"}
)
_LABELS = {
    "1": (Claim.AI_MADE, "aigc_made"),
    "2": (Claim.NOTED, "aigc_possibly"),
    "3": (Claim.NOTED, "aigc_suspected"),
    "aigc": (Claim.AI_MADE, "aigc_made"),  # the word itself, as MiniMax words it
}
# A producer's code: the standard's number, a digit, the 18 characters of the unified social credit
# code (GB 32100), and what the producer calls the service.
_CODE = re.compile(r"00119\d([0-9A-HJ-NPQRTUWXY]{18})")
_CREDIT_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"

_MARK = re.compile(r"(?<!\w)[\"']?AIGC[\"']?\s{0,8}[:=]?\s{0,8}(?=[{\"'])", re.IGNORECASE)
_BARE_KEYS = re.compile(r"([{,]\s{0,8})([A-Za-z_]\w{0,40})(\s{0,8}:)")
_KEYWORD_PROPERTIES = frozenset({"{http://purl.org/dc/elements/1.1/}subject"})
_MOST_MARKS = 8
_DEEPEST = 40
_LONGEST_SEARCHED = 1024 * 1024
_MOST_ELEMENTS = 10
_LONGEST = 16 * 1024
_HEAD = 64 * 1024


class AigcReader(Reader):
    """Reads the label that Chinese law asks of generators and platforms."""

    name = "aigc"
    what = "GB 45438-2025 `AIGC` labels, and the bare keyword `AIGC`"
    where = "XMP, EXIF, PNG texts, JPEG segments, keywords"
    of = "any producer; companies by the codes that they published"

    def read(self, data: bytes, image: DecodedImage) -> tuple[Signal, ...]:
        """See `Reader`."""
        elements = islice(_elements(data, image), _MOST_ELEMENTS)
        signals = [self._signal(element) for element in elements]
        if not signals and _is_a_keyword(image.metadata.texts):
            signals = [self._stated(Claim.AI_MADE, reason("aigc_keyword"))]
        return tuple(dict.fromkeys(signals))

    def _signal(self, element: dict[str, str]) -> Signal:
        value = element.get("Label", "").strip().casefold().removesuffix(".0")
        claim, label = _LABELS.get(value, (Claim.NOTED, "aigc_unknown"))
        producer = element.get("ContentProducer") or element.get("ServiceProvider")
        generator = _generator(producer) if producer else None
        by = generator or one_line(producer) if producer else None
        return self._stated(claim, reason("aigc_label", label=label, producer=by), generator)

    def _stated(self, claim: Claim, said: Reason, generator: str | None = None) -> Signal:
        return Signal(
            reader=self.name,
            kind=EvidenceKind.STATED,
            claim=claim,
            reason=said,
            generator=generator,
        )


def _generator(producer: str) -> str | None:
    code = _CODE.search(producer)
    if code and is_credit_code(code[1]):
        return PRODUCER_NAMES.find(code[1])
    return PRODUCER_NAMES.find(producer) or GENERATOR_NAMES.find(producer)


def is_credit_code(code: str) -> bool:
    """Whether 18 characters can be a unified social credit code, by their check character.

    Source: GB 32100-2015, 4.5: weights 3^(i-1) modulo 31.
    """
    if len(code) != 18 or any(letter not in _CREDIT_LETTERS for letter in code):
        return False
    weighed = sum(
        _CREDIT_LETTERS.index(letter) * pow(3, place, 31) for place, letter in enumerate(code[:17])
    )
    return _CREDIT_LETTERS[-weighed % 31] == code[17]


def _is_a_keyword(texts: FileTexts) -> bool:
    """Whether the bare word stands among the keywords of the file."""
    words = [text for name, text in texts.iptc if name == "Keywords"]
    words += [one.value for one in texts.xmp if one.name in _KEYWORD_PROPERTIES]
    return any(word.strip().casefold() == "aigc" for word in words)


def _elements(data: bytes, image: DecodedImage) -> Iterator[dict[str, str]]:
    """Every label of the file, wherever it stands."""
    texts = image.metadata.texts
    if any("aigc" in packet.casefold() for packet in texts.packets):
        yield from _of_xmp(without_label(texts))
    for keyword, text in texts.all:
        if keyword.casefold() == "aigc":
            yield from _of_json(text)
        elif keyword != "xmp" and "aigc" in text[:_LONGEST_SEARCHED].casefold():
            yield from _of_text(text)
    head = data[:_HEAD] if image.format == "jpeg" else b""
    if b"AIGC" in head:
        for packet in image.metadata.xmp:  # read already
            head = head.replace(packet, b"")
        yield from _of_text(head.decode("utf-8", "replace"))


def _of_xmp(properties: tuple[XmpProperty, ...]) -> Iterator[dict[str, str]]:
    parts: dict[str, str] = {}
    for one in properties:
        if local_name(one.name) == _ELEMENT:
            yield from _of_json(one.value)
        elif one.parents and local_name(one.parents[-1]) == _ELEMENT:
            parts[one.name.rpartition("}")[2]] = one.value
        elif "aigc" in one.value[:_LONGEST_SEARCHED].casefold():
            yield from _of_text(one.value)
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
            value = _value(value[:_LONGEST].lstrip())
        if isinstance(value, dict):
            inner = (key for key in value if isinstance(key, str) and key.casefold() == _ELEMENT)
            value = value.get(next(inner, None), value)
    if isinstance(value, dict) and _FIELDS & value.keys():
        yield {
            str(name): str(part)
            for name, part in value.items()
            if isinstance(part, str | int | float)
        }


def _value(text: str) -> object:
    """The value that a text begins with, as JSON, or as Python or JavaScript write it; or None."""
    with suppress(ValueError, RecursionError):
        return json.JSONDecoder().raw_decode(text)[0]
    end = text.rfind("}") + 1
    if not end or text.count("{") > _DEEPEST or text.count("[") > _DEEPEST:
        return None
    quoted = _BARE_KEYS.sub(r'\1"\2"\3', text[:end])
    for form in (text[:end], quoted):
        with suppress(ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            return ast.literal_eval(form)
    return None
