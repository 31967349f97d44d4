import csv
import io
from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from detector.readers.watermark import (
    FALSE_HIT_CHANCE,
    WatermarkReader,
    decoded,
    least_matches,
)
from evidence.signals import Claim, EvidenceKind
from imaging import decode
from tests.watermarks import BYTES, FLOATS, FLUX, MESSAGES, SDXL, letters, marked


def painting(height=384, width=384, seed=0):
    """Soft shapes in the middle of the range, with strokes of many colours."""
    rng = np.random.default_rng(seed)

    def layer(rows, reach):
        columns = max(rows * width // height, 1)
        values = rng.uniform(128 - reach, 128 + reach, (rows, columns, 3)).astype(np.uint8)
        drawn = Image.fromarray(values).resize((width, height), Image.Resampling.BICUBIC)
        return np.asarray(drawn, np.float64) - 128

    return np.clip(128 + layer(6, 40) + layer(height // 4, 80), 0, 255).astype(np.uint8)


def saved(pixels, kind, **options):
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("grey", [BYTES, FLOATS])
@pytest.mark.parametrize("generator", MESSAGES)
def test_every_message(generator, grey):
    found = decoded(marked(painting(), MESSAGES[generator], grey))
    assert found is not None
    assert found[0].generator == generator


def test_red_taken_for_blue():
    swapped = marked(painting()[..., ::-1], SDXL, FLOATS)[..., ::-1]
    found = decoded(np.ascontiguousarray(swapped))
    assert found is not None
    assert found[0].generator == "Stable Diffusion XL"


@pytest.mark.parametrize("shape", [(384, 384), (385, 387), (391, 390), (256, 384), (1608, 804)])
def test_sides_that_are_no_multiple_of_a_block(shape):
    assert decoded(marked(painting(*shape), SDXL)) is not None


@pytest.mark.parametrize("quality", [85, 90, 95])
def test_it_outlives_jpeg_with_whole_colour(quality):
    data = saved(marked(painting(), SDXL), "JPEG", quality=quality, subsampling="4:4:4")
    for image in (decode(data), decode(data, min_side=192)):
        (found,) = WatermarkReader().read(data, image)
        assert found.generator == "Stable Diffusion XL"
        assert found.kind is EvidenceKind.PROVEN
        assert found.claim is Claim.AI_MADE
        assert "open to everybody" in found.text


def test_it_outlives_jpeg_with_halved_colour_at_high_quality():
    data = saved(marked(painting(512, 512), SDXL, FLOATS), "JPEG", quality=97, subsampling="4:2:0")
    assert WatermarkReader().read(data, decode(data, min_side=448))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_files_without_loss(kind):
    options = {"lossless": True} if kind == "WEBP" else {}
    data = saved(marked(painting(), FLUX, FLOATS), kind, **options)
    (found,) = WatermarkReader().read(data, decode(data))
    assert found.generator == "FLUX"


def test_a_jpeg_at_another_size_is_decoded_again_only_on_demand():
    data = saved(marked(painting(512, 512), SDXL), "JPEG", quality=95, subsampling="4:4:4")
    image = decode(data, min_side=120)
    assert image.scale not in (0.5, 1.0)
    assert WatermarkReader(decode_again=False).read(data, image) == ()
    assert WatermarkReader().read(data, image)
    assert WatermarkReader().read(data[:500], image) == ()


def test_a_part_of_another_image_is_called_an_edit():
    pixels = marked(painting(512, 512), letters("StableDiffusionV1-Inpainting"))
    data = saved(pixels, "PNG")
    (found,) = WatermarkReader().read(data, decode(data))
    assert found.claim is Claim.AI_EDITED


def test_nothing_is_found_where_nothing_is_written():
    small = saved(marked(painting(128, 128), SDXL), "PNG")
    assert WatermarkReader().read(small, decode(small)) == ()
    flat = np.full((300, 300, 3), 255, np.uint8)
    stripes = np.tile(np.arange(300, dtype=np.uint8)[None, :, None] // 8 * 8, (300, 1, 3))
    noise = np.random.default_rng(1).integers(0, 256, (600, 600, 3), dtype=np.uint8)
    for pixels in (painting(), flat, stripes, noise, marked(painting(), [0, 1])):
        assert decoded(pixels) is None


@pytest.mark.parametrize("length", [1, 8, 32, 46, 48, 64, 136, 224])
def test_chance_is_below_what_is_promised(length):
    def chance(matches):
        return Fraction(sum(comb(length, n) for n in range(matches, length + 1)), 2**length)

    needed = least_matches(length)
    assert needed > length or chance(needed) <= FALSE_HIT_CHANCE
    assert chance(needed - 1) > FALSE_HIT_CHANCE


@given(st.integers(1, 40), st.integers(1, 40), st.booleans())
def test_any_shape(height, width, half):
    assert decoded(np.zeros((height, width, 3), np.uint8), half_size=half) is None


def test_no_human_work_is_accused(data_dir):
    reader = WatermarkReader()
    with (data_dir / "manifest.csv").open(newline="") as manifest:
        rows = [row for row in csv.DictReader(manifest) if row["split"] == "dev"]
    for row in rows:
        if row["label"] == "human":
            data = (data_dir / row["path"]).read_bytes()
            assert reader.read(data, decode(data, min_side=448)) == (), row["path"]
