import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from detector.readers.bytedance import ByteDanceReader
from evidence.signals import Claim, EvidenceKind, Signal
from imaging import decode
from tests.detector.readers.parameter_files import png, with_comment, with_exif

DESCRIPTION = 0x010E


def read(data: bytes) -> tuple[Signal, ...]:
    return ByteDanceReader().read(data, decode(data))


def described(**note: object) -> bytes:
    tags = Image.Exif()
    tags[DESCRIPTION] = json.dumps(note)
    return with_exif(tags)


GENERATED = {"product": "dreamina", "exportType": "generation", "aigc_label_type": 1}


@pytest.mark.parametrize(
    "data",
    [
        described(**GENERATED),
        described(product="dreamina", exportType="generation"),
        png({"Description": json.dumps(GENERATED)}),
        with_comment(json.dumps(GENERATED)),
    ],
    ids=["exif", "without label", "png", "comment"],
)
def test_what_was_generated_is_told(data: bytes) -> None:
    (signal,) = read(data)
    assert (signal.kind, signal.claim) == (EvidenceKind.STATED, Claim.AI_MADE)
    assert signal.generator == signal.tool == "Dreamina / Jimeng"
    assert "says that an AI made it" in signal.text


@pytest.mark.parametrize("label", [1, 2, "1", 2.0])
def test_what_an_ai_had_a_part_in_is_an_edit(label: object) -> None:
    (signal,) = read(described(product="capcut", exportType="edit", aigc_label_type=label))
    assert (signal.claim, signal.generator, signal.tool) == (Claim.AI_EDITED, None, "capcut")


@pytest.mark.parametrize(
    "note",
    [
        {"product": "capcut", "exportType": "edit", "aigc_label_type": 0},
        {"product": "capcut", "exportType": "edit"},
        {"product": "a chair", "aigc": 1},
        {"exportType": "generation", "aigc_label_type": 1},
        {"product": {"name": "dreamina"}, "exportType": "generation"},
    ],
)
def test_what_says_nothing_of_an_ai_is_passed_over(note: dict[str, object]) -> None:
    assert read(described(**note)) == ()


@given(st.dictionaries(st.sampled_from([*GENERATED, "x"]), st.text() | st.integers() | st.none()))
def test_any_note(note: dict[str, object]) -> None:
    for signal in read(with_comment(json.dumps(note))):
        assert signal.text.isprintable()
