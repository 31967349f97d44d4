import hashlib
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.labels.label import AIGC_LABELS, TERMS, label
from detector.readers.aigc import AigcReader
from detector.readers.iptc import IptcReader
from detector.readers.own_label import OwnLabelReader
from detector.statements.gather import default_readers, read_statements
from detector.vocabularies import AIGC, SOURCE_TYPE
from evidence import Verdict
from evidence.signals import LABEL_READER, Claim
from imaging import ImagingError, UnsupportedFormat, decode
from imaging.errors import UnwritableMetadata
from imaging.metadata.xmp import xmp_properties
from imaging.metadata.xmp_packet import with_xmp_packet, xmp_packets
from tests.detector.readers.making import exif, opened, packet, picture, png

CAPTURE = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
FOREIGN = '{"Label":"2","ContentProducer":"Doubao","ProduceID":"7","Extra":"e"}'


def said(data: bytes) -> dict[str, str]:
    return {one.name: one.value for xmp in xmp_packets(data) for one in xmp_properties(xmp)}


def source(data: bytes) -> str | None:
    return said(data).get(SOURCE_TYPE.clark)


def aigc(data: bytes) -> dict[str, str] | None:
    value = said(data).get(AIGC.clark)
    return None if value is None else json.loads(value)


def claims(data: bytes) -> set[Claim]:
    file = opened(data)
    return {one.claim for reader in (IptcReader(), AigcReader()) for one in reader.read(*file)}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("verdict", Verdict)
def test_what_is_written_is_for_others_and_no_word_of_the_making(
    kind: str, verdict: Verdict
) -> None:
    data = picture(kind, exif=exif({0x0131: "Painter 7"}))
    labelled = label(data, verdict, operator="平台").data
    assert source(labelled) == TERMS.get(verdict)
    # Read back it is a platform's label, noted, and decides nothing.
    assert claims(labelled) == set()
    (note,) = read_statements(*opened(labelled), default_readers())
    assert (note.reader, note.claim) == (LABEL_READER, Claim.NOTED)
    before, after = decode(data), decode(labelled)
    assert np.array_equal(after.pixels, before.pixels)
    assert after.metadata.exif == before.metadata.exif != ()


def test_the_aigc_object_has_all_fields_of_the_standard_as_texts() -> None:
    data = picture()
    assert aigc(label(data, Verdict.AI, operator="平台").data) == {
        "Label": "1",
        "ContentProducer": "",
        "ProduceID": "",
        "ReservedCode1": "",
        "ContentPropagator": "平台",
        "PropagateID": hashlib.sha256(data).hexdigest(),
        "ReservedCode2": "",
    }
    suspected = aigc(label(data, Verdict.INCONCLUSIVE, operator="平台").data)
    assert suspected is not None
    assert suspected["Label"] == AIGC_LABELS[Verdict.INCONCLUSIVE] == "3"
    assert aigc(label(data, Verdict.HUMAN, operator="平台").data) is None


@pytest.mark.parametrize("last", Verdict)
@pytest.mark.parametrize(
    "xmp",
    [
        None,
        packet('xmp:CreatorTool="Painter 7"'),
        packet('Iptc4xmpExt:DigitalSourceType="trainedAlgorithmicMedia"'),
        packet(elements=f"<TC260:AIGC>{FOREIGN}</TC260:AIGC>"),
    ],
    ids=["nothing", "a tool", "a source type", "an AIGC object"],
)
def test_the_last_label_replaces_those_before(xmp: bytes | None, last: Verdict) -> None:
    data = png(xmp=xmp)
    once = label(data, last, operator="pixiv").data
    again = data
    for verdict in (Verdict.AI, Verdict.HUMAN, Verdict.INCONCLUSIVE, Verdict.AI, last):
        again = label(again, verdict, operator="pixiv").data
    first, second = said(once), said(again)
    # The number of the file is that of whatever bytes its first label found.
    numbers = [json.loads(one.pop(AIGC.clark, "{}")) for one in (first, second)]
    for fields in numbers:
        if fields.get("ContentPropagator") == "pixiv":
            assert len(fields.pop("PropagateID")) == 64
    assert numbers[0] == numbers[1]
    assert first == second


