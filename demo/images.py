"""Fill a folder with images for `make demo`: some drawn here, some from installed packages.

There is one of every format that Rakkan reads, and a few files that are broken on purpose, so that
the report has something of everything to show.
"""

import argparse
import io
import math
import zipfile
from importlib.resources import files
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image, ImageDraw, ImageFilter

SIDE = 640


def spirograph(rng: np.random.Generator) -> Image.Image:
    """A closed curve of one circle rolling in another, in three inks."""
    image = Image.new("RGB", (SIDE, SIDE), "ivory")
    draw = ImageDraw.Draw(image)
    for ink in ("#264653", "#e76f51", "#2a9d8f"):
        small, pen = rng.integers(30, 90), rng.integers(40, 120)
        steps = np.linspace(0, 2 * math.pi * 40, 4000)
        reach = 250 - small
        x = SIDE / 2 + reach * np.cos(steps) + pen * np.cos(reach / small * steps)
        y = SIDE / 2 + reach * np.sin(steps) - pen * np.sin(reach / small * steps)
        draw.line(list(zip(x.tolist(), y.tolist(), strict=True)), fill=ink, width=2)
    return image


def landscape(rng: np.random.Generator) -> Image.Image:
    """Hills before a sky, as random walks filled with washes of colour."""
    image = Image.linear_gradient("L").resize((SIDE, SIDE))
    image = Image.merge("RGB", [image.point(lambda v, k=k: 255 - v // k) for k in (2, 3, 5)])
    draw = ImageDraw.Draw(image)
    for depth in range(5):
        walk = np.cumsum(rng.normal(0, 2.5, SIDE)) + 260 + 70 * depth
        outline = [(i, float(h)) for i, h in enumerate(walk)]
        shade = (70 - 10 * depth, 120 - 18 * depth, 110 - 12 * depth)
        draw.polygon([(0, SIDE), *outline, (SIDE, SIDE)], fill=shade)
    return image.filter(ImageFilter.GaussianBlur(0.7))


def tiles(rng: np.random.Generator) -> Image.Image:
    """Quarter-circle tiles laid at random (Truchet, 1704)."""
    image = Image.new("RGB", (SIDE, SIDE), "#f1faee")
    draw = ImageDraw.Draw(image)
    step = 64
    for x in range(0, SIDE, step):
        for y in range(0, SIDE, step):
            flip = bool(rng.integers(2))
            corners = [(x, y), (x + step, y + step)] if flip else [(x + step, y), (x, y + step)]
            for cx, cy in corners:
                box = (cx - step // 2, cy - step // 2, cx + step // 2, cy + step // 2)
                start = {(x, y): 0, (x + step, y): 90, (x + step, y + step): 180}.get((cx, cy), 270)
                draw.arc(box, start, start + 90, fill="#1d3557", width=9)
    return image


def packaged() -> dict[str, bytes]:
    """Pictures that installed packages carry: two photographs and a portrait."""
    sources = {
        "photo-temple.jpg": ("sklearn.datasets.images", "china.jpg"),
        "photo-flower.jpg": ("sklearn.datasets.images", "flower.jpg"),
        "photo-portrait.jpg": ("matplotlib", "mpl-data/sample_data/grace_hopper.jpg"),
    }
    return {name: (files(pkg) / path).read_bytes() for name, (pkg, path) in sources.items()}


def encoded(image: Image.Image, **options: object) -> bytes:
    """The bytes of an image file."""
    buffer = io.BytesIO()
    image.save(buffer, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


def drawings() -> dict[str, bytes]:
    """One drawing per format."""
    pillow_heif.register_heif_opener()
    rng = np.random.default_rng(1704)
    cut_out = tiles(rng).convert("RGBA")
    cut_out.putalpha(Image.radial_gradient("L").resize(cut_out.size).point(lambda v: 255 - v))
    frames = [spirograph(rng).resize((320, 320)) for _ in range(4)]
    return {
        "landscape-1.jpg": encoded(landscape(rng), format="JPEG", quality=90),
        "landscape-2.webp": encoded(landscape(rng), format="WEBP", quality=85),
        "landscape-3.tiff": encoded(landscape(rng), format="TIFF"),
        "landscape-4.heic": encoded(landscape(rng), format="HEIF", quality=80),
        "spirograph-1.png": encoded(spirograph(rng), format="PNG"),
        "spirograph-2.avif": encoded(spirograph(rng), format="AVIF", quality=70),
        "spirograph-3.gif": encoded(
            frames[0], format="GIF", save_all=True, append_images=frames[1:], duration=200
        ),
        "tiles-1.png": encoded(tiles(rng), format="PNG"),
        "tiles-2.bmp": encoded(tiles(rng), format="BMP"),
        "tiles-cut-out.png": encoded(cut_out, format="PNG"),
    }


def broken(whole: bytes) -> dict[str, bytes]:
    """Files that every archive has some of."""
    return {
        "broken/cut-short.jpg": whole[: len(whole) // 2],
        "broken/empty.png": b"",
        "broken/really-a-text.jpg": b"This was never a picture.\n",
        "broken/one-pixel.png": encoded(Image.new("RGB", (1, 1)), format="PNG"),
    }


def main() -> None:
    """Write the folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    pictures = drawings() | packaged()
    for name, data in (pictures | broken(pictures["landscape-1.jpg"])).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    rng = np.random.default_rng(1917)
    with zipfile.ZipFile(folder / "sketchbook.zip", "w") as archive:
        for number in range(1, 5):
            archive.writestr(f"sketch-{number}.png", encoded(spirograph(rng), format="PNG"))


if __name__ == "__main__":
    main()
