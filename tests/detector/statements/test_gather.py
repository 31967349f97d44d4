from dataclasses import replace

import pytest

from detector.readers.contract import Reader
from detector.readers.software import SoftwareReader
from detector.statements.contradictions import contradictions
from detector.statements.gather import default_readers, read_statements
from evidence.reasons import Reason
from evidence.signals import CONTRADICTIONS, Claim, EvidenceKind, Signal
from imaging import DecodedImage, Metadata, decode
from tests.credentials import make_authority
from tests.detector.readers.making import MAKE, exif, opened, packet, picture, png

GENERATED = 'Iptc4xmpExt:DigitalSourceType="trainedAlgorithmicMedia"'
CAPTURED = 'Iptc4xmpExt:DigitalSourceType="digitalCapture"'
PARAMETERS = {"parameters": "a fox\nSteps: 20, Sampler: Euler, Seed: 7, Model: sd_xl_base_1.0"}


class Says(Reader):
    """A reader that finds what it was told to."""

    name = "says"

    def __init__(self, *signals: Signal) -> None:
        self._signals = signals

    def read(self, data: bytes, image: DecodedImage) -> tuple[Signal, ...]:
        return self._signals


class Fails(Reader):
    name = "fails"

    def read(self, data: bytes, image: DecodedImage) -> tuple[Signal, ...]:
        raise RuntimeError("a fault")


def signal(claim: Claim, kind: EvidenceKind = EvidenceKind.STATED, **more: object) -> Signal:
    return Signal(
        **{
            "reader": "fake",
            "kind": kind,
            "claim": claim,
            "reason": Reason("fake", "A word."),
            **more,
        }
    )


def doubts(data: bytes, **options: object) -> list[str]:
    found = read_statements(*opened(data), default_readers(), **options)
    assert all(one.claim is Claim.NOTED for one in found if one.reader == CONTRADICTIONS)
    return [one.text for one in found if one.reader == CONTRADICTIONS]


def test_all_readers_are_asked_and_named_once() -> None:
    names = [reader.name for reader in default_readers()]
    assert len(set(names)) == len(names) == 11


def test_what_was_found_comes_strongest_first_and_once() -> None:
    weak, strong = signal(Claim.NOTED), signal(Claim.HUMAN_MADE, EvidenceKind.PROVEN)
    data, image = opened(picture())
    found = read_statements(data, image, [Says(weak), Says(strong, weak)], declared_ai=False)
    assert [one.kind for one in found] == [
        EvidenceKind.PROVEN,
        EvidenceKind.DECLARED,
        EvidenceKind.STATED,
    ]


@pytest.mark.parametrize(
    ("declared", "claim"), [(True, Claim.AI_MADE), (False, Claim.HUMAN_MADE), (None, None)]
)
def test_the_declaration_is_a_statement_of_its_own_kind(
    declared: bool | None, claim: Claim | None
) -> None:
    data, image = opened(picture())
    found = read_statements(data, image, [], declared_ai=declared)
    assert [(one.kind, one.claim) for one in found] == (
        [(EvidenceKind.DECLARED, claim)] if claim else []
    )


def test_a_reader_that_fails_is_told_and_costs_the_others_nothing() -> None:
    data, image = opened(picture())
    word = signal(Claim.AI_MADE)
    found = read_statements(data, image, [Fails(), Says(word)])
    assert found[0] == word
    assert "fails" in found[1].text
    assert "not known" in found[1].text


@pytest.mark.parametrize(
    ("software", "claims"),
    [
        ("ComfyUI", [Claim.AI_EDITED]),
        ("Stable Diffusion XL", [Claim.AI_EDITED]),
        ("Midjourney", [Claim.AI_MADE, Claim.AI_EDITED]),
    ],
)
def test_a_program_that_says_what_it_did_is_not_also_taken_by_its_name(
    software: str, claims: list[Claim]
) -> None:
    """Its name stands in each of its files, in repainted ones too; another's name still counts."""
    told = signal(Claim.AI_EDITED, generator="Stable Diffusion XL", tool="ComfyUI")
    data, image = opened(png({"Software": software}))
    found = read_statements(data, image, [Says(told), SoftwareReader()])
    assert [one.claim for one in found] == claims


