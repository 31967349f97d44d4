"""A label that Rakkan wrote: whoever reads it back should know whose word it is."""

from core.text import one_line
from detector.json_text import json_object
from detector.readers.contract import Reader
from detector.vocabularies import AIGC, LABELLER, REPLACED, SOURCE_TYPE
from evidence.reasons import reason
from evidence.signals import LABEL_READER, Claim, EvidenceKind, Signal
from imaging.types import DecodedImage

_WRITTEN = {SOURCE_TYPE: "written_source_type", AIGC: "written_aigc"}


class OwnLabelReader(Reader):
    """Notes that the digital source type or the AIGC element of a file is a platform's label."""

    name = LABEL_READER
    what = "labels that Rakkan wrote"
    where = "XMP"
    of = (
        "noted: a platform's word, and not that of who made the image; what the label "
        "replaced counts"
    )

    def read(self, data: bytes, image: DecodedImage) -> tuple[Signal, ...]:
        """See `Reader`."""
        texts = image.metadata.texts
        if not any(REPLACED[AIGC].namespace in packet for packet in texts.packets):
            return ()
        present = {one.name: one.value for one in texts.xmp}
        written = [phrase for name, phrase in _WRITTEN.items() if REPLACED[name].clark in present]
        if not written:
            return ()
        fields = json_object(present.get(AIGC.clark, "")) or {}
        operator = one_line(str(fields.get("ContentPropagator") or ""))
        said = reason(
            "platform_label",
            operator=None if operator in ("", LABELLER) else operator,
            written=written[0] if len(written) == 1 else "written_both",
        )
        note = Signal(reader=self.name, kind=EvidenceKind.STATED, claim=Claim.NOTED, reason=said)
        return (note,)
