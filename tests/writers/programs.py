"""Writers that `pip` does not install: what they wrote lies in `files/`.

Debian's `libimage-exiftool-perl`, `exiv2`, `imagemagick`, `graphicsmagick`, `webp`,
`libavif-bin`, `libheif-examples` and `libjpeg-turbo-progs`, and packages of the npm registry.
"""

import json
import os
import re
import subprocess
from functools import cache, partial
from pathlib import Path

from tests.credentials import GENERATED, Authority, make_authority
from tests.writers.statements import (
    CREDIT,
    KINDS,
    LABEL_NAMESPACE,
    LABEL_TEXT,
    PARAMETERS,
    SOFTWARE,
    SOURCE_TYPE,
    Statement,
    drawn,
    xmp,
)
from tests.writers.writer import NotWritten, Write, Writer

_HERE = Path(__file__).parent
_ERROR = re.compile(r"\[?\w*Error\b.*?:")
_ALL = tuple(KINDS)
_NO_HEVC = tuple(kind for kind in _ALL if kind != "HEIC")
_XMP = (Statement.SOURCE_TYPE, Statement.LABEL)
_EXIF = (Statement.SOFTWARE, Statement.PARAMETERS)
_BLOCKS = (*_XMP, Statement.CREDIT, *_EXIF)
_TEXTS = (Statement.TEXT, Statement.COMMENT)

_LABEL_CONFIG = f"""
%Image::ExifTool::UserDefined = ('Image::ExifTool::XMP::Main' => {{
  TC260 => {{ SubDirectory => {{ TagTable => 'Image::ExifTool::UserDefined::TC260' }} }} }});
%Image::ExifTool::UserDefined::TC260 = (GROUPS => {{ 0 => 'XMP', 1 => 'XMP-TC260' }},
  NAMESPACE => {{ TC260 => '{LABEL_NAMESPACE}' }}, WRITABLE => 'string', AIGC => {{}});
1;
"""


def _run(*command: str | Path, **environment: str) -> str:
    """What a program prints.

    Raises:
        NotWritten: It fails, with the line in which it says why.
    """
    done = subprocess.run(
        [str(one) for one in command],
        capture_output=True,
        text=True,
        errors="replace",
        env=os.environ | environment,
        check=False,
    )
    if done.returncode:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        told = [line for line in lines if _ERROR.match(line)] or lines
        raise NotWritten(told[-1] if told else f"exit code {done.returncode}")
    return done.stdout + done.stderr


def _exiftool(program: tuple[str, ...], path: Path, kind: str, statement: Statement) -> None:
    config = path.with_name("config")
    config.write_text(_LABEL_CONFIG)
    tag = {
        Statement.SOURCE_TYPE: f"-XMP-iptcExt:DigitalSourceType={SOURCE_TYPE}",
        Statement.LABEL: f"-XMP-TC260:AIGC={LABEL_TEXT}",
        Statement.CREDIT: f"-IPTC:Credit={CREDIT}",
        Statement.SOFTWARE: f"-IFD0:Software={SOFTWARE}",
        Statement.PARAMETERS: f"-ExifIFD:UserComment={PARAMETERS}",
        Statement.TEXT: f"-PNG:Parameters={PARAMETERS}",
        Statement.COMMENT: f"-Comment={PARAMETERS}",
    }[statement]
    _run(*program, "-config", config, "-overwrite_original", "-q", tag, path)


def _exiv2(path: Path, kind: str, statement: Statement) -> None:
    change = {
        Statement.SOURCE_TYPE: f"set Xmp.iptcExt.DigitalSourceType {SOURCE_TYPE}",
        Statement.LABEL: f"set Xmp.TC260.AIGC XmpText {LABEL_TEXT}",
        Statement.CREDIT: f"set Iptc.Application2.Credit {CREDIT}",
        Statement.SOFTWARE: f"set Exif.Image.Software {SOFTWARE}",
        Statement.PARAMETERS: f"set Exif.Photo.UserComment charset=Unicode {PARAMETERS}",
    }
    if statement is Statement.COMMENT:
        _run("exiv2", "-c", PARAMETERS, path)
    else:
        register = f"-Mreg TC260 {LABEL_NAMESPACE}"
        _run("exiv2", register, f"-M{change[statement]}", path)


def _source(path: Path, statement: Statement) -> Path:
    """A JPEG with a statement, for programs that carry metadata over from one file to another."""
    source = path.with_name("source.jpg")
    source.write_bytes(drawn("JPEG"))
    _exiftool(("exiftool",), source, "JPEG", statement)
    return source


def _magick(program: tuple[str, ...], path: Path, kind: str, statement: Statement) -> None:
    if statement is Statement.TEXT:
        _run(*program, path, "-set", "parameters", PARAMETERS, path)
    elif statement is Statement.COMMENT:
        _run(*program, path, "-set", "comment", PARAMETERS, path)
    else:
        _run(*program, _source(path, statement), path)


def _graphics_magick(path: Path, kind: str, statement: Statement) -> None:
    if statement is Statement.COMMENT:
        _run("gm", "convert", path, "-comment", PARAMETERS, path)
    else:
        _run("gm", "convert", _source(path, statement), path)


def _webpmux(path: Path, kind: str, statement: Statement) -> None:
    block = path.with_name("block")
    name = "xmp" if statement in _XMP else "exif"
    if name == "xmp":
        block.write_bytes(xmp(statement))
    else:
        _exif_block(path, block, statement)
    _run("webpmux", "-set", name, block, path, "-o", path)