def test_an_image_that_novelai_repainted_is_not_one_that_it_made() -> None:
    comment = '{"request_type": "Img2ImgRequest", "strength": 0.3, "prompt": "fox", "seed": 1}'
    texts = {"Software": "NovelAI", "Source": "NovelAI Diffusion V4", "Comment": comment}
    texts["Title"] = "AI generated image"
    (found,) = read_statements(*opened(png(texts)), default_readers())
    assert (found.claim, found.generator, found.tool) == (Claim.AI_EDITED, "NovelAI", "NovelAI")


def test_ids_name_what_changes_the_answers() -> None:
    def ids(**options: object) -> list[str]:
        return [reader.id for reader in default_readers(**options)]

    root, other = make_authority().root, make_authority().root
    different = [ids(), ids(decode_again=False), ids(trust_anchors=root), ids(trust_anchors=other)]
    assert len(set(map(tuple, different))) == 4
    assert ids(trust_anchors=root) == ids(trust_anchors=root)


def test_a_plain_file_says_nothing() -> None:
    for kind in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"):
        assert read_statements(*opened(picture(kind)), default_readers()) == ()


def test_an_ai_tag_against_a_human_declaration() -> None:
    (text,) = doubts(png(PARAMETERS), declared_ai=False)
    assert "declares that no AI was used" in text
    assert "Stable Diffusion XL" in text
    assert doubts(png(PARAMETERS), declared_ai=True) == []
    assert doubts(png(PARAMETERS)) == []


def test_an_edit_by_ai_against_a_human_declaration() -> None:
    edited = signal(Claim.AI_EDITED)
    declared = signal(Claim.HUMAN_MADE, EvidenceKind.DECLARED)
    (doubt,) = contradictions((edited, declared), Metadata(exif=(b"x",)))
    assert "an AI worked on it" in doubt.text
    assert doubt.kind is EvidenceKind.DECLARED


def test_a_camera_and_generation_parameters() -> None:
    comment = b"ASCII\0\0\0" + PARAMETERS["parameters"].encode()
    taken = exif({MAKE: "Canon"}, {0x9286: comment})
    (text,) = doubts(picture("JPEG", exif=taken))
    assert "camera" in text
    assert "Stable Diffusion XL" in text
    assert doubts(picture("JPEG", exif=exif({MAKE: "Canon"}))) == []


def test_statements_of_both_kinds_in_one_file() -> None:
    (text,) = doubts(png(PARAMETERS, packet(CAPTURED)))
    assert "iptc" in text
    assert "automatic1111" in text


def test_a_signed_camera_and_an_ai_tag_elsewhere() -> None:
    signed = signal(Claim.HUMAN_MADE, EvidenceKind.PROVEN, reader="c2pa")
    tagged = signal(Claim.AI_MADE, reader="iptc")
    (doubt,) = contradictions((signed, tagged), Metadata(xmp=(b"x",)))
    assert "proves that a person or a camera did (c2pa)" in doubt.text
    assert doubt.kind is EvidenceKind.STATED


def test_a_declaration_of_ai_against_a_capture() -> None:
    (text,) = doubts(png(xmp=packet(CAPTURED)), declared_ai=True)
    assert "declares that an AI made it" in text
    assert doubts(png(xmp=packet(CAPTURED)), declared_ai=False) == []


def test_metadata_that_should_have_been_there() -> None:
    (text,) = doubts(picture(), expects_metadata=True)
    assert "no metadata" in text
    assert doubts(png({"Title": "a fox"}), expects_metadata=True) == []
    assert contradictions((signal(Claim.NOTED),), Metadata(), expects_metadata=True) == ()
    assert len(contradictions((), Metadata(icc=b"x"), expects_metadata=True)) == 1
    assert doubts(picture()) == []


def test_declarations_and_pixels_are_no_word_of_the_file() -> None:
    declared = signal(Claim.AI_MADE, EvidenceKind.DECLARED)
    inferred = signal(Claim.HUMAN_MADE, EvidenceKind.INFERRED)
    assert contradictions((declared, inferred), Metadata(exif=(b"x",))) == ()


def test_signals_survive_images_that_are_reduced() -> None:
    data = png(PARAMETERS)
    image = replace(decode(data), scale=0.5)
    (found,) = read_statements(data, image, default_readers())
    assert found.claim is Claim.AI_MADE


def test_every_generator_is_told(data_dir) -> None:
    silent = []
    for path in sorted((data_dir / "files").rglob("*.*")):
        data = path.read_bytes()
        found = read_statements(data, decode(data, min_side=224), default_readers())
        if not any(one.claim is Claim.AI_MADE and one.generator for one in found):
            silent.append(path.name)
    assert silent == []
