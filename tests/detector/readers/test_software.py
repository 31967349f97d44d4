import pytest

from detector.readers.camera import CameraReader
from detector.readers.software import SoftwareReader
from evidence.signals import Claim, EvidenceKind
from tests.detector.readers.making import (
    LENS_MODEL,
    MAKE,
    MODEL,
    SOFTWARE,
    exif,
    opened,
    packet,
    picture,
    png,
)


def with_exif(tags, private=None):
    return picture(exif=exif(tags, private))


def read(data):
    return SoftwareReader().read(*opened(data))


@pytest.mark.parametrize(
    ("data", "generator"),
    [
        (with_exif({SOFTWARE: "Adobe Firefly"}), "Adobe Firefly"),
        (with_exif({MAKE: "Ideogram AI"}), "Ideogram"),
        (png({"Software": "NovelAI"}), "NovelAI"),
        (png(xmp=packet('xmp:CreatorTool="reve.com"')), "Reve"),
        (png(xmp=packet(elements="<tiff:Software>Midjourney</tiff:Software>")), "Midjourney"),
    ],
    ids=range(5),
)
def test_a_generator_that_names_itself(data, generator):
    (found,) = read(data)
    assert found.claim is Claim.AI_MADE
    assert found.kind is EvidenceKind.STATED
    assert found.generator == generator


@pytest.mark.parametrize(
    "data",
    [
        with_exif({SOFTWARE: "CLIP STUDIO PAINT 2.0"}),
        picture("PNG", exif=exif({SOFTWARE: "Procreate"})),
        png({"Software": "Krita 5.2"}),
        png({"Comment": "Created with GIMP"}),
        png(xmp=packet('xmp:CreatorTool="Adobe Photoshop 25.0 (Windows)"')),
        picture(comment=b"Created with GIMP"),
    ],
    ids=range(6),
)
def test_painting_programs_are_noted_and_prove_nothing(data):
    (found,) = read(data)
    assert found.claim is Claim.NOTED
    assert "anyone can write that" in found.text


def history(*agents):
    steps = "".join(
        f'<rdf:li stEvt:action="saved" stEvt:softwareAgent="{agent}"/>' for agent in agents
    )
    return f"<xmpMM:History><rdf:Seq>{steps}</rdf:Seq></xmpMM:History>"


def test_an_editing_history():
    found = read(png(xmp=packet(elements=history("Adobe Photoshop 25.0", "Adobe Photoshop 25.0"))))
    assert [one.claim for one in found] == [Claim.NOTED, Claim.NOTED]
    assert "an editing history of 2 steps" in found[1].text


def test_a_history_without_measure_is_read_in_part():
    agents = [f"Krita {n} " + "x " * 100 for n in range(5000)]
    assert len(read(png(xmp=packet(elements=history(*agents))))) <= 51


def test_a_generator_in_the_history_edited():
    found = read(png(xmp=packet(elements=history("Adobe Photoshop 25.0", "Adobe Firefly"))))
    assert found[1].claim is Claim.AI_EDITED
    assert found[1].generator == "Adobe Firefly"


def test_traces_of_layers():
    layers = (
        '<photoshop:TextLayers><rdf:Bag><rdf:li rdf:parseType="Resource">'
        "<photoshop:LayerName>title</photoshop:LayerName></rdf:li></rdf:Bag>"
        "</photoshop:TextLayers>"
    )
    (found,) = read(png(xmp=packet(elements=layers)))
    assert found.claim is Claim.NOTED
    assert "layers" in found.text


def test_one_program_in_several_places_is_said_once():
    data = picture(
        exif=exif({SOFTWARE: "Adobe Firefly"}), xmp=packet('xmp:CreatorTool="Adobe Firefly"')
    )
    assert len(read(data)) == 1


@pytest.mark.parametrize(
    "data",
    [
        picture(),
        with_exif({SOFTWARE: "Picasa", MAKE: "Google", MODEL: "Pixel 8"}),
        png({"Comment": "Created with love, not with Midjourney. " * 5}),
        png({"Description": "Midjourney"}),
        png({"Creator": "Grok"}),
        with_exif({0x013B: "Grok"}),
        picture(comment=b"Created by Grok version 9.7.5"),
        with_exif({SOFTWARE: "FireFly 8S V1.0"}),
        with_exif({0x010E: "drawn after a Midjourney picture"}),
    ],
    ids=range(9),
)
def test_what_names_no_program(data):
    assert read(data) == ()


def test_cameras_are_noted():
    tags = {MAKE: "Canon", MODEL: "Canon EOS R5"}
    (found,) = CameraReader().read(*opened(with_exif(tags, {LENS_MODEL: "RF50mm"})))
    assert found.claim is Claim.NOTED
    assert found.text == (
        "EXIF names a camera, Canon EOS R5 with the lens RF50mm; anyone can write that."
    )
    (other,) = CameraReader().read(*opened(with_exif({MAKE: "SONY", MODEL: "ILCE-7M3"})))
    assert "SONY ILCE-7M3" in other.text


@pytest.mark.parametrize("make", ["Ideogram AI", "workflow:{}", ""])
def test_what_is_no_camera(make):
    assert CameraReader().read(*opened(with_exif({MAKE: make, SOFTWARE: "x"}))) == ()
