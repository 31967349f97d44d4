"""Small pictures of enrolled works, of their files where these still are: an index keeps none."""

from imaging import ImagingError, Limits, decode_for_view, thumbnail
from serving.sources.find_again import find_work

SIDE = 384
"""Longest side in pixels."""


def work_picture(name: str, sha256: str, limits: Limits) -> bytes | None:
    """A small picture of a work: a JPEG.

    Args:
        name: Under which the work is enrolled.
        sha256: Hex digest of its file; another file is not taken for it.
        limits: Bounds on what is decoded.

    Returns:
        None where the file is not, unchanged, where it was enrolled from.
    """
    data = find_work(name, sha256, limits)
    if data is None:
        return None
    try:
        return thumbnail(decode_for_view(data, SIDE // 2, limits=limits), SIDE)
    except ImagingError:
        return None
