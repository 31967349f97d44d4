"""IPTC's statements in XMP: the digital source type, the AI fields of 2025, credit, data mining.

Source: IPTC Photo Metadata Standard 2025.1 - https://iptc.org/standards/photo-metadata/
"""

import re
from dataclasses import replace
from itertools import islice

from core.text import one_line
from detector.readers.contract import Reader
from detector.readers.programs import AI_EDITOR_NAMES, GENERATOR_NAMES
from detector.readers.prompts import prompted_artists
from detector.vocabularies import IPTC_EXTENSION, SOURCE_TYPE, source_type, without_label
from evidence.reasons import Reason, reason
from evidence.signals import Claim, EvidenceKind, Signal
from imaging.metadata.xmp import XmpProperty, local_name
from imaging.types import DecodedImage

_EXTENSION = f"{{{IPTC_EXTENSION}}}"
_PHOTOSHOP = "{http://ns.adobe.com/photoshop/1.0/}"
_PLUS = "{http://ns.useplus.org/ldf/xmp/1.0/}"
_TOOLKIT = "{adobe:ns:meta/}xmptk"

_SOURCE_TYPES = (SOURCE_TYPE.clark, f"{_EXTENSION}DigitalSourcefileType")
_AI_FIELDS = ("AISystemUsed", "AISystemVersionUsed", "AIPromptInformation", "AIPromptWriterName")
_SPELT = {
    name.casefold(): f"{_EXTENSION}{name}"
    for name in ("DigitalSourceType", "DigitalSourcefileType", *_AI_FIELDS)
}
_AI_CLAIMS = frozenset({Claim.AI_MADE, Claim.AI_EDITED})

_CREDIT = re.compile(
    r"(?:(?P<edited>edited|enhanced)|made|created|generated|imagined) (?:with|by|using)\b",
    re.IGNORECASE,
)

_DATA_MINING = {
    "ALLOWED": "mining_allowed",
    "PROHIBITED": "mining_forbidden",
    "PROHIBITED-AIMLTRAINING": "mining_forbidden_training",
    "PROHIBITED-GENAIMLTRAINING": "mining_forbidden_generative",
    "PROHIBITED-EXCEPTSEARCHENGINEINDEXING": "mining_forbidden_but_search",
    "PROHIBITED-SEECONSTRAINT": "mining_restricted",
    "PROHIBITED-SEEEMBEDDEDRIGHTSEXPR": "mining_restricted",
    "PROHIBITED-SEELINKEDRIGHTSEXPR": "mining_restricted",
}

# What people write into a field to say that there is nothing to say.
_NOTHING = frozenset({"no", "none", "n/a", "na", "null", "not used", "not applicable", "-"})

_LONGEST_PROMPT = 20_000
_MOST_SOURCE_TYPES = 10


class IptcReader(Reader):
    """Reads what IPTC's fields say of how the image was made."""

    name = "iptc"
    what = "IPTC digital source type, AI system and prompt, credit line"
    where = "XMP under any namespace and case, IPTC-IIM"
    of = "any program; all terms, human ones too"

    def read(self, data: bytes, image: DecodedImage) -> tuple[Signal, ...]:
        """See `Reader`."""
        properties = tuple(map(_spelt, without_label(image.metadata.texts)))
        fields = {one.name: one.value for one in reversed(properties) if not one.parents}
        found = _source_types(properties, fields)
        if not any(one.claim in _AI_CLAIMS for one in found):
            found += _ai_fields(fields, alone=not found)
        lines = [text for name, text in image.metadata.texts.iptc if name == "Credit"]
        for credit in filter(None, (fields.get(f"{_PHOTOSHOP}Credit"), *lines)):
            if not any(one.claim in _AI_CLAIMS for one in found):
                found += _credit(one_line(credit))
        return (*found, *_data_mining(fields.get(f"{_PLUS}DataMining", "")))


def _spelt(one: XmpProperty) -> XmpProperty:
    """A property under IPTC's name for it, whatever namespace and case a writer has given it."""
    name = _SPELT.get(local_name(one.name), one.name)
    return one if name == one.name else replace(one, name=name)


def _source_types(
    properties: tuple[XmpProperty, ...], fields: dict[str, str]
) -> tuple[Signal, ...]:
    values = (one.value for one in properties if one.name in _SOURCE_TYPES and not one.parents)
    some = islice(dict.fromkeys(values), _MOST_SOURCE_TYPES)
    return tuple(_source_type(value, fields) for value in some)


def _source_type(value: str, fields: dict[str, str]) -> Signal:
    term = source_type(value)
    if term is None:
        return _signal(Claim.NOTED, reason("iptc_no_term", value=one_line(value)))
    said = reason("iptc_source_type", term=term.phrase)
    if term.claim not in _AI_CLAIMS:
        return _signal(term.claim, said)
    return _signal(term.claim, said, fields, _generator(fields))


def _ai_fields(fields: dict[str, str], *, alone: bool) -> tuple[Signal, ...]:
    """The fields on the AI system and its prompt, where no source type says that it was one.

    IPTC defines them for generated images. Beside a source type that says otherwise, they are
    worth a look, no more.
    """
    if not any(_field(fields, name) for name in _AI_FIELDS):
        return ()
    system = _field(fields, "AISystemUsed")
    said = reason("iptc_ai_system", system=system) if system else reason("iptc_prompt")
    claim = Claim.AI_MADE if alone else Claim.NOTED
    return (_signal(claim, said, fields, _generator(fields)),)


def _credit(credit: str) -> tuple[Signal, ...]:
    """A credit line such as "Made with Google AI"."""
    editor, generator = AI_EDITOR_NAMES.find(credit), GENERATOR_NAMES.find(credit)
    words = _CREDIT.match(credit)
    if not editor and not (words and generator):
        return ()
    claim = Claim.AI_EDITED if editor or (words and words["edited"]) else Claim.AI_MADE
    return (_signal(claim, reason("credit_line", credit=credit), {}, editor or generator),)


def _data_mining(value: str) -> tuple[Signal, ...]:
    permission = _DATA_MINING.get(value.rpartition("/")[2].rpartition("DMI-")[2].upper())
    if not permission:
        return ()
    return (_signal(Claim.NOTED, reason("data_mining", permission=permission)),)


def _generator(fields: dict[str, str]) -> str | None:
    system = _field(fields, "AISystemUsed")
    credit = fields.get(f"{_PHOTOSHOP}Credit", "")
    if system or credit:
        return GENERATOR_NAMES.find(system or "") or GENERATOR_NAMES.find(credit) or system
    # Midjourney names itself nowhere, but writes the job's number into this field, by Exiv2.
    job = fields.get(f"{_EXTENSION}DigImageGUID")
    return "Midjourney" if job and "Exiv2" in fields.get(_TOOLKIT, "") else None


def _field(fields: dict[str, str], name: str) -> str | None:
    text = one_line(fields.get(f"{_EXTENSION}{name}", ""))
    return None if text.casefold() in _NOTHING else text or None


def _signal(
    claim: Claim, said: Reason, fields: dict[str, str] | None = None, generator: str | None = None
) -> Signal:
    fields = fields or {}
    prompt = ""
    if _field(fields, "AIPromptInformation"):
        prompt = fields[f"{_EXTENSION}AIPromptInformation"][:_LONGEST_PROMPT]
    return Signal(
        reader=IptcReader.name,
        kind=EvidenceKind.STATED,
        claim=claim,
        reason=said,
        generator=generator,
        model=_field(fields, "AISystemVersionUsed"),
        prompt=prompt or None,
        artists=prompted_artists(prompt) if prompt else (),
    )
