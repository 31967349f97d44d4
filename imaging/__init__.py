"""Bytes to `DecodedImage` to views: the only door to image codecs.

`imaging.perturb` holds what pictures go through on the web, for training and evaluation.
"""

from imaging.decode import decode
from imaging.errors import (
    CorruptImage,
    EmptyFile,
    ImageTooLarge,
    ImageTooSmall,
    ImagingError,
    UnsupportedFormat,
)
from imaging.formats import IMAGE_SUFFIXES, sniff
from imaging.types import DecodedImage, Limits, Metadata, Pixels
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