def _exif_block(path: Path, block: Path, statement: Statement) -> None:
    _run("exiftool", "-b", "-Exif", "-w!", f"{path.parent}/raw.bin%0f", _source(path, statement))
    path.with_name("raw.bin").rename(block)


def _converted(program: tuple[str, ...], path: Path, kind: str, statement: Statement) -> None:
    source = _source(path, statement)
    path.unlink()
    _run(*program, source, "-o", path)


def _avifenc(path: Path, kind: str, statement: Statement) -> None:
    _run("avifenc", "-s", "10", _source(path, statement), path)


def _wrjpgcom(path: Path, kind: str, statement: Statement) -> None:
    written = path.with_name("out.jpg")
    with written.open("wb") as out:
        subprocess.run(["wrjpgcom", "-comment", PARAMETERS, path], stdout=out, check=True)
    written.rename(path)


@cache
def _authority() -> Authority:
    return make_authority("Example Pictures", days_left=360)


def _npm(
    folder: Path, name: str, carried: tuple[Statement, ...], path: Path, kind: str, what: Statement
) -> None:
    """Run a writer of `npm.mjs`; what it carries over it reads from a JPEG."""
    texts = {one.name: xmp(one).decode() for one in _XMP}
    texts |= {"SOFTWARE": SOFTWARE, "PARAMETERS": PARAMETERS, "GENERATED": GENERATED}
    source = _source(path, what) if what in carried else path
    target = path.with_name(f"out.{KINDS[kind]}")
    _run(
        *("node", _HERE / "npm.mjs", name, what.name, source, target, kind),
        NPM_FOLDER=str(folder),
        STATEMENTS=json.dumps(texts),
        CHAIN=_authority().chain,
        KEY=_authority().key,
    )
    target.rename(path)


def _version(*command: str) -> str:
    try:
        said = _run(*command)
    except NotWritten as error:
        said = str(error)
    found = re.search(r"\d+\.\d+[\d.-]*\d", said)
    return found[0] if found else "unknown"


def _npm_version(folder: Path, package: str) -> str:
    manifest = json.loads((folder / "node_modules" / package / "package.json").read_text())
    return str(manifest["version"])


def exiftool_of(npm: Path) -> tuple[str, ...]:
    """ExifTool as the npm registry has it, newer than that of Debian."""
    return ("perl", str(npm / "node_modules/exiftool-vendored.pl/bin/exiftool"))


def writers(npm: Path) -> tuple[Writer, ...]:
    """All of them, as they are installed.

    Args:
        npm: The folder in which the packages of the npm registry were installed.
    """
    everything = (*_BLOCKS, *_TEXTS)

    def from_npm(
        package: str,
        what: tuple[Statement, ...],
        kinds: tuple[str, ...] = _ALL,
        carried: tuple[Statement, ...] = (),
    ) -> Writer:
        name = package.rpartition("/")[2]
        write: Write = partial(_npm, npm, name, carried)
        return Writer(f"{name} {_npm_version(npm, package)}", write, what, kinds)

    return (
        *(
            Writer(f"{name} {_version(*program, '-ver')}", partial(_exiftool, program), what, _ALL)
            for name, program, what in (
                ("Debian 12's ExifTool", ("exiftool",), (*_BLOCKS, Statement.COMMENT)),
                ("ExifTool", exiftool_of(npm), everything),
            )
        ),
        Writer(
            f"Debian 12's exiv2 {_version('exiv2', '--version')}",
            *(_exiv2, (*_BLOCKS, Statement.COMMENT), _ALL),
        ),
        Writer(
            f"ImageMagick {_version('convert-im6.q16', '-version')}",
            *(partial(_magick, ("convert-im6.q16",)), everything, _ALL),
        ),
        Writer(
            f"GraphicsMagick {_version('gm', 'version')}",
            *(
                _graphics_magick,
                (*_BLOCKS, Statement.COMMENT),
                ("JPEG", "PNG", "WebP", "GIF", "TIFF"),
            ),
        ),
        Writer(f"webpmux {_version('webpmux', '-version')}", _webpmux, (*_XMP, *_EXIF), ("WebP",)),
        Writer(
            f"cwebp {_version('cwebp', '-version')}",
            partial(_converted, ("cwebp", "-quiet", "-metadata", "all")),
            *((*_XMP, *_EXIF), ("WebP",)),
        ),
        Writer(f"avifenc {_version('avifenc', '--version')}", _avifenc, (*_XMP, *_EXIF), ("AVIF",)),
        Writer(
            f"heif-enc {_version('heif-enc', '--help')}",
            *(partial(_converted, ("heif-enc",)), (*_XMP, *_EXIF), ("AVIF", "HEIC")),
        ),
        Writer(
            f"heif-enc with compression {_version('heif-enc', '--help')}",
            partial(_converted, ("heif-enc", "--enable-metadata-compression")),
            *((*_XMP, *_EXIF), ("AVIF", "HEIC")),
        ),
        Writer(
            f"wrjpgcom {_version('djpeg', '-version')}", _wrjpgcom, (Statement.COMMENT,), ("JPEG",)
        ),
        from_npm("sharp", _BLOCKS, _NO_HEVC, carried=(Statement.CREDIT,)),
        from_npm("@imagemagick/magick-wasm", everything, _NO_HEVC, carried=_BLOCKS),
        from_npm("piexifjs", _EXIF, ("JPEG",)),
        from_npm("png-chunk-text", _TEXTS, ("PNG",)),
        from_npm("meta-png", _TEXTS, ("PNG",)),
        from_npm("@contentauth/c2pa-node", (Statement.CREDENTIALS,)),
    )