def test_the_same_label_twice_changes_no_byte() -> None:
    for verdict in Verdict:
        once = label(png(xmp=packet('xmp:Rating="3"')), verdict, operator="pixiv").data
        assert label(once, verdict, operator="pixiv").data == once


def test_the_number_stays_when_the_label_changes() -> None:
    data = picture()
    labelled = label(data, Verdict.AI, operator="pixiv").data
    changed = aigc(label(labelled, Verdict.INCONCLUSIVE, operator="pixiv").data)
    assert changed is not None
    assert changed["PropagateID"] == hashlib.sha256(data).hexdigest()


def test_a_more_exact_human_term_stays_and_comes_back() -> None:
    data = png(xmp=packet(f'Iptc4xmpExt:DigitalSourceType="{CAPTURE}"'))
    human = label(data, Verdict.HUMAN, operator="pixiv")
    assert source(human.data) == CAPTURE
    assert human.data == data
    wrongly = label(data, Verdict.AI, operator="pixiv")
    assert source(wrongly.data) == TERMS[Verdict.AI]
    assert any("in place of digitalCapture" in note.text for note in wrongly.notes)
    assert source(label(wrongly.data, Verdict.HUMAN, operator="pixiv").data) == CAPTURE
    assert source(label(wrongly.data, Verdict.INCONCLUSIVE, operator="pixiv").data) == CAPTURE


def test_a_generators_own_term_is_not_taken_away_by_not_knowing() -> None:
    data = png(xmp=packet(f'Iptc4xmpExt:DigitalSourceType="{TERMS[Verdict.AI]}"'))
    assert source(label(data, Verdict.INCONCLUSIVE, operator="pixiv").data) == TERMS[Verdict.AI]
    human = label(data, Verdict.HUMAN, operator="pixiv").data
    assert source(human) == TERMS[Verdict.HUMAN]
    assert source(label(human, Verdict.INCONCLUSIVE, operator="pixiv").data) == TERMS[Verdict.AI]


def test_a_producers_aigc_object_keeps_its_fields() -> None:
    data = png(xmp=packet(elements=f"<TC260:AIGC>{FOREIGN}</TC260:AIGC>"))
    made = label(data, Verdict.AI, operator="pixiv").data
    fields = aigc(made)
    assert fields is not None
    assert fields["ContentProducer"] == "Doubao"
    assert fields["ProduceID"] == "7"
    assert fields["Extra"] == "e"
    assert (fields["Label"], fields["ContentPropagator"]) == ("1", "pixiv")
    for verdict in (Verdict.HUMAN, Verdict.INCONCLUSIVE):
        for before in (data, made):
            labelled = label(before, verdict, operator="pixiv").data
            assert aigc(labelled) == json.loads(FOREIGN)


def test_an_aigc_object_that_is_no_json_is_replaced_and_kept_beside() -> None:
    data = png(xmp=packet(elements="<TC260:AIGC>{nonsense</TC260:AIGC>"))
    labelled = label(data, Verdict.AI, operator="pixiv").data
    assert aigc(labelled) is not None
    assert "{nonsense" in said(labelled).values()


def test_other_properties_stay() -> None:
    elements = "<xmp:Label>red</xmp:Label><!-- a note -->"
    data = png(xmp=packet('xmp:CreatorTool="Painter&#xA;7" plus:DataMining="no"', elements))
    before, after = said(data), said(label(data, Verdict.AI, operator="pixiv").data)
    assert {name: after[name] for name in before} == before


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "AVIF"])
def test_other_formats_are_refused(kind: str) -> None:
    with pytest.raises(UnsupportedFormat):
        label(picture(kind), Verdict.AI, operator="pixiv")


@pytest.mark.parametrize("operator", ["", " ", "a\nb", "a\0"])
def test_an_operator_needs_a_name(operator: str) -> None:
    with pytest.raises(ValueError, match="operator"):
        label(picture(), Verdict.AI, operator=operator)


def test_a_label_is_known_as_such_when_it_is_read_back() -> None:
    data = picture()
    assert OwnLabelReader().read(*opened(data)) == ()
    (note,) = OwnLabelReader().read(*opened(label(data, Verdict.AI, operator="pixiv").data))
    assert note.claim is Claim.NOTED
    assert "for pixiv" in note.text
    assert "the digital source type and the AIGC label" in note.text
    (note,) = OwnLabelReader().read(*opened(label(data, Verdict.HUMAN, operator="pixiv").data))
    assert "AIGC" not in note.text


