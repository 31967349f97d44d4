"""Kinds of files that were once read wrongly, each with what is to be said of it.

Each stands for a kind that users of other programs reported. What real programs wrote lies in
`files/`; a PNG that is a picture with a text is made here. The pixels say that a person made all
of them, so whatever else is said comes from the file.
"""

import io
import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, PngImagePlugin

from detector import Measures
from detector.statements.gather import default_readers
from evidence import CopyVerdict, CreatorVerdict, Judgement, PixelEvidence
from models import Features
from serving import Enrolment, Judge, Settings, open_enroller, open_judge
from similarity.gallery.creators import Consent
from tests.cases.expected import (
    AI,
    ANONYMOUS,
    HUMAN,
    ON_ONE_LINE,
    PROVEN,
    SIGNED,
    SILENT,
    STATED,
    TEXTS,
    WEBUI,
    WRITTEN,
    Said,
)
from tests.detector.readers.making import packet
from tests.fakes import FakeDetector, fake_judge
from tests.similarity.fakes import NOW

FILES = Path(__file__).parent / "files"


class ByHand(FakeDetector):
    """Sees a person's work in everything."""

    def assess(self, features: Features, measures: Measures) -> PixelEvidence:
        return PixelEvidence(
            score=-3.0,
            probability=0.05,
            scored=HUMAN,
            verdict=HUMAN,
            withheld=(),
            reasons=(),
            information=measures.information,
        )


def judged(data: bytes, trust_anchors: str | None = None) -> Judgement:
    readers = default_readers(trust_anchors=trust_anchors)
    return fake_judge(detector=ByHand(), readers=readers).one(data)


def check(found: Judgement, expected: Said) -> None:
    ai = found.ai
    assert (ai.verdict, ai.evidence, ai.generator) == (
        expected.verdict,
        expected.evidence,
        expected.generator,
    )
    if ai.verdict is AI:
        assert ai.probability >= {PROVEN: 0.999, STATED: 0.99}[ai.evidence]
    else:
        assert ai.probability == ai.pixels.probability  # never less than the pixels say
    if expected.tool:
        told = next(one for one in ai.signals if one.tool)
        assert (told.tool, told.prompt, told.seed) == (
            expected.tool,
            expected.prompt,
            expected.seed,
        )
        assert told.artists == expected.artists


def drawing(seed: int = 1) -> Image.Image:
    """A picture with enough to see in it."""
    rng = np.random.default_rng(seed)
    picture = Image.fromarray(rng.normal(150, 9, (96, 120, 3)).astype(np.uint8))
    pen = ImageDraw.Draw(picture)
    for _ in range(12):
        x, y, side = (int(rng.integers(0, 90)) for _ in range(3))
        pen.ellipse((x, y, x + side, y + side), tuple(map(int, rng.integers(0, 255, 3))), "black")
    return picture


def saved(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def with_texts(texts: Mapping[str, str]) -> bytes:
    info = PngImagePlugin.PngInfo()
    for keyword, text in texts.items():
        info.add_text(keyword, text, zip=len(text) > 1 << 20)
    return saved(drawing(), pnginfo=info)


@pytest.mark.parametrize(("name", "expected"), WRITTEN.items(), ids=WRITTEN)
def test_what_programs_wrote(name: str, expected: Said) -> None:
    check(judged((FILES / name).read_bytes()), expected)


@pytest.mark.parametrize(("name", "expected"), SIGNED.items(), ids=SIGNED)
def test_a_signed_part_of_a_generator_is_never_overlooked(name: str, expected: Said) -> None:
    data = (FILES / "signed-edits" / name).read_bytes()
    anchors = (FILES / "signed-edits/root.pem").read_text()
    check(judged(data, anchors), expected)
    stated = judged(data).ai
    assert (stated.verdict, stated.evidence) == (expected.verdict, STATED)


@pytest.mark.parametrize(
    ("texts", "expected"), [row[1:] for row in TEXTS], ids=[row[0] for row in TEXTS]
)
def test_texts_of_a_png(texts: Mapping[str, str], expected: Said) -> None:
    check(judged(with_texts(texts)), expected)


def test_the_main_directory_of_exif_in_a_png() -> None:
    exif = Image.Exif()
    exif[0x9286] = f"{WEBUI.prompt}\n{ON_ONE_LINE}, Version: v1.9.4"
    check(judged(saved(drawing(), exif=exif)), WEBUI)


def test_a_second_packet_of_a_png_hides_nothing() -> None:
    said = packet('Iptc4xmpExt:DigitalSourceType="trainedAlgorithmicMedia"')
    chunks = b"".join(map(_xmp_chunk, (said, packet('xmp:Rating="3"'))))
    data = saved(drawing())
    check(judged(data[:33] + chunks + data[33:]), ANONYMOUS)


def _xmp_chunk(xmp: bytes) -> bytes:
    body = b"iTXtXML:com.adobe.xmp" + bytes(5) + xmp
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))


