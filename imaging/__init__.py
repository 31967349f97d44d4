"""Bytes to `DecodedImage` to views: the only door to image codecs.

`imaging.perturbations.web` holds what pictures go through on the web, for training and evaluation.
"""

from imaging.codecs.decode import decode
from imaging.codecs.formats import IMAGE_SUFFIXES, sniff
from imaging.errors import (
    CorruptImage,
    EmptyFile,
    ImageTooLarge,
    ImageTooSmall,
    ImagingError,
    UnsupportedFormat,
)
from imaging.metadata.texts import Metadata
from imaging.types import DecodedImage, Limits, Pixels
from imaging.views import Corner, decode_for_view, detail_view, global_view, sketch, thumbnail

__all__ = [
    "IMAGE_SUFFIXES",
    "Corner",
    "CorruptImage",
    "DecodedImage",
    "EmptyFile",
    "ImageTooLarge",
    "ImageTooSmall",
    "ImagingError",
    "Limits",
    "Metadata",
    "Pixels",
    "UnsupportedFormat",
    "decode",
    "decode_for_view",
    "detail_view",
    "global_view",
    "sketch",
    "sniff",
    "thumbnail",
]
