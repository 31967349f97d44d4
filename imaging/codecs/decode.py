"""Bytes to `DecodedImage`, with every failure as one of the package's own errors."""

import hashlib
from io import BytesIO

import pillow_heif
from PIL import Image, UnidentifiedImageError

from evidence.reasons import Reason, reason
from imaging.codecs.colour import ON_BLACK, ON_WHITE, is_srgb, to_srgb
from imaging.codecs.containers.gif import gif_blocks
from imaging.codecs.containers.iso_media import iso_blocks, iso_source
from imaging.codecs.containers.png import png_pixels
from imaging.codecs.containers.source import Block, Source, too_many_frames
from imaging.codecs.containers.tiff import tiff_blocks, tiff_pages
from imaging.codecs.containers.webp import webp_blocks, webp_source
from imaging.codecs.formats import sniff
from imaging.codecs.frames import choose_frame
from imaging.codecs.jpeg import decode_jpeg, ended, reduction
from imaging.codecs.orientation import exif_orientation, swaps_sides, upright, upright_origin
from imaging.codecs.silence import silence_at_import, silence_warnings
from imaging.errors import (
    CorruptImage,
    EmptyFile,
    ImageTooLarge,
    ImageTooSmall,
    ImagingError,
    UnsupportedFormat,
)
from imaging.metadata.blocks import pillow_metadata, png_metadata
from imaging.metadata.texts import Metadata
from imaging.types import DecodedImage, Limits, Pixels

_DEFAULT_LIMITS = Limits()

# Pillow's plugin for each format. Only the one that the content names is ever tried.
_PLUGINS = {
    "jpeg": "JPEG",
    "png": "PNG",
    "webp": "WEBP",
    "gif": "GIF",
    "bmp": "BMP",
    "tiff": "TIFF",
    "avif": "AVIF",
    "heic": "HEIF",
}

_GIF_END = b"\0;"

# Formats whose pixels come out upright already.
_UPRIGHT = frozenset({"tiff", "heic"})

# Once, at import: registering is not safe while other threads open images.
pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
Image.init()
silence_at_import()


def decode(
    data: bytes, *, limits: Limits = _DEFAULT_LIMITS, min_side: int | None = None
) -> DecodedImage:
    """Decode an image file by its content. Safe to call from many threads.

    Args:
        data: The whole file.
        limits: What is accepted. Above twice Pillow's own limit (179 million pixels), Pillow
            refuses whatever stands here.
        min_side: The caller needs no more than this many pixels on the shorter side: a JPEG is
            then decoded at the smallest eighth of its size that gives as many. None: full size.

    Returns:
        The picture that `imaging.codecs.frames` chooses, upright, in sRGB, opaque. Of colour
        descriptions, ICC profiles are followed, and others (PNG gAMA and cHRM, CICP) are not.

    Raises:
        EmptyFile: No bytes.
        UnsupportedFormat: Not an image, or in a format that is not read here.
        CorruptImage: Truncated or damaged.
        ImageTooLarge: More bytes, pixels or frames than the limits allow.
        ImageTooSmall: A side is shorter than `limits.min_side`.
    """
    if not data:
        raise EmptyFile("The file is empty.")
    if len(data) > limits.bytes:
        raise ImageTooLarge(
            f"The file has {len(data):,} bytes; at most {limits.bytes:,} are accepted."
        )
    name = sniff(data[:64])
    if name is None:
        raise UnsupportedFormat(
            "The content is not an image in a format that is read here "
            "(JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, HEIC)."
        )
    silence_warnings()
    try:
        return _decode(data, name, limits, min_side)
    except ImagingError:
        raise
    except Image.DecompressionBombError as error:
        raise ImageTooLarge(
            f"The image has more pixels than the {limits.pixels:,} that are accepted."
        ) from error
    except UnidentifiedImageError as error:
        raise CorruptImage(
            f"The {_spoken(name)} cannot be opened: its header is damaged, "
            "or asks for more than the decoder can do."
        ) from error
    except MemoryError as error:
        raise ImageTooLarge("The image does not fit into memory.") from error
    except Exception as error:  # codecs raise whatever the damage leads them to
        raise CorruptImage(f"The {_spoken(name)} is damaged or cut short.") from error


