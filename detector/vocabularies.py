"""The words that files and labels share: IPTC's digital source types, AIGC, and names of our own.

Source of the types: https://cv.iptc.org/newscodes/digitalsourcetype/ with its retired terms, and
the two terms that C2PA adds under http://c2pa.org/digitalsourcetype/; of AIGC: GB 45438-2025.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from evidence.signals import Claim
from imaging.metadata.texts import FileTexts
from imaging.metadata.xmp import XmpProperty
from imaging.metadata.xmp_editing import PropertyName

IPTC_EXTENSION = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
"""The namespace of IPTC's extension."""

SOURCE_TYPE = PropertyName(IPTC_EXTENSION, "Iptc4xmpExt", "DigitalSourceType")
AIGC = PropertyName("http://www.tc260.org.cn/ns/AIGC/1.0/", "TC260", "AIGC")

REPLACED = {
    name: PropertyName("urn:rakkan:label:1.0#", "rakkan", f"Replaced{name.name}")
    for name in (SOURCE_TYPE, AIGC)
}
"""Properties of our own that hold what a label replaced; a label is ours where they stand."""

NOTHING = "none"
"""Stands there where a label replaced nothing."""

LABELLER = "Rakkan"
"""Whose labels these are, as they name themselves where they are signed."""


@dataclass(frozen=True)
class SourceType:
    """One term.

    Attributes:
        claim: What it says of the image.
        phrase: Code of the same in words, which follow "it was".
    """

    claim: Claim
    phrase: str


_TERMS = {
    "trainedAlgorithmicMedia": Claim.AI_MADE,
    "trainedAlgorithmicData": Claim.AI_MADE,
    "compositeWithTrainedAlgorithmicMedia": Claim.AI_EDITED,
    "digitalCapture": Claim.HUMAN_MADE,
    "computationalCapture": Claim.HUMAN_MADE,
    "compositeCapture": Claim.HUMAN_MADE,
    "negativeFilm": Claim.HUMAN_MADE,
    "positiveFilm": Claim.HUMAN_MADE,
    "digitalCreation": Claim.HUMAN_MADE,
    "humanEdits": Claim.HUMAN_MADE,
    # A print, a screen or a composite may show anything, an AI's picture too.
    "print": Claim.NOTED,
    "screenCapture": Claim.NOTED,
    "virtualRecording": Claim.NOTED,
    "composite": Claim.NOTED,
    "compositeSynthetic": Claim.NOTED,
    "algorithmicallyEnhanced": Claim.NOTED,
    "algorithmicMedia": Claim.NOTED,
    "dataDrivenMedia": Claim.NOTED,
    "empty": Claim.NOTED,
    # Retired, and still found in files.
    "digitalArt": Claim.HUMAN_MADE,
    "minorHumanEdits": Claim.HUMAN_MADE,
    "softwareImage": Claim.NOTED,
    "multiFrameComputationalCapture": Claim.HUMAN_MADE,
}
SOURCE_TYPES = {name: SourceType(claim, f"source_type_{name}") for name, claim in _TERMS.items()}
"""All terms, by their codes."""

_BY_CODE = {name.casefold(): term for name, term in SOURCE_TYPES.items()}


def source_type(value: str) -> SourceType | None:
    """The term that a value means; None where it is not in the vocabulary.

    Args:
        value: A URI (`http://cv.iptc.org/newscodes/digitalsourcetype/print`, with either scheme),
            a code (`digsrctype:print`, `print`), or schema.org's name (`PrintDigitalSource`).
    """
    code = value.strip().rstrip("/").replace(":", "/").rpartition("/")[2]
    code = code.replace(" ", "").casefold().removesuffix("digitalsource")
    return _BY_CODE.get(code)


def without_label(texts: FileTexts) -> tuple[XmpProperty, ...]:
    """The properties of a file's XMP as they were before any label of ours.

    A label is a platform's word, and not that of who made the image: it says nothing new to whoever
    reads it, and what it replaced speaks again.
    """
    return tuple(one for packet in texts.xmp_packets for one in _without_label(packet))


def _without_label(found: tuple[XmpProperty, ...]) -> tuple[XmpProperty, ...]:
    kept = {one.name: one.value for one in found if not one.parents}
    labelled = {name for name in REPLACED if REPLACED[name].clark in kept}
    if not labelled:
        return found
    ours = {name.clark for name in labelled}
    others = (one for one in found if not ours & {one.name, *one.parents})
    before = ((name.clark, before_label(name, kept)) for name in labelled)
    return (*others, *(XmpProperty(name, value) for name, value in before if value))


def before_label(name: PropertyName, present: Mapping[str, str]) -> str | None:
    """What the file said before any label of ours."""
    replaced = present.get(REPLACED[name].clark)
    if replaced is None:
        return present.get(name.clark)
    return None if replaced == NOTHING else replaced
