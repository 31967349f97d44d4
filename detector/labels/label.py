"""Writing a verdict into a file, in the vocabularies that other software reads.

- IPTC `Iptc4xmpExt:DigitalSourceType` (IPTC Photo Metadata Standard; the terms are in
  https://cv.iptc.org/newscodes/digitalsourcetype/). `ai` is `trainedAlgorithmicMedia`. `human` is
  `digitalCreation`, "made by a human with non-generative tools", which is what a platform can say
  of an artwork; a human term that the file had already (a photograph, an edited scan) is more exact
  and stays. `inconclusive` writes no term and leaves what the file said: there is no term for not
  knowing.
- `TC260:AIGC` of China's GB 45438-2025, a JSON object whose `Label` is 1 for generated, 2 for
  possibly, 3 for suspected. `ai` writes 1 and `inconclusive` 3, the weakest that there is: an
  operator who does not want to call an undecided picture suspected does not label it. `human` has
  no value there, so a platform's object goes. Who spreads a file is not who generated it: the
  label fills `ContentPropagator` and `PropagateID`, and an object that names a `ContentProducer`
  is that producer's word, which neither `human` nor `inconclusive` removes.

Of several XMP packets the one that speaks in these vocabularies is changed, or else the first; the
others stay as they are. Where several of them speak so, a file is not labelled: whichever were
changed, some programs would read the other.

What a label replaces is kept beside it, under Rakkan's own names, and the next label takes it back
first. So a label can be changed any number of times and nothing that others wrote is lost.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from detector.json_text import json_object
from detector.vocabularies import (
    AIGC,
    NOTHING,
    REPLACED,
    SOURCE_TYPE,
    before_label,
    source_type,
)
from evidence.ai import Verdict
from evidence.reasons import Reason, reason
from evidence.signals import Claim
from imaging.errors import UnwritableMetadata
from imaging.metadata.xmp_editing import PropertyName, get_properties, set_properties
from imaging.metadata.xmp_packet import with_xmp_packet, xmp_packets

TERMS = {
    Verdict.AI: "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
    Verdict.HUMAN: "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCreation",
}
"""IPTC's terms for verdicts."""

AIGC_LABELS = {Verdict.AI: "1", Verdict.INCONCLUSIVE: "3"}
"""GB 45438's values for verdicts."""

_AIGC_FIELDS = (
    "Label",
    "ContentProducer",
    "ProduceID",
    "ReservedCode1",
    "ContentPropagator",
    "PropagateID",
    "ReservedCode2",
)


@dataclass(frozen=True)
class Labelled:
    """A file with a label.

    Attributes:
        data: The whole file; the very same where it said all of it already.
        notes: What was written and what was replaced.
    """

    data: bytes
    notes: tuple[Reason, ...]


def label(data: bytes, verdict: Verdict, *, operator: str) -> Labelled:
    """Write a verdict into a file, in place of what it said in these vocabularies before.

    Its pixels and all its other metadata stay byte for byte what they were. A C2PA signature over
    the file does not survive that, as it would not survive any other change.

    Args:
        data: The whole file: a JPEG, PNG or WebP.
        verdict: What it is to be labelled as.
        operator: Name or code of the platform that says so.

    Raises:
        UnsupportedFormat: Another format.
        CorruptImage: The file is damaged.
        UnwritableMetadata: Its XMP is damaged or has no room, or several packets contradict.
        ValueError: The operator's name is empty or has control characters.
    """
    if not operator.strip() or not operator.isprintable():
        raise ValueError("the operator needs a name of printable characters")
    packets = xmp_packets(data) or (None,)
    said = [get_properties(packet, (*REPLACED, *REPLACED.values())) for packet in packets]
    speaking = [number for number, found in enumerate(said) if found]
    if len(speaking) > 1:
        raise UnwritableMetadata(
            "Several XMP packets of the file say what a label would say: remove all but one."
        )
    number = speaking[0] if speaking else 0
    packet, present = packets[number], said[number]
    before = {name: before_label(name, present) for name in REPLACED}
    after = {
        SOURCE_TYPE: _source_type(before[SOURCE_TYPE], verdict),
        AIGC: _aigc(before[AIGC], verdict, operator, _propagate_id(data, present, operator)),
    }
    values: dict[PropertyName, str | None] = {**after}
    for name, kept in REPLACED.items():
        values[kept] = None if after[name] == before[name] else before[name] or NOTHING
    notes = tuple(_note(name, before[name], after[name]) for name in REPLACED)
    if all(present.get(name.clark) == value for name, value in values.items()):
        return Labelled(data, notes)
    return Labelled(with_xmp_packet(data, set_properties(packet, values), number), notes)


def _source_type(before: str | None, verdict: Verdict) -> str | None:
    known = source_type(before) if before else None
    if verdict is Verdict.HUMAN and known and known.claim is Claim.HUMAN_MADE:
        return before
    return TERMS.get(verdict, before)


def _aigc(before: str | None, verdict: Verdict, operator: str, propagate_id: str) -> str | None:
    fields = _fields(before)
    foreign = bool(fields.get("ContentProducer"))
    if verdict is not Verdict.AI and foreign:
        return before
    if verdict not in AIGC_LABELS:
        return None
    written = {
        **dict.fromkeys(_AIGC_FIELDS, ""),
        **(fields if foreign else {}),
        "Label": AIGC_LABELS[verdict],
        "ContentPropagator": operator,
        "PropagateID": propagate_id,
    }
    return json.dumps(written, ensure_ascii=False, separators=(",", ":"))


def _propagate_id(data: bytes, present: Mapping[str, str], operator: str) -> str:
    """The number of the labelled file: the hash that it had before its first label."""
    fields = _fields(present.get(AIGC.clark))
    if REPLACED[AIGC].clark in present and fields.get("ContentPropagator") == operator:
        return str(fields.get("PropagateID", ""))
    return hashlib.sha256(data).hexdigest()


def _fields(aigc: str | None) -> dict[str, object]:
    """The fields of an AIGC object; empty where there is none, or none that can be read."""
    found = json_object(aigc or "") or {}
    inner = found.get("AIGC", found)
    return dict(inner) if isinstance(inner, dict) else {}


def _note(name: PropertyName, before: str | None, after: str | None) -> Reason:
    value = _short(name, after)
    if before == after:
        return reason("label_kept", name=name.name, value=value)
    replaced = _short(name, before)
    return reason("label_written", name=name.name, value=value, replaced=replaced)


def _short(name: PropertyName, value: str | None) -> str | None:
    if not value:
        return None
    return (
        value.rpartition("/")[2] if name is SOURCE_TYPE else f"Label {_fields(value).get('Label')}"
    )
