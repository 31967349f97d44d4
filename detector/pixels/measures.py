"""What is measured on an image itself, without which no verdict is published from its pixels."""

from dataclasses import dataclass

from detector.pixels.information import measure_information
from evidence.ai import Information
from imaging import DecodedImage


@dataclass(frozen=True)
class Measures:
    """Measures of an image.

    Attributes:
        short_side: Shorter side of the original in pixels.
        information: How much there is to see.
    """

    short_side: int
    information: Information


def measure(image: DecodedImage) -> Measures:
    """Measure an image, in about a millisecond."""
    return Measures(min(image.width, image.height), measure_information(image))
