import pytest

from detector.readers.iptc import IptcReader
from evidence.signals import Claim, EvidenceKind
from tests.detector.readers.making import opened, packet, picture, png

CV = "http://cv.iptc.org/newscodes/digitalsourcetype/"
DMI = "http://ns.useplus.org/ldf/vocab/DMI-"


def read(attributes="", elements="", **options):
    return IptcReader().read(*opened(png(xmp=packet(attributes, elements, **options))))


def source(code):
    return f'Iptc4xmpExt:DigitalSourceType="{CV}{code}"'


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_every_container(kind):
    xmp = packet(source("trainedAlgorithmicMedia"))
    options = {"tiffinfo": {700: xmp}} if kind == "TIFF" else {"xmp": xmp}
    (found,) = IptcReader().read(*opened(picture(kind, **options)))
    assert found.claim is Claim.AI_MADE
    assert found.kind is EvidenceKind.STATED
    assert (
        found.text == "IPTC's digital source type says that it was made by a generative AI model."
    )
    assert found.generator is None


@pytest.mark.parametrize(
    ("code", "claim"),
    [
        ("trainedAlgorithmicMedia", Claim.AI_MADE),
        ("compositeWithTrainedAlgorithmicMedia", Claim.AI_EDITED),
        ("digitalCreation", Claim.HUMAN_MADE),
        ("algorithmicMedia", Claim.NOTED),
        ("somethingNew", Claim.NOTED),
    ],
)
@pytest.mark.parametrize("form", ["attribute", "element", "resource"])
def test_source_types(code, claim, form):
    tag = "Iptc4xmpExt:DigitalSourceType"
    (found,) = {
        "attribute": lambda: read(source(code)),
        "element": lambda: read(elements=f"<{tag}>{CV}{code}</{tag}>"),
        "resource": lambda: read(elements=f'<{tag} rdf:resource="{CV}{code}"/>'),
    }[form]()
    assert found.claim is claim


@pytest.mark.parametrize(
    "element",
    [
        '<x:DigitalSourceType xmlns:x="http://example.com/">{}</x:DigitalSourceType>',
        "<photoshop:digitalsourcetype>{}</photoshop:digitalsourcetype>",
        "<undeclared:DigitalSourceType>{}</undeclared:DigitalSourceType>",
        "<Iptc4xmpExt:DIGITALSOURCETYPE>{}</Iptc4xmpExt:DIGITALSOURCETYPE>",
    ],
)
def test_the_name_in_any_namespace_and_case(element):
    (found,) = read(elements=element.format(CV + "trainedAlgorithmicMedia"))
    assert found.claim is Claim.AI_MADE


def test_two_source_types_are_two_statements():
    tag = "Iptc4xmpExt:DigitalSourceType"
    found = read(source("trainedAlgorithmicMedia"), f"<{tag}>{CV}digitalCreation</{tag}>")
    assert {one.claim for one in found} == {Claim.AI_MADE, Claim.HUMAN_MADE}


def test_a_source_type_of_a_part_is_not_the_images():
    inner = f"<Iptc4xmpExt:ArtworkOrObject><rdf:Bag><rdf:li {source('trainedAlgorithmicMedia')}/>"
    assert read(elements=f"{inner}</rdf:Bag></Iptc4xmpExt:ArtworkOrObject>") == ()


AI_FIELDS = (
    'Iptc4xmpExt:AISystemUsed="Adobe Firefly" Iptc4xmpExt:AISystemVersionUsed="Image 4" '
    'Iptc4xmpExt:AIPromptWriterName="A. Writer"'
)
PROMPTED = "a fox by Ann Example"
PROMPT = (
    '<Iptc4xmpExt:AIPromptInformation><rdf:Alt><rdf:li xml:lang="x-default">'
    f"{PROMPTED}</rdf:li></rdf:Alt></Iptc4xmpExt:AIPromptInformation>"
)


@pytest.mark.parametrize("before", ["", source("trainedAlgorithmicMedia")])
def test_the_ai_fields_of_2025(before):
    (found,) = read(f"{before} {AI_FIELDS}", PROMPT)
    assert found.claim is Claim.AI_MADE
    assert (found.generator, found.model, found.prompt) == ("Adobe Firefly", "Image 4", PROMPTED)
    assert found.artists == ("Ann Example",)


