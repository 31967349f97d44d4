"""Writers that `pip` installs with the tools of development, so that the tests run them."""

import logging
from functools import cache
from importlib.metadata import version
from pathlib import Path

import cv2
import exif
import exiv2
import iptcinfo3
import metatoolkit.exceptions
import metatoolkit.image
import numpy as np
import piexif
import piexif.helper
import png
import pyvips
import tifffile
from PIL import Image, PngImagePlugin

from tests.credentials import GENERATED, Authority, make_authority, sign
from tests.writers.statements import (
    CREDIT,
    IIM,
    KINDS,
    LABEL,
    LABEL_NAMESPACE,
    LABEL_TEXT,
    PARAMETERS,
    RESOURCES,
    SOFTWARE,
    SOURCE_TYPE,
    Statement,
    drawn,
    xmp,
)
from tests.writers.writer import NotWritten, Writer

_SOFTWARE, _EXIF_DIRECTORY, _USER_COMMENT = 0x0131, 0x8769, 0x9286
_ALL = tuple(KINDS)
_XMP = (Statement.SOURCE_TYPE, Statement.LABEL)
_EXIF = (Statement.SOFTWARE, Statement.PARAMETERS)
_TEXTS = (Statement.TEXT, Statement.COMMENT)


def _pillow(path: Path, kind: str, statement: Statement) -> None:
    options: dict[str, object] = {}
    block = Image.Exif()
    texts = PngImagePlugin.PngInfo()
    match statement:
        case Statement.SOURCE_TYPE | Statement.LABEL:
            texts.add_itxt("XML:com.adobe.xmp", xmp(statement).decode())
            options = (
                {"tiffinfo": {700: xmp(statement)}} if kind == "TIFF" else {"xmp": xmp(statement)}
            )
        case Statement.SOFTWARE:
            block[_SOFTWARE] = SOFTWARE
            options = {"exif": block.tobytes()}
        case Statement.PARAMETERS:
            block.get_ifd(_EXIF_DIRECTORY)[_USER_COMMENT] = b"ASCII\0\0\0" + PARAMETERS.encode()
            options = {"exif": block.tobytes()}
        case Statement.TEXT:
            texts.add_text("parameters", PARAMETERS)
        case Statement.COMMENT:
            texts.add_text("Comment", PARAMETERS)
            options = {"comment": PARAMETERS}
    path.write_bytes(drawn(kind, **options, **({"pnginfo": texts} if kind == "PNG" else {})))


def _piexif(path: Path, kind: str, statement: Statement) -> None:
    if statement is Statement.SOFTWARE:
        tags = {"0th": {piexif.ImageIFD.Software: SOFTWARE.encode()}}
    else:
        comment = piexif.helper.UserComment.dump(PARAMETERS, encoding="unicode")
        tags = {"Exif": {piexif.ExifIFD.UserComment: comment}}
    try:
        piexif.insert(piexif.dump(tags), str(path))
    except piexif.InvalidImageDataError as error:
        raise NotWritten(repr(error)) from None


def _exiv2(path: Path, kind: str, statement: Statement) -> None:
    exiv2.XmpProperties.registerNs(LABEL_NAMESPACE, "TC260")
    try:
        image = exiv2.ImageFactory.open(str(path))
        image.readMetadata()
        match statement:
            case Statement.SOURCE_TYPE:
                image.xmpData()["Xmp.iptcExt.DigitalSourceType"] = SOURCE_TYPE
            case Statement.LABEL:
                image.xmpData()["Xmp.TC260.AIGC"] = LABEL_TEXT
            case Statement.CREDIT:
                image.iptcData()["Iptc.Application2.Credit"] = CREDIT
            case Statement.SOFTWARE:
                image.exifData()["Exif.Image.Software"] = SOFTWARE
            case Statement.PARAMETERS:
                image.exifData()["Exif.Photo.UserComment"] = f"charset=Unicode {PARAMETERS}"
            case Statement.COMMENT:
                image.setComment(PARAMETERS)
        image.writeMetadata()
    except exiv2.Exiv2Error as error:
        raise NotWritten(str(error.args[-1])) from None


def _metatoolkit(path: Path, kind: str, statement: Statement) -> None:
    logging.getLogger("metatoolkit").setLevel(logging.ERROR)
    manager = metatoolkit.image.ImageMetadataManager({"AIGC": LABEL})
    try:
        manager.add_metadata(str(path), str(path))
    except metatoolkit.exceptions.UnsupportedFormatError as error:
        raise NotWritten(str(error)) from None


def _iptcinfo(path: Path, kind: str, statement: Statement) -> None:
    logging.getLogger("iptcinfo").setLevel(logging.ERROR)
    info = iptcinfo3.IPTCInfo(str(path), force=True)
    info["credit line"] = CREDIT
    info.save(options=["overwrite"])


