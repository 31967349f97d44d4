"""A label that Rakkan wrote: whoever reads it back should know whose word it is."""

from core.text import one_line
from detector.labels.label import AIGC, LABELLER, REPLACED, SOURCE_TYPE
from detector.readers.json_text import json_object
from evidence.signals import LABELS, Claim, EvidenceKind, Signal
from imaging.types import DecodedImage

_WORDS = {SOURCE_TYPE: "the digital source type", AIGC: "the AIGC label"}


class OwnLabelReader:
    """Notes that the digital source type or the AIGC element of a file is a platform's label."""

    name = id = LABELS

    def read(self, data: bytes, image: DecodedImage) -> tuple[Signal, ...]:
        """See `Reader`."""
        texts = image.metadata.texts
        if not any(REPLACED[AIGC].namespace in packet for packet in texts.packets):
            return ()
        present = {one.name: one.value for one in texts.xmp}
        written = [words for name, words in _WORDS.items() if REPLACED[name].clark in present]
        if not written:
            return ()
        fields = json_object(present.get(AIGC.clark, "")) or {}
        operator = one_line(str(fields.get("ContentPropagator") or ""))
        by = f" for {operator}" if operator not in ("", LABELLER) else ""
        text = (
            f"A label that Rakkan wrote{by}, and not the word of who made the image: "
            f"{' and '.join(written)}."
        )
        note = Signal(reader=self.name, kind=EvidenceKind.STATED, claim=Claim.NOTED, text=text)
        return (note,)
