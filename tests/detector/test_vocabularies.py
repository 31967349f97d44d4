import pytest

from detector.vocabularies import source_type
from evidence.signals import Claim
from evidence.wording.templates import TEMPLATES

# The vocabulary as https://cv.iptc.org/newscodes/digitalsourcetype/ and C2PA 2.2 list it.
VOCABULARY = {
    Claim.AI_MADE: ["trainedAlgorithmicMedia", "trainedAlgorithmicData"],
    Claim.AI_EDITED: ["compositeWithTrainedAlgorithmicMedia"],
    Claim.HUMAN_MADE: [
        "digitalCapture",
        "computationalCapture",
        "compositeCapture",
        "negativeFilm",
        "positiveFilm",
        "digitalCreation",
        "humanEdits",
        "digitalArt",
        "minorHumanEdits",
    ],
    Claim.NOTED: [
        "print",
        "screenCapture",
        "virtualRecording",
        "composite",
        "compositeSynthetic",
        "algorithmicallyEnhanced",
        "algorithmicMedia",
        "dataDrivenMedia",
        "empty",
        "softwareImage",
    ],
}


@pytest.mark.parametrize(
    ("claim", "code"), [(claim, code) for claim, codes in VOCABULARY.items() for code in codes]
)
def test_the_vocabulary(claim, code):
    term = source_type(f"http://cv.iptc.org/newscodes/digitalsourcetype/{code}")
    assert term is not None
    assert term.claim is claim
    assert term.phrase in TEMPLATES


@pytest.mark.parametrize(
    "spelling",
    [
        "https://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
        " http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia/ ",
        "digsrctype:trainedAlgorithmicMedia",
        "trainedAlgorithmicMedia",
        "Trained Algorithmic Media",
        "https://schema.org/TrainedAlgorithmicMediaDigitalSource",
    ],
)
def test_spellings(spelling):
    assert source_type(spelling) is source_type("trainedAlgorithmicMedia")


@pytest.mark.parametrize("other", ["", "/", "digitalSource", "http://c2pa.org/x/hollow", "media"])
def test_what_is_no_term(other):
    assert source_type(other) is None