def _vips(path: Path, kind: str, statement: Statement) -> None:
    image = pyvips.Image.new_from_buffer(path.read_bytes(), "").copy()
    blob, text = pyvips.GValue.blob_type, pyvips.GValue.gstr_type
    match statement:
        case Statement.SOURCE_TYPE | Statement.LABEL:
            image.set_type(blob, "xmp-data", xmp(statement))
        case Statement.CREDIT:
            # In a TIFF it has a tag of its own, elsewhere it stands among Photoshop's resources.
            image.set_type(blob, "iptc-data", IIM if kind == "TIFF" else RESOURCES)
        case Statement.SOFTWARE:
            image.set_type(text, "exif-ifd0-Software", f"{SOFTWARE} ({SOFTWARE}, ASCII)")
        case Statement.PARAMETERS:
            image.set_type(text, "exif-ifd2-UserComment", f"{PARAMETERS} ({PARAMETERS}, ASCII)")
        case Statement.TEXT:
            image.set_type(text, "png-comment-0-parameters", PARAMETERS)
        case Statement.COMMENT:
            name = {"PNG": "png-comment-0-Comment", "GIF": "gif-comment"}
            image.set_type(text, name.get(kind, "jpeg-comment"), PARAMETERS)
    try:
        path.write_bytes(image.write_to_buffer(f".{KINDS[kind]}"))
    except pyvips.Error as error:
        raise NotWritten(str(error.detail).strip()) from None


def _opencv(path: Path, kind: str, statement: Statement) -> None:
    if statement in _XMP:
        what, block = cv2.IMAGE_METADATA_XMP, xmp(statement)
    else:
        tags = Image.Exif()
        if statement is Statement.SOFTWARE:
            tags[_SOFTWARE] = SOFTWARE
        else:
            comment = piexif.helper.UserComment.dump(PARAMETERS, encoding="unicode")
            tags.get_ifd(_EXIF_DIRECTORY)[_USER_COMMENT] = comment
        what, block = cv2.IMAGE_METADATA_EXIF, tags.tobytes().removeprefix(b"Exif\0\0")
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGB"))[..., ::-1]
    try:
        cv2.imwriteWithMetadata(str(path), pixels, [what], [np.frombuffer(block, np.uint8)])
    except cv2.error as error:
        raise NotWritten(error.err) from None


def _tifffile(path: Path, kind: str, statement: Statement) -> None:
    software = None
    tags = []
    match statement:
        case Statement.SOURCE_TYPE | Statement.LABEL:
            tags = [(700, "B", None, xmp(statement), True)]
        case Statement.CREDIT:
            tags = [(33723, "B", None, IIM, True)]
        case Statement.SOFTWARE:
            software = SOFTWARE
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGB"))
    tifffile.imwrite(
        path,
        pixels,
        photometric="rgb",
        metadata=None,
        software=software,
        extratags=tags,
    )


def _exif(path: Path, kind: str, statement: Statement) -> None:
    image = exif.Image(path.read_bytes())
    if statement is Statement.SOFTWARE:
        image.software = SOFTWARE
    else:
        image.user_comment = PARAMETERS
    path.write_bytes(image.get_file())


def _pypng(path: Path, kind: str, statement: Statement) -> None:
    keyword = b"parameters" if statement is Statement.TEXT else b"Comment"
    chunks = list(png.Reader(bytes=path.read_bytes()).chunks())
    chunks.insert(1, (b"tEXt", keyword + b"\0" + PARAMETERS.encode()))
    with path.open("wb") as file:
        png.write_chunks(file, chunks)


@cache
def _authority() -> Authority:
    return make_authority("Example Pictures")


def _c2pa(path: Path, kind: str, statement: Statement) -> None:
    made = {"action": "c2pa.created", "digitalSourceType": GENERATED}
    mime_type = {"TIFF": "image/tiff"}.get(kind, f"image/{kind.lower()}")
    path.write_bytes(sign(path.read_bytes(), mime_type, _authority(), [made]))


WRITERS = (
    Writer(
        f"Pillow {version('pillow')}",
        _pillow,
        (*_XMP, *_EXIF, Statement.TEXT, Statement.COMMENT),
        _ALL,
    ),
    Writer(f"piexif {version('piexif')}", _piexif, _EXIF, ("JPEG", "WebP", "TIFF")),
    Writer(
        f"exiv2 {exiv2.version()}",
        _exiv2,
        (*_XMP, Statement.CREDIT, *_EXIF, Statement.COMMENT),
        _ALL,
    ),
    Writer(f"OpenCV {cv2.__version__}", _opencv, (*_XMP, *_EXIF), _ALL),
    Writer(
        f"tifffile {version('tifffile')}",
        *(_tifffile, (*_XMP, Statement.CREDIT, Statement.SOFTWARE), ("TIFF",)),
    ),
    Writer(f"exif {version('exif')}", _exif, _EXIF, ("JPEG",)),
    Writer(f"pypng {version('pypng')}", _pypng, _TEXTS, ("PNG",)),
    Writer(f"metatoolkit {version('metatoolkit')}", _metatoolkit, (Statement.LABEL,), _ALL),
    Writer(f"iptcinfo3 {version('iptcinfo3')}", _iptcinfo, (Statement.CREDIT,), ("JPEG",)),
    Writer(
        f"libvips {'.'.join(str(pyvips.version(n)) for n in range(3))}",
        _vips,
        (*_XMP, Statement.CREDIT, *_EXIF, Statement.TEXT, Statement.COMMENT),
        _ALL,
    ),
    Writer(f"c2pa-python {version('c2pa-python')}", _c2pa, (Statement.CREDENTIALS,), _ALL),
)
