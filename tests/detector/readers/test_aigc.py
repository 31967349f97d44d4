import json
from html import escape

import pytest

from detector.readers.aigc import AigcReader
from evidence.signals import Claim, EvidenceKind
from tests.detector.readers.making import (
    DESCRIPTION,
    USER_COMMENT,
    exif,
    opened,
    packet,
    picture,
    png,
)

# The fields of GB 45438-2025, appendix E.
LABEL = {
    "Label": "1",
    "ContentProducer": "001191110102MACQD9K64010000",
    "ProduceID": "42",
    "ReservedCode1": "",
    "ContentPropagator": "",
    "PropagateID": "",
    "ReservedCode2": "",
}
TEXT = json.dumps(LABEL)
STRUCT = "".join(f"<TC260:{name}>{value}</TC260:{name}>" for name, value in LABEL.items())


def bare_segment(body: bytes) -> bytes:
    data = picture("JPEG")
    return data[:2] + b"\xff\xeb" + (len(body) + 2).to_bytes(2, "big") + body + data[2:]


PLACES = {
    "xmp element": lambda: png(xmp=packet(elements=f"<TC260:AIGC>{escape(TEXT)}</TC260:AIGC>")),
    "xmp bare quotes": lambda: picture(xmp=packet(elements=f"<TC260:AIGC>{TEXT}</TC260:AIGC>")),
    "xmp attribute": lambda: picture("WEBP", xmp=packet(f'TC260:AIGC="{escape(TEXT)}"')),
    "xmp structure": lambda: picture(
        xmp=packet(elements=f'<TC260:AIGC rdf:parseType="Resource">{STRUCT}</TC260:AIGC>')
    ),
    "png text": lambda: png({"AIGC": TEXT}),
    "png text, wrapped": lambda: png({"AIGC": json.dumps({"AIGC": LABEL})}),
    "png text, a string within": lambda: png({"AIGC": json.dumps({"AIGC": TEXT})}),
    "comment": lambda: picture(
        exif=exif({}, {USER_COMMENT: b"ASCII\0\0\0" + json.dumps({"AIGC": LABEL}).encode()})
    ),
    "comment, with more around": lambda: picture(
        exif=exif(
            {},
            {
                USER_COMMENT: b"UNICODE\0"
                + json.dumps({"a": [1], "AIGC": TEXT, "b": 2}).encode("utf-16-be")
            },
        )
    ),
    "description": lambda: picture("WEBP", exif=exif({DESCRIPTION: "AIGC" + TEXT})),
    "bare segment": lambda: bare_segment(b"AIGC" + TEXT.encode()),
}


@pytest.mark.parametrize("place", PLACES)
def test_every_place(place):
    (found,) = AigcReader().read(*opened(PLACES[place]()))
    assert found.kind is EvidenceKind.STATED
    assert found.claim is Claim.AI_MADE
    assert found.generator == "Doubao / Seedream"


@pytest.mark.parametrize(
    ("value", "claim", "words"),
    [
        ("1", Claim.AI_MADE, "says that an AI made it"),
        (1, Claim.AI_MADE, "says that an AI made it"),
        ("2", Claim.NOTED, "possibly"),
        ("3", Claim.NOTED, "suspected"),
        ("0", Claim.NOTED, "no known value"),
        ({"deep": 1}, Claim.NOTED, "no known value"),
    ],
)
def test_values(value, claim, words):
    (found,) = AigcReader().read(*opened(png({"AIGC": json.dumps(LABEL | {"Label": value})})))
    assert found.claim is claim
    assert words in found.text


@pytest.mark.parametrize(
    ("producer", "generator", "shown"),
    [
        ("doubao", "Doubao / Seedream", "Doubao"),
        ("picwish", "PicWish", "PicWish"),
        ("001191440300708461136T1308L", None, "001191440300708461136T1308L"),
        ("", None, "GB 45438 says that an AI made it."),
    ],
)
def test_producers(producer, generator, shown):
    text = json.dumps({"Label": "1", "ContentProducer": producer})
    (found,) = AigcReader().read(*opened(png({"AIGC": text})))
    assert found.generator == generator
    assert shown in found.text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"other": 1}',
        "null",
        '"' * 1000,
        "[" * 100_000,
        '{"AIGC":' * 100_000,
        '{"Label": ' + "9" * 10_000 + "}",
        " " * 1_000_000,
    ],
    ids=range(11),
)
def test_what_is_no_label(text):
    assert AigcReader().read(*opened(png({"AIGC": text}))) == ()
    assert AigcReader().read(*opened(png({"Comment": "AIGC" + text}))) == ()


def test_labels_without_measure_are_read_in_part():
    many = "".join(f"<TC260:AIGC>{escape(TEXT)}</TC260:AIGC>" for _ in range(3000))
    assert len(AigcReader().read(*opened(png(xmp=packet(elements=many))))) == 1


def test_a_text_about_aigc_says_nothing():
    prompt = 'a poster for the "AIGC": {"style": "flat"} fair, myAIGC{"Label": "1"}'
    assert AigcReader().read(*opened(png({"parameters": prompt}))) == ()


def test_plain_files_say_nothing():
    assert AigcReader().read(*opened(picture())) == ()