def _decode(data: bytes, name: str, limits: Limits, min_side: int | None) -> DecodedImage:
    notes: list[Reason] = []
    blocks: list[Block] = []
    metadata = Metadata()
    frames = 1
    pages: tuple[int, ...] = ()
    source = Source(data, whole=True)
    match name:
        case "png":
            metadata = png_metadata(data, notes)
            source = png_pixels(data)
        case "gif":
            frames, blocks, whole = gif_blocks(data, limits.frames)
            source = Source(data if whole else data + _GIF_END, whole)
        case "jpeg":
            source = ended(data)
        case "tiff":
            pages = tiff_pages(data, limits.frames)
            frames = len(pages)
        case "webp":
            source = webp_source(data)
            blocks = webp_blocks(data)
        case "avif" | "heic":
            source = iso_source(data)
            blocks = iso_blocks(data)
    if not source.whole:
        notes.append(reason("end_missing"))
    with Image.open(BytesIO(source.data), formats=[_PLUGINS[name]]) as image:
        _check_size(image.size, limits)
        if name not in ("gif", "tiff"):
            frames = getattr(image, "n_frames", 1)
        if frames > limits.frames:
            raise too_many_frames(limits.frames)
        choose_frame(image, name, frames, notes)
        if name == "tiff":
            judged = {0, image.tell()}
            blocks = [one for page in sorted(judged) for one in tiff_blocks(data, pages[page])]
        if name != "png":
            metadata = pillow_metadata(image, name, blocks, notes)
        _check_size(image.size, limits)
        turn = 1 if name in _UPRIGHT else exif_orientation(metadata.exif)
        width, height = image.size
        eighths = reduction(width, height, min_side) if name == "jpeg" else 8
        pixels = _pixels(source.data, image, metadata.icc, eighths, name, notes)
    if name != "jpeg":  # some headers state another size than the pixels have
        height, width = pixels.shape[:2]
    scale = eighths / 8 if pixels.shape[:2] != (height, width) else 1.0
    overhang = pixels.shape[1] - scale * width, pixels.shape[0] - scale * height
    if swaps_sides(turn):
        width, height = height, width
    return DecodedImage(
        pixels=upright(pixels, turn),
        width=width,
        height=height,
        format=name,
        sha256=hashlib.sha256(data).hexdigest(),
        notes=tuple(notes),
        metadata=metadata,
        had_alpha=ON_WHITE in notes or ON_BLACK in notes,
        scale=scale,
        origin=upright_origin(overhang, turn),
    )


def _pixels(
    data: bytes, image: Image.Image, icc: bytes | None, eighths: int, name: str, notes: list[Reason]
) -> Pixels:
    if name == "jpeg":
        fast = decode_jpeg(data, image.mode, image.width, image.height, eighths)
        if fast is not None:
            if image.mode == "RGB" and (not icc or is_srgb(icc)):
                return fast
            size = fast.shape[1], fast.shape[0]
            return to_srgb(Image.frombytes(image.mode, size, fast.tobytes()), icc, notes)
        notes.append(reason("jpeg_damaged"))
    image.load()
    return to_srgb(image, icc, notes)


def _check_size(size: tuple[int, int], limits: Limits) -> None:
    width, height = size
    if width * height > limits.pixels:
        raise ImageTooLarge(
            f"The image has {width:,} x {height:,} pixels; "
            f"at most {limits.pixels:,} in all are accepted."
        )
    if min(size) < limits.min_side:
        raise ImageTooSmall(
            f"The image has {width} x {height} pixels; "
            f"at least {limits.min_side} a side are needed to judge it."
        )


def _spoken(name: str) -> str:
    return "WebP" if name == "webp" else name.upper()
