"""The tree of things that can be wrong with an image, each with a stable code."""

from core.errors import RakkanError


class ImagingError(RakkanError):
    """An image that cannot be used. `str(error)` is one plain line for a person."""

    code = "image"


class EmptyFile(ImagingError):
    """The file has no bytes."""

    code = "image_empty"


class UnsupportedFormat(ImagingError):
    """The bytes are not an image in a format that is read here."""

    code = "image_unsupported"


class CorruptImage(ImagingError):
    """The bytes begin as an image but cannot be decoded: truncated or damaged."""

    code = "image_corrupt"


class ImageTooLarge(ImagingError):
    """The image exceeds a limit on bytes, pixels or frames."""

    code = "image_too_large"


class ImageTooSmall(ImagingError):
    """The image has too few pixels to say anything about."""

    code = "image_too_small"


class UnwritableMetadata(ImagingError):
    """The metadata of the image cannot be changed without harm to something else in the file."""

    code = "image_metadata_unwritable"
