"""Fuzzes the writing of labels: into whole files, and into XMP packets of a small PNG.

    pip install atheris
    python -m fuzz.labels -max_total_time=60 -rss_limit_mb=2048 corpus/

Whatever raises another error than the package's own, or does not read back, stops the run.
"""

import sys

import atheris

with atheris.instrument_imports(include=["detector", "imaging"]):
    from detector.labels.label import label
    from evidence import Verdict
    from imaging import ImagingError
    from imaging.metadata.xmp_packet import with_xmp_packet

_VERDICTS = tuple(Verdict)
_WEBP = b"RIFF\x24\0\0\0WEBPVP8X\x0a\0\0\0\x04\0\0\0\0\0\0\0\0\0XMP \x05\0\0\0<a/> \0"


def one_input(data: bytes) -> None:
    """Label a file, or a packet within one, twice."""
    if not data:
        return
    verdict = _VERDICTS[data[0] % len(_VERDICTS)]
    whole = data[0] < 128
    try:
        file = data[1:] if whole else with_xmp_packet(_WEBP, data[1:])
        once = label(file, verdict, operator="fuzz").data
    except ImagingError:
        return
    twice = label(once, verdict, operator="fuzz").data
    if twice != once:
        raise RuntimeError("the same label twice is not the same file")


def main() -> None:
    """Fuzz; the arguments are libFuzzer's."""
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
