"""The vocabulary of IPTC's digital source type, which XMP and C2PA share.

Source: https://cv.iptc.org/newscodes/digitalsourcetype/ with its retired terms, and the two terms
that C2PA adds under http://c2pa.org/digitalsourcetype/.
"""

from dataclasses import dataclass

from evidence.signals import Claim


@dataclass(frozen=True)
class SourceType:
    """One term.

    Attributes:
        claim: What it says of the image.
        phrase: Code of the same in words, which follow "it was".
    """

    claim: Claim
    phrase: str


_TERMS = {
    "trainedAlgorithmicMedia": Claim.AI_MADE,
    "trainedAlgorithmicData": Claim.AI_MADE,
    "compositeWithTrainedAlgorithmicMedia": Claim.AI_EDITED,
    "digitalCapture": Claim.HUMAN_MADE,
    "computationalCapture": Claim.HUMAN_MADE,
    "compositeCapture": Claim.HUMAN_MADE,
    "negativeFilm": Claim.HUMAN_MADE,
    "positiveFilm": Claim.HUMAN_MADE,
    "digitalCreation": Claim.HUMAN_MADE,
    "humanEdits": Claim.HUMAN_MADE,
    # A print, a screen or a composite may show anything, an AI's picture too.
    "print": Claim.NOTED,
    "screenCapture": Claim.NOTED,
    "virtualRecording": Claim.NOTED,
    "composite": Claim.NOTED,
    "compositeSynthetic": Claim.NOTED,
    "algorithmicallyEnhanced": Claim.NOTED,
    "algorithmicMedia": Claim.NOTED,
    "dataDrivenMedia": Claim.NOTED,
    # Retired, and still found in files.
    "digitalArt": Claim.HUMAN_MADE,
    "minorHumanEdits": Claim.HUMAN_MADE,
    "softwareImage": Claim.NOTED,
    "multiFrameComputationalCapture": Claim.HUMAN_MADE,
}
_BY_CODE = {
    name.casefold(): SourceType(claim, f"source_type_{name}") for name, claim in _TERMS.items()
}


def source_type(value: str) -> SourceType | None:
    """The term that a value means; None where it is not in the vocabulary.

    Args:
        value: A URI (`http://cv.iptc.org/newscodes/digitalsourcetype/print`, with either scheme),
            a code (`digsrctype:print`, `print`), or schema.org's name (`PrintDigitalSource`).
    """
    code = value.strip().rstrip("/").replace(":", "/").rpartition("/")[2]
    code = code.replace(" ", "").casefold().removesuffix("digitalsource")
    return _BY_CODE.get(code)
