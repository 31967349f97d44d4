"""Make what `make demo` shows: `python -m demo FOLDER`.

Into the folder go works of four creators to enrol (`creators`), an archive of uploads (`uploads`)
with something of everything, and a certificate to trust (`trusted.pem`). Everything is drawn here:
no picture is by an AI, and those that say so are made to say so.
"""

import argparse
import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from demo import drawing, statements
from demo.credentials import GENERATED, Authority

WORKS = 6
"""Works that each creator enrols."""

CREATORS = {
    "Paper Moon": drawing.paper_moon,
    "Ink Garden": drawing.ink_garden,
    "Tide Pool": drawing.tide_pool,
    "Harbour Lights": drawing.night_city,
}


def encoded(image: Image.Image, kind: str = "JPEG", quality: int = 90, **more: object) -> bytes:
    """The bytes of an image file."""
    buffer = BytesIO()
    options: dict[str, object] = {"quality": quality, **more}
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def enrolled(works: int) -> dict[str, list[Image.Image]]:
    """So many works of each creator."""
    return {
        name: [draw(np.random.default_rng([place, number])) for number in range(works)]
        for place, (name, draw) in enumerate(CREATORS.items(), start=1)
    }


def copies(works: dict[str, list[Image.Image]]) -> dict[str, bytes]:
    """Uploads in which enrolled works are found, and one that is new but by an enrolled creator."""
    rng = np.random.default_rng(1917)
    moon, garden = works["Paper Moon"], works["Ink Garden"]
    wide, high = moon[0].size
    crop = moon[0].crop((wide // 10, high // 8, wide * 9 // 10, high))
    small = garden[2].resize((garden[2].width * 5 // 8, garden[2].height * 5 // 8))
    return {
        "mirrored-crop.jpg": encoded(ImageOps.mirror(crop)),
        "collage.webp": encoded(
            drawing.collage([garden[1], moon[3], works["Tide Pool"][2]], rng), "WEBP"
        ),
        "small-and-compressed.jpg": encoded(small, quality=45),
        "new-work-by-tide-pool.jpg": encoded(drawing.tide_pool(rng)),
    }


def stated(authority: Authority) -> dict[str, bytes]:
    """Uploads that say how they were made."""
    rng = np.random.default_rng(1704)
    signed = authority.sign(encoded(drawing.nebula(rng)), "Demo Image Generator", GENERATED)
    return {
        "galaxy.png": png(drawing.nebula(rng), statements.automatic1111()),
        "city.png": png(drawing.night_city(rng), statements.comfyui()),
        "galaxy-signed.jpg": signed,
    }


def others() -> dict[str, bytes]:
    """Uploads that say nothing, one in each further format."""
    pillow_heif.register_heif_opener()
    rng = np.random.default_rng(1760)
    cut_out = drawing.koi(rng).convert("RGBA")
    cut_out.putalpha(Image.radial_gradient("L").resize(cut_out.size).point(lambda v: 255 - v))
    frames = [drawing.nebula(rng).resize((400, 400)) for _ in range(3)]
    return {
        "pond.heic": encoded(drawing.koi(rng), "HEIF"),
        "pond.avif": encoded(drawing.koi(rng), "AVIF"),
        "pond-cut-out.png": png(cut_out),
        "window.tiff": encoded(drawing.stained_glass(rng), "TIFF"),
        "window.bmp": encoded(drawing.stained_glass(rng), "BMP"),
        "galaxies.gif": encoded(
            frames[0], "GIF", save_all=True, append_images=frames[1:], duration=400
        ),
        "blank-page.png": png(drawing.blank_page(rng)),
    }


def broken(whole: bytes) -> dict[str, bytes]:
    """Files that every archive has some of."""
    return {
        "broken/cut-short.jpg": whole[: len(whole) // 2],
        "broken/empty.png": b"",
        "broken/really-a-text.jpg": b"This was never a picture.\n",
        "broken/one-pixel.png": png(Image.new("RGB", (1, 1))),
        "notes.txt": b"Not a picture, and not called one: it is passed over.\n",
    }


def sketchbook() -> bytes:
    """A zip of pictures."""
    buffer = BytesIO()
    rng = np.random.default_rng(1900)
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(1, 4):
            archive.writestr(f"page-{number}.jpg", encoded(drawing.ink_garden(rng)))
    return buffer.getvalue()


def png(image: Image.Image, texts: PngInfo | None = None) -> bytes:
    """A PNG file with texts."""
    return encoded(image, "PNG", pnginfo=texts)


def write(folder: Path, files: dict[str, bytes]) -> None:
    """Write files, and the folders in which they lie."""
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def fill(folder: Path, works: int = WORKS) -> None:
    """Make everything.

    Args:
        folder: Where; made if absent.
        works: How many each creator enrols; at least 4.
    """
    drawn = enrolled(works)
    for creator, pictures in drawn.items():
        for number, picture in enumerate(pictures, start=1):
            write(folder / "creators" / creator, {f"work-{number}.jpg": encoded(picture)})
    authority = Authority.new("Demo Image Generator Ltd")
    uploads = copies(drawn) | stated(authority) | others()
    write(folder / "uploads", uploads | broken(uploads["mirrored-crop.jpg"]))
    write(folder, {"uploads/sketchbook.zip": sketchbook(), "trusted.pem": authority.certificate})


def main() -> None:
    """Fill the folder named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("folder", type=Path)
    fill(parser.parse_args().folder)


if __name__ == "__main__":
    main()