FILES = [
    picture("JPEG", exif=exif({0x0131: "Painter 7"})),
    picture("WEBP", xmp=packet('xmp:Rating="3"')),
    png({"parameters": "a fox"}, packet(elements=f"<TC260:AIGC>{FOREIGN}</TC260:AIGC>")),
]


@settings(max_examples=200)
@given(
    data=st.sampled_from(FILES),
    verdict=st.sampled_from(Verdict),
    edits=st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 9), st.binary(max_size=9)), max_size=4
    ),
)
def test_a_damaged_file_is_refused_or_shows_what_it_showed(
    data: bytes, verdict: Verdict, edits: list[tuple[float, int, bytes]]
) -> None:
    for place, removed, inserted in edits:
        at = int(place * len(data))
        data = data[:at] + inserted + data[at + removed :]
    try:
        before = decode(data)
        labelled = label(data, verdict, operator="pixiv").data
    except ImagingError:
        return
    assert np.array_equal(decode(labelled).pixels, before.pixels)
    assert label(labelled, verdict, operator="pixiv").data == labelled


@given(value=st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=60))
def test_whatever_the_aigc_object_says_the_label_can_be_written(value: str) -> None:
    from xml.sax.saxutils import escape

    data = png(xmp=packet(elements=f"<TC260:AIGC>{escape(value)}</TC260:AIGC>"))
    labelled = label(data, Verdict.AI, operator="pixiv").data
    fields = aigc(labelled)
    assert fields is not None
    assert fields["Label"] == "1"


RATED = packet('xmp:Rating="3"')
STATED = packet(f'Iptc4xmpExt:DigitalSourceType="{CAPTURE}"')


def with_packets(*packets: bytes) -> bytes:
    data = picture("JPEG")
    segments = (b"http://ns.adobe.com/xap/1.0/\0" + one for one in packets)
    raw = (b"\xff\xe1" + (len(one) + 2).to_bytes(2, "big") + one for one in segments)
    return data[:2] + b"".join(raw) + data[2:]


@pytest.mark.parametrize(
    ("packets", "changed"),
    [
        ((RATED, STATED), 1),
        ((STATED, RATED), 0),
        ((RATED, RATED), 0),
        ((b"", b""), 0),
        ((b" \n", RATED), 0),
        ((b"\0\0", STATED, b""), 1),
    ],
    ids=["second", "first", "neither", "empty", "blank", "between empty ones"],
)
def test_of_several_packets_the_one_that_speaks_of_it_is_changed(
    packets: tuple[bytes, ...], changed: int
) -> None:
    data = with_packets(*packets)
    labelled = label(data, Verdict.AI, operator="pixiv").data
    written = xmp_packets(labelled)
    others = [number for number in range(len(packets)) if number != changed]
    assert [written[number] for number in others] == [packets[number] for number in others]
    assert with_xmp_packet(labelled, packets[changed], changed) == data
    assert claims(labelled) == claims(data)  # what was there before speaks
    assert label(labelled, Verdict.AI, operator="pixiv").data == labelled
    again = label(labelled, Verdict.INCONCLUSIVE, operator="pixiv").data
    assert source(again) == source(data)


def test_where_several_packets_speak_of_it_no_label_is_written() -> None:
    with pytest.raises(UnwritableMetadata, match="remove all but one"):
        label(with_packets(STATED, STATED), Verdict.AI, operator="pixiv")


def test_real_files(data_dir) -> None:
    count = 0
    for path in sorted((data_dir / "files").rglob("*.*")):
        data = path.read_bytes()
        labelled = label(data, Verdict.AI, operator="pixiv").data
        assert source(labelled) == TERMS[Verdict.AI]
        assert claims(labelled) == claims(data)
        before, after = decode(data, min_side=64), decode(labelled, min_side=64)
        assert np.array_equal(after.pixels, before.pixels)
        assert {k: v for k, v in said(labelled).items() if k in said(data)} == said(data)
        count += 1
    assert count > 0
