"""The texts of IPTC-IIM records, the standard that XMP replaced and that agencies still write.

Source: IPTC-NAA Information Interchange Model, version 4.2, chapter 1 (coding) and 6 (record 2).
"""

from imaging.metadata.unicode import decode_text

# fmt: off
_DATASETS = {
    5: "ObjectName", 25: "Keywords", 40: "SpecialInstructions", 65: "OriginatingProgram",
    70: "ProgramVersion", 80: "By-line", 105: "Headline", 110: "Credit", 115: "Source",
    116: "CopyrightNotice", 120: "Caption-Abstract",
}
# fmt: on
_TAG = 0x1C
_APPLICATION_RECORD = 2
_EXTENDED = 0x8000  # lengths of lengths, for objects that no text of ours is


def iptc_texts(block: bytes) -> tuple[tuple[str, str], ...]:
    """The known datasets by name with their texts, up to where the block is damaged.

    Args:
        block: Datasets one behind the other, as they stand in Photoshop's image resources.
    """
    found: list[tuple[str, str]] = []
    at = 0
    while at + 5 <= len(block) and block[at] == _TAG:
        record, dataset = block[at + 1], block[at + 2]
        length = int.from_bytes(block[at + 3 : at + 5], "big")
        if length >= _EXTENDED:
            break
        body = block[at + 5 : at + 5 + length]
        at += 5 + length
        name = _DATASETS.get(dataset) if record == _APPLICATION_RECORD else None
        if name and body:
            found.append((name, decode_text(body).strip("\0 \t\r\n")))
    return tuple(found)
