#!/usr/bin/env bash
# Ray Data: images of a folder that are left out by the ends of their names, without a word.
#
# Seen with ray 2.60.0, pyarrow 26.0.1 and Pillow 13.0.0 on x86-64 Linux, Python 3.11.
#
# The folder holds the same picture as PNG, as WebP and as AVIF, all of which this Pillow reads.
#
#   ray.data.read_images(folder)                          1 row (the PNG); no warning, no error
#   ray.data.read_images(folder, file_extensions=None)    3 rows
#   ray.data.read_images(folder of the WebP alone)        ValueError: no input files
#
# What decides is a list of seven endings in the source of images (png, jpg, jpeg, tif, tiff, bmp,
# gif), not what can be decoded: WebP, AVIF, HEIC and JPEG 2000 are not on it. A good engineer would
# expect a row for every image, or an error, as for a folder in which all are of such a kind; in a
# mixed archive nothing but the count tells that images are gone.
#
# What to do: pass file_extensions=None and handle what is no image, or list and read the files
# oneself and count the rows that go in and come out.
#
# This script fails if any of that changes.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet 'ray[data]==2.60.0' pyarrow==26.0.1 Pillow==13.0.0 numpy==2.4.6

cat > "$folder/seen.py" <<'PYTHON'
import contextlib
import io
import logging
import sys
import warnings
from pathlib import Path

import numpy as np
import PIL
import ray
from PIL import Image

folder = Path(sys.argv[1])
picture = Image.fromarray((np.arange(64 * 64 * 3) % 251).astype(np.uint8).reshape(64, 64, 3))
for name in ("mixed", "webp"):
    (folder / name).mkdir()
for ending in ("png", "webp", "avif"):
    picture.save(folder / "mixed" / f"a.{ending}")
    assert Image.open(folder / "mixed" / f"a.{ending}").size == (64, 64)
picture.save(folder / "webp" / "a.webp")

ray.init(num_cpus=1, include_dashboard=False, logging_level=logging.ERROR)
ray.data.DataContext.get_current().enable_progress_bars = False


def rows(place, **options):
    """How many rows there are, and what of them was said."""
    said = io.StringIO()
    heard = logging.StreamHandler(said)
    heard.setLevel(logging.WARNING)
    logging.getLogger("ray.data").addHandler(heard)
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            count = len(ray.data.read_images(str(place), **options).take_all())
    except ValueError as error:
        return "ValueError: no input files" if "No input files" in str(error) else str(error)
    finally:
        logging.getLogger("ray.data").removeHandler(heard)
    about = [str(one.message) for one in warned] + said.getvalue().splitlines()
    named = any(word in line for line in about for word in ("webp", "avif", "extension"))
    return f"{count} rows{', told why' if named else ''}"


found = {
    "a PNG, a WebP and an AVIF": rows(folder / "mixed"),
    "the same, file_extensions=None": rows(folder / "mixed", file_extensions=None),
    "a WebP alone": rows(folder / "webp"),
}
print("ray", ray.__version__, "Pillow", PIL.__version__)
for what, seen in found.items():
    print(f"{what}: {seen}")
sys.exit(list(found.values()) != ["1 rows", "3 rows", "ValueError: no input files"])
PYTHON
RAY_USAGE_STATS_ENABLED=0 RAY_DATA_DISABLE_PROGRESS_BARS=1 "$folder/venv/bin/python" "$folder/seen.py" "$folder"
