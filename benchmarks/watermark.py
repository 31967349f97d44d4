"""How often the open watermark is read where it was written, and where it was not.

    RAKKAN_DATA=... python -m benchmarks.watermark --out out/watermark.json

Images that nothing was tuned on (split `dev`, human works unless told otherwise) are marked as each
program marks its pictures, saved in several ways and read. Then unmarked human works of `train` are
read as they are. The marks are written by the derivation that the tests have of their own, so that
no figure rests on the reader alone.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from io import BytesIO
from typing import Annotated

import numpy as np
import typer
from PIL import Image
from rich.console import Console
from rich.table import Table

from benchmarks.command import Data, Out, run, write
from detector.readers.watermark import WatermarkReader
from imaging import DecodedImage, Pixels, decode, decode_for_view
from models.encoder.spec import SPEC
from tests.watermarks import BYTES, FLOATS, MESSAGES, marked
from training.data.manifest import Row, in_split, read_manifest
from training.evaluation.intervals import clopper_pearson

LEAST_SIDE = 256
"""Of the images that are marked, in pixels: the writers leave smaller ones alone."""


class Label(StrEnum):
    """Which images are marked."""

    HUMAN = "human"
    AI = "ai"


@dataclass(frozen=True)
class Writer:
    """A program that marks its pictures.

    Attributes:
        generator: Whose message it writes.
        grey: What it has for no colour: it passes bytes to the package, or floats.
        swapped: It passes red as blue.
    """

    generator: str
    grey: float
    swapped: bool = False

    def __call__(self, pixels: Pixels) -> Pixels:
        """Mark an image, uint8 [H, W, 3], sRGB."""
        order = slice(None, None, -1 if self.swapped else 1)
        return marked(pixels[..., order], MESSAGES[self.generator], self.grey)[..., order]


WRITERS = {
    "Stable Diffusion 1": Writer("Stable Diffusion 1", BYTES),
    "Stable Diffusion 2": Writer("Stable Diffusion 2", BYTES),
    "InvokeAI": Writer("InvokeAI", BYTES),
    "Stable Diffusion XL": Writer("Stable Diffusion XL", FLOATS),
    "Stable Diffusion XL, red as blue": Writer("Stable Diffusion XL", FLOATS, swapped=True),
    "FLUX": Writer("FLUX", FLOATS),
}

ENCODINGS: dict[str, dict[str, object]] = {
    "lossless": {"format": "PNG", "compress_level": 1},
    "JPEG 4:4:4 q90": {"format": "JPEG", "quality": 90, "subsampling": "4:4:4"},
    "JPEG 4:4:4 q85": {"format": "JPEG", "quality": 85, "subsampling": "4:4:4"},
    "JPEG 4:2:0 q95": {"format": "JPEG", "quality": 95, "subsampling": "4:2:0"},
    "JPEG 4:2:0 q90": {"format": "JPEG", "quality": 90, "subsampling": "4:2:0"},
}


@dataclass(frozen=True)
class Share:
    """Images in which a mark was found, of those that were looked at."""

    found: int
    images: int

    @property
    def interval(self) -> tuple[float, float]:
        """Of the share, with 95 % confidence."""
        return clopper_pearson(self.found, self.images)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{100 * self.found / self.images:.0f} ({100 * low:.0f} to {100 * high:.0f})"


def shuffled(rows: tuple[Row, ...]) -> Iterator[Row]:
    """In an order that is always the same, so that fewer images are a part of more."""
    for number in np.random.default_rng(20230531).permutation(len(rows)):
        yield rows[number]


def originals(rows: tuple[Row, ...], count: int) -> list[Pixels]:
    """Full-size pixels of images that are large enough to be marked."""
    found: list[Pixels] = []
    for row in shuffled(rows):
        if len(found) == count:
            break
        pixels = decode(row.path.read_bytes()).pixels
        if min(pixels.shape[:2]) >= LEAST_SIDE:
            found.append(pixels)
    return found


def found_marks(images: list[Pixels]) -> dict[str, dict[str, Share]]:
    """For each writer and each way to save, how many of the images are read for what they are."""
    reader = WatermarkReader()
    counts = {name: dict.fromkeys(ENCODINGS, 0) for name in WRITERS}
    for pixels in images:
        for name, writer in WRITERS.items():
            picture = Image.fromarray(np.ascontiguousarray(writer(pixels)))
            for encoding, options in ENCODINGS.items():
                out = BytesIO()
                picture.save(out, **options)  # type: ignore[arg-type]
                signals = reader.read(out.getvalue(), view(out.getvalue()))
                counts[name][encoding] += any(s.generator == writer.generator for s in signals)
    return {
        name: {encoding: Share(found, len(images)) for encoding, found in row.items()}
        for name, row in counts.items()
    }


def false_hits(rows: tuple[Row, ...], count: int) -> Share:
    """Marks in unmarked images, of those that are large enough for the reader to look at."""
    reader = WatermarkReader()
    found = looked_at = 0
    for row in shuffled(rows):
        if looked_at == count:
            break
        data = row.path.read_bytes()
        image = view(data)
        if image.width * image.height >= LEAST_SIDE**2:
            looked_at += 1
            found += bool(reader.read(data, image))
    return Share(found, looked_at)


def view(data: bytes) -> DecodedImage:
    """Decoded as for the detector, which is what the reader is given in use."""
    return decode_for_view(data, SPEC.size)


def _labelled(rows: tuple[Row, ...], label: str) -> tuple[Row, ...]:
    return tuple(row for row in rows if row.label == label)


def main(
    data: Data,
    label: Annotated[Label, typer.Option("--label", help="Of the images to mark.")] = Label.HUMAN,
    number: Annotated[int, typer.Option("--images", min=1, help="How many to mark.")] = 24,
    unmarked: Annotated[
        int, typer.Option("--false-hits", min=1, help="How many to read unmarked.")
    ] = 300,
    out: Out = None,
) -> None:
    """Measure, print, and write JSON."""
    rows = read_manifest(data / "manifest.csv")
    images = originals(_labelled(in_split(rows, "dev"), label), number)
    marks = found_marks(images)
    table = Table(
        "written as", *ENCODINGS,
        title=f"read in % of {len(images)} marked images ({label}), 95 % intervals",
    )  # fmt: skip
    for name, row in marks.items():
        table.add_row(name, *map(str, row.values()))
    console = Console()
    console.print(table)

    false = false_hits(_labelled(in_split(rows, "train"), "human"), unmarked)
    low, high = false.interval
    console.print(
        f"wrongly read in {false.found} of {false.images:,} unmarked human works of `train` "
        f"({low:.2%} to {high:.2%})"
    )
    record = {
        "marked": {name: {e: asdict(s) for e, s in row.items()} for name, row in marks.items()},
        "unmarked": asdict(false),
    }
    write(out, record)


if __name__ == "__main__":
    run(main)
