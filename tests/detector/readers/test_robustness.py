"""What holds for every reader of a file's own words, on files that are damaged or hostile."""

import csv
import hashlib
from io import BytesIO

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from detector.readers.parameters import GenerationParametersReader
from detector.statements.gather import default_readers
from evidence.signals import Claim, EvidenceKind, Signal
from imaging import DecodedImage, ImagingError, Metadata, decode
from tests.credentials import GENERATED, make_authority, sign
from tests.detector.readers.making import (
    MAKE,
    SOFTWARE,
    USER_COMMENT,
    exif,
    packet,
    picture,
    png,
)

# Without second decodings, which test_watermark.py does: the files here are many.
READERS = default_readers(decode_again=False)
PARAMETERS = GenerationParametersReader.name  # its signals bear the name of the form
INFOTEXT = "a fox by Ada\nSteps: 20, Sampler: Euler, Seed: 7, Model: sd_xl_base_1.0"
BLOCK = exif({SOFTWARE: "Adobe Firefly", MAKE: "Canon"}, {USER_COMMENT: b"ASCII\0\0\0AIGC{}"})
TEXTS = ("AIGC", "Software", "comment", "Comment", "parameters", "prompt")
XMP = packet(
    'Iptc4xmpExt:DigitalSourceType="trainedAlgorithmicMedia" xmp:CreatorTool="Krita"',
    "<TC260:AIGC>{&quot;Label&quot;:&quot;1&quot;}</TC260:AIGC>",
)


def check(data: bytes, image: DecodedImage) -> None:
    for reader in READERS:
        found = reader.read(data, image)
        assert isinstance(found, tuple)
        for one in found:
            assert isinstance(one, Signal)
            assert one.reader == reader.name or reader.name == PARAMETERS
            assert one.kind in (EvidenceKind.PROVEN, EvidenceKind.STATED)
            assert one.text.isprintable()
            assert len(one.text) < 1000
            assert one.generator is None or len(one.generator) <= 200


def hidden(text: str) -> bytes:
    """A PNG large enough for a watermark, with a text in the lowest bits of its alpha channel."""
    body = text.encode()
    stored = b"stealth_pnginfo" + (8 * len(body)).to_bytes(4) + body
    bits = np.unpackbits(np.frombuffer(stored, np.uint8))
    alpha = np.full(256 * 256, 254, np.uint8)
    alpha[: len(bits)] |= bits
    ramp = np.tile(np.arange(256, dtype=np.uint8), (256, 1))
    pixels = np.dstack([ramp, ramp, ramp, alpha.reshape(256, 256).T])
    out = BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def test_the_hidden_text_is_found() -> None:
    data = hidden(INFOTEXT)
    found = [one for reader in READERS for one in reader.read(data, decode(data))]
    assert [one.reader for one in found] == ["stealth"]


@pytest.fixture(scope="module")
def files() -> tuple[bytes, ...]:
    created = {"action": "c2pa.created", "digitalSourceType": GENERATED}
    plain = picture("JPEG", exif=BLOCK, xmp=XMP, comment=b"Created with GIMP")
    text = png({"AIGC": '{"Label": "1"}', "Software": "NovelAI", "parameters": INFOTEXT}, XMP)
    authority = make_authority()
    return (
        plain,
        text,
        picture("WEBP", exif=BLOCK, xmp=XMP),
        hidden(INFOTEXT),
        sign(plain, "image/jpeg", authority, [created]),
        sign(text, "image/png", authority, [created]),
    )


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_mutated_files(files, data):
    original = data.draw(st.sampled_from(files))
    mutated = bytearray(original)
    for _ in range(data.draw(st.integers(0, 12))):
        at = data.draw(st.integers(0, len(mutated) - 1))
        mutated[at] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        mutated = mutated[: data.draw(st.integers(1, len(mutated)))]
    image = decode(original)  # the bytes that C2PA reads may be worse than those that decoded
    check(bytes(mutated), image)
    try:
        image = decode(bytes(mutated))
    except ImagingError:
        return
    check(bytes(mutated), image)


def holding(data: bytes, metadata: Metadata, name: str = "jpeg") -> DecodedImage:
    pixels = np.zeros((16, 16, 3), np.uint8)
    return DecodedImage(pixels, 16, 16, name, hashlib.sha256(data).hexdigest(), (), metadata)


@given(
    st.binary(max_size=200),
    st.binary(max_size=200),
    st.binary(max_size=200),
    st.lists(st.tuples(st.sampled_from(TEXTS), st.binary(max_size=100))),
    st.sampled_from(["jpeg", "png", "heic"]),
)
def test_random_blocks(data, block, xmp, texts, name):
    check(data, holding(data, Metadata((block,), (xmp, xmp), None, tuple(texts), (block,)), name))


@pytest.mark.parametrize("letter", [b" ", b"AIGC", b"<", b"{", b"\0", b"[", b'"', b'AIGC"'])
def test_long_repetitions(letter):
    """No search in a text takes more than linear time: these would take hours."""
    body = letter * (2_000_000 // len(letter))
    texts = tuple((keyword, body) for keyword in TEXTS)
    metadata = Metadata((b"II*\0" + body,), (body, body), None, texts, (body,))
    check(body, holding(body, metadata))


def test_no_human_work_is_called_an_ais(data_dir):
    """Precision on real files: dev is looked at, and nothing is tuned on it."""
    with (data_dir / "manifest.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["label"] == "human"]
    rows = [row for row in rows if row["split"] in ("dev", "files")]
    assert rows
    for row in rows:
        data = (data_dir / row["path"]).read_bytes()
        image = decode(data, min_side=32)
        for reader in READERS:
            for one in reader.read(data, image):
                assert one.claim not in (Claim.AI_MADE, Claim.AI_EDITED), (row["path"], one.text)