def test_a_prompt_alone():
    (found,) = read(elements=PROMPT)
    assert (found.claim, found.prompt, found.generator) == (Claim.AI_MADE, PROMPTED, None)


@pytest.mark.parametrize("nothing", ["None", "n/a", "no", "-", " "])
def test_ai_fields_that_say_nothing(nothing):
    attributes = "".join(
        f'Iptc4xmpExt:{name}="{nothing}" ' for name in ("AISystemUsed", "AIPromptInformation")
    )
    assert read(attributes) == ()


def test_statements_without_measure_are_read_in_part():
    tag = "Iptc4xmpExt:DigitalSourceType"
    assert len(read(elements="".join(f"<{tag}>{n}</{tag}>" for n in range(5000)))) == 10


def test_an_ai_system_beside_a_human_source_type_is_only_noted():
    assert [one.claim for one in read(f"{source('digitalCreation')} {AI_FIELDS}")] == [
        Claim.HUMAN_MADE,
        Claim.NOTED,
    ]


@pytest.mark.parametrize(
    ("credit", "claim", "generator"),
    [
        ("Made with Google AI", Claim.AI_MADE, "Google AI"),
        ("Edited with Google AI", Claim.AI_EDITED, "Google's AI editing"),
        ("Apple Photos Clean Up", Claim.AI_EDITED, "Apple's Clean Up"),
        ("Created by Midjourney", Claim.AI_MADE, "Midjourney"),
    ],
)
def test_credit_lines(credit, claim, generator):
    xmp = read(f'photoshop:Credit="{credit}"')
    iptc = b"\x1c\x02\x6e" + len(credit).to_bytes(2, "big") + credit.encode()
    resource = b"8BIM\x04\x04\0\0" + len(iptc).to_bytes(4, "big") + iptc + b"\0" * (len(iptc) % 2)
    body = b"Photoshop 3.0\0" + resource
    plain = picture("JPEG")
    segment = b"\xff\xed" + (len(body) + 2).to_bytes(2, "big") + body
    for (found,) in (xmp, IptcReader().read(*opened(plain[:2] + segment + plain[2:]))):
        assert (found.claim, found.generator) == (claim, generator)
        assert credit in found.text


@pytest.mark.parametrize(
    "credit",
    [
        "Google",
        "by Leonardo",
        "Made with love",
        "by Grok",
        "Photo by Grok",
        "Krea",
        "Reuters",
        "made",
        " " * 200_000,
    ],
)
def test_other_credit_lines_say_nothing(credit):
    assert read(f'photoshop:Credit="{credit}"') == ()


def test_a_credit_line_names_the_generator_of_a_source_type():
    (found,) = read(f'{source("trainedAlgorithmicMedia")} photoshop:Credit="Made with Google AI"')
    assert found.generator == "Google AI"


def test_midjourney_is_known_by_its_job_number():
    attributes = f'{source("trainedAlgorithmicMedia")} Iptc4xmpExt:DigImageGUID="8710f9c8-5d77"'
    (found,) = read(attributes, toolkit="XMP Core 4.4.0-Exiv2")
    assert found.generator == "Midjourney"
    (other,) = read(attributes)
    assert other.generator is None


@pytest.mark.parametrize(
    ("code", "word"), [("PROHIBITED-GENAIMLTRAINING", "forbids, for"), ("ALLOWED", "allows")]
)
def test_data_mining_is_noted(code, word):
    (found,) = read(f'plus:DataMining="{DMI}{code}"')
    assert found.claim is Claim.NOTED
    assert word in found.text
    assert read(f'plus:DataMining="{DMI}UNSPECIFIED"') == ()


def test_what_a_file_says_is_shown_on_one_printable_line():
    value = "x&#10;\u202e" + "y" * 5000
    (found,) = read(f'Iptc4xmpExt:DigitalSourceType="{value}"')
    assert found.text.isprintable()
    assert len(found.text) < 300


def test_plain_files_say_nothing():
    assert IptcReader().read(*opened(picture())) == ()
    assert read() == ()


def test_real_files(data_dir):
    for path in sorted((data_dir / "files" / "ai" / "dagny099-midjourney").iterdir()):
        (found,) = IptcReader().read(*opened(path.read_bytes()))
        assert (found.claim, found.generator) == (Claim.AI_MADE, "Midjourney")
