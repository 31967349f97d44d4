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
        words: The same for a moderator, to follow "it was" or "it is".
    """

    claim: Claim
    words: str


_TERMS = {
    "trainedAlgorithmicMedia": SourceType(Claim.AI_MADE, "made by a generative AI model"),
    "trainedAlgorithmicData": SourceType(Claim.AI_MADE, "made by a generative AI model, as data"),
    "compositeWithTrainedAlgorithmicMedia": SourceType(
        Claim.AI_EDITED, "edited or put together with parts that a generative AI model made"
    ),
    "digitalCapture": SourceType(Claim.HUMAN_MADE, "taken with a digital camera or recorder"),
    "computationalCapture": SourceType(
        Claim.HUMAN_MADE, "taken with a camera that computes one picture from several"
    ),
    "compositeCapture": SourceType(Claim.HUMAN_MADE, "put together from photographs"),
    "negativeFilm": SourceType(Claim.HUMAN_MADE, "digitised from a negative on film"),
    "positiveFilm": SourceType(Claim.HUMAN_MADE, "digitised from a slide or other positive film"),
    "digitalCreation": SourceType(
        Claim.HUMAN_MADE, "made by a person with tools that generate nothing"
    ),
    "humanEdits": SourceType(
        Claim.HUMAN_MADE, "edited by a person with tools that generate nothing"
    ),
    # A print, a screen or a composite may show anything, an AI's picture too.
    "print": SourceType(Claim.NOTED, "digitised from paper, which does not say who made that"),
    "screenCapture": SourceType(Claim.NOTED, "a picture of a screen"),
    "virtualRecording": SourceType(Claim.NOTED, "a recording of a virtual event"),
    "composite": SourceType(Claim.NOTED, "put together from parts, some perhaps made by an AI"),
    "compositeSynthetic": SourceType(
        Claim.NOTED, "put together from parts, at least one of them synthetic"
    ),
    "algorithmicallyEnhanced": SourceType(Claim.NOTED, "slightly corrected by an algorithm"),
    "algorithmicMedia": SourceType(Claim.NOTED, "made by an algorithm that was not trained"),
    "dataDrivenMedia": SourceType(Claim.NOTED, "drawn from data, as a chart is"),
    # Retired, and still found in files.
    "digitalArt": SourceType(Claim.HUMAN_MADE, "drawn by a person with digital tools"),
    "minorHumanEdits": SourceType(Claim.HUMAN_MADE, "slightly edited by a person"),
    "softwareImage": SourceType(Claim.NOTED, "made by software"),
    "multiFrameComputationalCapture": SourceType(
        Claim.HUMAN_MADE, "taken with a camera that computes one picture from several"
    ),
}
_BY_CODE = {name.casefold(): term for name, term in _TERMS.items()}


def source_type(value: str) -> SourceType | None:
    """The term that a value means; None where it is not in the vocabulary.

    Args:
        value: A URI (`http://cv.iptc.org/newscodes/digitalsourcetype/print`, with either scheme),
            a code (`digsrctype:print`, `print`), or schema.org's name (`PrintDigitalSource`).
    """
    code = value.strip().rstrip("/").replace(":", "/").rpartition("/")[2]
    code = code.replace(" ", "").casefold().removesuffix("digitalsource")
    return _BY_CODE.get(code)
