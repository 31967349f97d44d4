"""The note that ByteDance's image programs (Dreamina, Jimeng, CapCut) put into what they export.

A JSON object in a description or comment: `product` names the program, `exportType` says how the
image came about, and `aigc_label_type` (1, 2) that an AI had a part in it. By descriptions of such
files; no file of theirs was at hand.
"""

from itertools import islice

from core.text import one_line
from detector.json_text import first_text, json_object
from detector.readers.contract import Reader
from detector.readers.programs import GENERATOR_NAMES
from evidence.reasons import reason
from evidence.signals import Claim, EvidenceKind, Signal
from imaging import DecodedImage

_MOST_OBJECTS = 8
_GENERATED = "generation"
_DISCLOSED = frozenset({"1", "2", "1.0", "2.0"})


class ByteDanceReader(Reader):
    """Reads the note of an export."""

    name = "bytedance"
    what = "the export note of ByteDance's programs"
    where = "EXIF, PNG texts, comments"
    of = "Dreamina, Jimeng, CapCut"

    def read(self, data: bytes, image: DecodedImage) -> tuple[Signal, ...]:
        """See `Reader`; at most one signal, of the first note."""
        objects = (text for _, text in image.metadata.texts.all if text.lstrip()[:1] == "{")
        for text in islice(objects, _MOST_OBJECTS):
            values = json_object(text) or {}
            product = first_text(values, "product")
            if product and values.keys() & {"exportType", "aigc_label_type"}:
                return self._signals(values, product)
        return ()

    def _signals(self, values: dict[str, object], product: str) -> tuple[Signal, ...]:
        if str(values.get("exportType")).casefold() == _GENERATED:
            claim, did = Claim.AI_MADE, "made"
        elif str(values.get("aigc_label_type")) in _DISCLOSED:
            claim, did = Claim.AI_EDITED, "worked_on"
        else:
            return ()
        program = GENERATOR_NAMES.find(product)
        product = one_line(product)
        return (
            Signal(
                reader=self.name,
                kind=EvidenceKind.STATED,
                claim=claim,
                reason=reason("export_note", program=program or product, did=did),
                generator=program if claim is Claim.AI_MADE else None,
                tool=program or product,
            ),
        )