@pytest.mark.parametrize(
    "data",
    [
        *(
            pytest.param((FILES / name).read_bytes(), id=name)
            for name in (
                "gif-without-end/no_trailer.gif",
                "gif-without-end/animation_no_trailer.gif",
                "gif-without-end/last_frame_cut.gif",
                "jpeg-without-end/no_eoi.jpg",
                "jpeg-without-end/no_eoi_progressive.jpg",
                "jpeg-without-end/camera_trailer.jpg",
            )
        ),
        pytest.param(saved(drawing())[:-12], id="no_iend.png"),
        pytest.param(saved(drawing())[:-4], id="short_iend.png"),
    ],
)
def test_what_lacks_its_end_is_judged_and_told(data: bytes) -> None:
    found = judged(data)
    check(found, SILENT)
    assert "end_missing" in {note.code for note in found.image.notes}


def test_a_picture_that_nobody_sees_is_not_judged() -> None:
    notice = Image.new("RGB", (120, 96), "white")
    frames = [drawing(5), drawing(6)]
    animation = saved(notice, save_all=True, append_images=frames, default_image=True, duration=200)
    found = judged(animation)
    assert found.ai.pixels.information == judged(saved(frames[0])).ai.pixels.information
    notes = {note.code: note.values for note in found.image.notes}
    assert "hidden_default" in notes
    assert dict(notes["first_frame"]) == {"count": 2}


@pytest.fixture(scope="module")
def beside_works(
    rakkan_home: Path, encoder_cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Judge]:
    """A judge with an index of two artists who draw in white, and in black, on transparency."""
    settings, index = Settings(home=rakkan_home), str(tmp_path_factory.mktemp("index"))
    works = FILES / "transparent-works"
    asked = [
        Enrolment(name, tuple(sorted(works.glob(f"{name}?.png"))), Consent(name, NOW))
        for name in ("white", "black")
    ]
    with open_enroller(settings, index) as enroller:
        assert [done.added for done in enroller.enrol(asked)] == [3, 3]
    with open_judge(settings, index=index) as judge:
        yield judge


@pytest.mark.parametrize(
    ("name", "work"),
    [
        ("white0_on_black.png", "white0.png"),
        ("white0_on_blue.jpg", "white0.png"),
        ("black0_on_cream.jpg", "black0.png"),
        ("black0_on_dark.png", "black0.png"),
    ],
)
def test_light_works_on_transparency_are_found(name: str, work: str, beside_works: Judge) -> None:
    found = beside_works.one((FILES / "transparent-works" / name).read_bytes()).similarity
    assert found is not None
    assert found.copies[0].work.endswith(work)
    assert found.copies[0].verdict is CopyVerdict.COPY


@pytest.mark.parametrize("name", ["blank.png", "black.png"])
def test_a_blank_picture_is_close_to_nobody(name: str, beside_works: Judge) -> None:
    judgement = beside_works.one((FILES / "blank-pictures" / name).read_bytes())
    assert judgement.ai.pixels.information.too_plain
    assert judgement.similarity is not None
    assert not judgement.similarity.copies
    assert {one.verdict for one in judgement.similarity.creators} <= {CreatorVerdict.NONE}
