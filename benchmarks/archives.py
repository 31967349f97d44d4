"""Archives of JPEGs to measure with, made the same from the same seed."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 1200, 1700
TILE = 300


def jpeg_archive(folder: Path, count: int, *, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Path:
    """Fill a folder with `count` different JPEGs (quality 90, 4:2:0) and return it.

    Each is a mosaic of pieces of real pictures at their own resolution, so that decoding costs what
    it costs on real files; without `RAKKAN_DATA`, of painted noise.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pieces = _pieces()
    rng = np.random.default_rng(20230531)
    for number in range(count):
        page = Image.new("RGB", size)
        for x in range(0, size[0], TILE):
            for y in range(0, size[1], TILE):
                page.paste(pieces[rng.integers(len(pieces))], (x, y))
        page.save(folder / f"{number:06d}.jpg", quality=90)
    return folder


def many_jpegs(folder: Path, count: int) -> Path:
    """Fill a folder with `count` JPEGs of different bytes: 100 pictures, apart by a comment."""
    originals = [path.read_bytes() for path in sorted(jpeg_archive(folder / "of", 100).iterdir())]
    for number in range(count):
        comment = f"copy {number:08d}".encode()
        segment = b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment
        whole = originals[number % len(originals)]
        place = folder / f"{number // 1000:03d}" / f"{number:06d}.jpg"
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(whole[:2] + segment + whole[2:])
    for path in (folder / "of").iterdir():
        path.unlink()
    (folder / "of").rmdir()
    return folder


def _pieces() -> list[Image.Image]:
    return list(_real_pieces()) or [_painted_noise(seed) for seed in range(200)]


def _real_pieces() -> Iterator[Image.Image]:
    data = os.environ.get("RAKKAN_DATA")
    if not data:
        return
    for path in sorted(Path(data, "train").rglob("*.jpg"))[::8]:
        with Image.open(path) as image:
            if min(image.size) >= TILE:
                yield image.convert("RGB").crop((0, 0, TILE, TILE))


def _painted_noise(seed: int) -> Image.Image:
    rng = np.random.default_rng(seed)
    layers = [
        np.asarray(
            Image.fromarray(rng.integers(0, 256, (side, side, 3), dtype=np.uint8)).resize(
                (TILE, TILE), Image.Resampling.BICUBIC
            ),
            dtype=np.float32,
        )
        for side in (4, 12, 40, 120)
    ]
    return Image.fromarray(np.mean(layers, axis=0).astype(np.uint8))
