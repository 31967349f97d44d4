"""Fuzzes one reader of what files say of themselves.

    pip install atheris
    python -m fuzz.readers iptc -max_total_time=60 -rss_limit_mb=2048

Whatever raises, hangs or grows stops the run and leaves the input in `crash-*`.
"""

import sys

import atheris

with atheris.instrument_imports(include=["detector", "imaging"]):
    import numpy as np

    from detector.statements.gather import default_readers
    from imaging import DecodedImage, ImagingError, Metadata, decode

_SEPARATOR = b"\xfe\xfe"
_AGAIN = b"\xfe\xfd"
_KEYWORDS = (
    *("parameters", "prompt", "workflow", "Comment", "Description", "Software", "Title", "Source"),
    *("AIGC", "comment", "invokeai_metadata", "sd-metadata", "Dream", "fooocus_scheme"),
)
_FORMATS = ("jpeg", "png", "webp", "tiff", "heic")
_PIXELS = np.zeros((64, 64, 3), np.uint8)


def _file(data: bytes) -> tuple[bytes, DecodedImage] | None:
    """A whole file where it decodes as one; else metadata blocks between separators."""
    if _SEPARATOR not in data:
        try:
            return data, decode(data)
        except ImagingError:
            return None
    first, exif, xmp, iptc, *texts = (data + 3 * _SEPARATOR).split(_SEPARATOR)
    chosen = first[0] if first else 0
    pairs = tuple((_KEYWORDS[(chosen + n) % len(_KEYWORDS)], text) for n, text in enumerate(texts))
    # Of each block a file may have several.
    blocks = [tuple(filter(None, one.split(_AGAIN))) for one in (exif, xmp, iptc)]
    metadata = Metadata(exif=blocks[0], xmp=blocks[1], text=pairs, iptc=blocks[2])
    return data, DecodedImage(_PIXELS, 64, 64, _FORMATS[chosen % len(_FORMATS)], "", (), metadata)


def main() -> None:
    """Fuzz the reader that the first argument names; the others are libFuzzer's."""
    readers = {reader.name: reader for reader in default_readers()}
    if len(sys.argv) < 2 or sys.argv[1] not in readers:
        sys.exit(f"usage: python -m fuzz.readers {{{','.join(readers)}}} [libFuzzer options]")
    reader = readers[sys.argv.pop(1)]

    def one_input(data: bytes) -> None:
        file = _file(data)
        if file is not None:
            reader.read(*file)

    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
