import json
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.readers.aigc import AigcReader, is_credit_code
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


def caption(label: object) -> bytes:
    body = json.dumps(label).encode()
    return b"\x1c\x02\x78" + len(body).to_bytes(2, "big") + body


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
    "xmp, within another property": lambda: png(
        xmp=packet(
            elements=f"<dc:description>{escape(json.dumps({'AIGC': LABEL}))}</dc:description>"
        )
    ),
    "iptc caption": lambda: picture("TIFF", tiffinfo={33723: caption({"AIGC": LABEL})}),
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


VALUE = {"Label": "1", "ContentProducer": "00191DEMO", "ProduceID": "7"}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(VALUE),
        json.dumps({"AIGC": VALUE}),
        json.dumps({"aigc": json.dumps(VALUE)}),
        repr(VALUE),
        repr({"AIGC": VALUE}),
        "{Label: '1', ContentProducer: '00191DEMO'}",
        json.dumps({**VALUE, "Label": 1}),
        json.dumps({**VALUE, "Label": 1.0}),
        json.dumps({**VALUE, "Label": "AIGC"}),
    ],
)
@pytest.mark.parametrize("keyword", ["AIGC", "aigc"])
def test_every_spelling_of_the_label(text, keyword):
    (signal,) = AigcReader().read(*opened(png({keyword: text})))
    assert signal.claim is Claim.AI_MADE


def test_the_element_under_another_namespace():
    value = json.dumps(VALUE).replace('"', "&quot;")
    xmp = packet(f'xmlns:x1="http://example.com/aigc/" x1:aigc="{value}"')
    (signal,) = AigcReader().read(*opened(png({}, xmp)))
    assert signal.claim is Claim.AI_MADE


@pytest.mark.parametrize("word", ["AIGC", "aigc"])
def test_the_bare_keyword(word):
    def tagged(tag: str) -> bytes:
        words = f"<rdf:Bag><rdf:li>fox</rdf:li><rdf:li>{tag}</rdf:li></rdf:Bag>"
        return png({}, packet(elements=f"<dc:subject>{words}</dc:subject>"))

    (signal,) = AigcReader().read(*opened(tagged(word)))
    assert (signal.claim, signal.reason.code) == (Claim.AI_MADE, "aigc_keyword")
    assert AigcReader().read(*opened(tagged(f"no {word}"))) == ()


def test_the_check_character_of_a_credit_code():
    # Examples that the registries publish themselves; one letter off is none.
    for code in ("91350100M000100Y43", "91110102MACQD9K640"):
        assert is_credit_code(code)
        assert not is_credit_code(code[:-1] + ("1" if code[-1] != "1" else "2"))
        assert not is_credit_code(code[:-1])
    assert not is_credit_code("9135O100M000100Y43")


def test_a_producers_code_names_whom_it_is_published_for():
    def producer(code: str) -> str | None:
        value = json.dumps({"Label": "1", "ContentProducer": code})
        return AigcReader().read(*opened(png({"AIGC": value})))[0].generator

    assert producer("00119191110102MACQD9K64018888888888") == "Doubao / Seedream"
    assert producer("00119191350100M000100Y4300000000001") is None


@given(st.text(max_size=200))
def test_random_labels_never_raise(text):
    AigcReader().read(*opened(png({"AIGC": text.replace("\0", "")})))
    AigcReader().read(*opened(png({"AIGC": "{Label: " + text.replace("\0", "")})))


@pytest.mark.parametrize("text", ["{" * 15_000, "[" * 15_000, "{a:" * 5_000, "(" * 15_000])
def test_deep_labels_end(text):
    AigcReader().read(*opened(png({"AIGC": "{" + text + "}"})))
