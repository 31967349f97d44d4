#!/usr/bin/env bash
# OpenCV writes XMP into a JPEG where nobody looks for it, itself included.
#
# Seen with opencv-python-headless 5.0.0.93, Pillow 13.0.0 and numpy 2.4.6 on Linux, Python 3.11.
#
# `cv2.imwriteWithMetadata` takes an XMP packet (IMAGE_METADATA_XMP) and returns True for JPEG, PNG and
# WebP. Where XMP stands is fixed by its specification (part 3, section 1.1):
#
#   JPEG  a segment APP1 that begins with `http://ns.adobe.com/xap/1.0/` and a NUL. OpenCV leaves this
#         name out: neither Pillow nor `cv2.imreadWithMetadata` finds the packet again.
#   PNG   a chunk iTXt with the keyword `XML:com.adobe.xmp`. OpenCV writes that keyword into a chunk
#         tEXt, which it reads itself, and where Pillow does not take it for XMP.
#   WebP  a chunk `XMP `. Both find it.
#
# A good engineer would expect that what was written can be read back, or else that it is refused.
# Whoever keeps a statement of how a picture was made by this call (IPTC's digital source type, an
# AIGC label) loses it for every reader that goes by the specification.
#
# What to do: to read, take an APP1 segment that begins with `<x:xmpmeta` or `<?xpacket` for XMP too, and
# the keyword in any text chunk; to write, use another library.
#
# This script fails if any of that changes.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet opencv-python-headless==5.0.0.93 pillow==13.0.0 numpy==2.4.6

cat > "$folder/seen.py" <<'PYTHON'
import sys
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

PACKET = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF'
    b' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
    b' xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="a tool"/></rdf:RDF></x:xmpmeta>'
)
GREY = np.full((32, 32, 3), 128, np.uint8)


def outcome(path):
    block = np.frombuffer(PACKET, np.uint8)
    written = cv2.imwriteWithMetadata(str(path), GREY, [cv2.IMAGE_METADATA_XMP], [block])
    data = path.read_bytes()
    _, kinds, _ = cv2.imreadWithMetadata(str(path), cv2.IMREAD_COLOR)
    with Image.open(path) as image:
        by_pillow = "xmp" in image.info
    return {
        "written": written,
        "packet in the file": PACKET in data,
        "found by Pillow": by_pillow,
        "found by OpenCV": cv2.IMAGE_METADATA_XMP in kinds,
    }


folder = Path(sys.argv[1])
found = {kind: outcome(folder / f"grey.{kind}") for kind in ("jpg", "png", "webp")}
print("opencv", cv2.__version__)
for kind, what in found.items():
    print(f"{kind}:", ", ".join(f"{name}: {value}" for name, value in what.items()))


def seen(by_pillow, by_opencv):
    written = {"written": True, "packet in the file": True}
    return written | {"found by Pillow": by_pillow, "found by OpenCV": by_opencv}


sys.exit(
    found != {"jpg": seen(False, False), "png": seen(False, True), "webp": seen(True, True)}
)
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" "$folder"
