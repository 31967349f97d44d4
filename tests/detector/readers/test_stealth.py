import gzip
import io
import json
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from detector.readers.stealth import LONGEST, StealthReader, hidden_text
from evidence.signals import Claim
from imaging import decode
from tests.detector.readers.parameter_files import png

NOVELAI = json.dumps(
    {
        "Description": "a fox",
        "Software": "NovelAI",
        "Source": "NovelAI Diffusion V3",
        "Comment": json.dumps({"prompt": "a fox, by wlop", "seed": 7}),
    }
)
INFOTEXT = "a fox\nSteps: 20, Sampler: Euler, Seed: 7, Model: ponyXL"


def pixels(channels, side=96, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (side, side, channels), dtype=np.uint8)


def hide(samples, text, *, plane, compressed, length=None):
    """Write bit after bit, column after column, as the tools do; slow and obvious."""
    body = gzip.compress(text.encode()) if compressed else text.encode()
    kind = "png" if plane == "alpha" else "rgb"
    signature = f"stealth_{kind}{'comp' if compressed else 'info'}".encode()
    head = signature + (8 * len(body) if length is None else length).to_bytes(4, "big")
    bits = iter("".join(f"{byte:08b}" for byte in head + body))
    out = samples.copy()
    if plane == "alpha":
        out[..., 3] |= 0xFE
    for x in range(out.shape[1]):
        for y in range(out.shape[0]):
            for channel in (3,) if plane == "alpha" else (0, 1, 2):
                bit = next(bits, None)
                if bit is None:
                    return out
                out[y, x, channel] = out[y, x, channel] & 0xFE | int(bit)
    raise AssertionError("the picture is too small for the text")


def saved(samples, kind="PNG", **options):
    out = io.BytesIO()
    Image.fromarray(samples).save(out, kind, **options)
    return out.getvalue()


def read(data):
    return StealthReader().read(data, decode(data, min_side=448))


@pytest.mark.parametrize("text", [NOVELAI, INFOTEXT], ids=["novelai", "infotext"])
@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("plane", ["alpha", "rgb", "rgb beside alpha"])
@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_hidden_parameters(kind, plane, compressed, text):
    channels = 3 if plane == "rgb" else 4
    samples = hide(pixels(channels), text, plane=plane.split()[0], compressed=compressed)
    options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    (found,) = read(saved(samples, kind, **options))
    assert found.claim is Claim.AI_MADE
    assert found.seed == "7"
    assert found.reader == "stealth"
    assert "lowest bits" in found.text
    assert found.generator == ("NovelAI" if text is NOVELAI else "Stable Diffusion XL")
    if text is NOVELAI:
        assert found.artists == ("wlop",)


def test_an_unknown_note_counts_too():
    (found,) = read(saved(hide(pixels(4), "what is this", plane="alpha", compressed=True)))
    assert found.claim is Claim.AI_MADE
    assert found.generator is None


def test_nothing_is_found_where_nothing_is_hidden():
    assert read(saved(pixels(3))) == ()
    assert read(saved(pixels(4))) == ()
    assert read(saved(pixels(3), "JPEG")) == ()
    assert read(png({})) == ()


@pytest.mark.parametrize("length", [0, 7, 2**32 - 1, 8 * LONGEST + 8])
def test_a_wrong_length(length):
    samples = hide(pixels(4), "x", plane="alpha", compressed=True, length=length)
    assert len(read(saved(samples))) <= 1


def test_a_bomb_is_cut_off():
    samples = hide(pixels(4, 512), "x" * (4 * LONGEST), plane="alpha", compressed=True)
    tracemalloc.start()
    text = hidden_text(samples)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert text is not None
    assert len(text) == LONGEST
    assert peak < 4 * LONGEST


@given(st.binary(max_size=60), st.sampled_from([3, 4]))
def test_any_bits(body, channels):
    """Behind a signature that is right, whatever stands there."""
    plane = "alpha" if channels == 4 else "rgb"
    samples = hide(np.zeros((32, 32, channels), np.uint8), "", plane=plane, compressed=False)
    bits = np.unpackbits(np.frombuffer(body, np.uint8))
    flat = samples.swapaxes(0, 1).reshape(-1, channels).copy()
    first = 120 if channels == 4 else 40
    flat[first : first + len(bits), -1] = bits
    hidden_text(flat.reshape(32, 32, channels).swapaxes(0, 1))


@given(st.integers(1, 20), st.integers(1, 20), st.sampled_from([3, 4]))
def test_pictures_smaller_than_any_signature(height, width, channels):
    assert hidden_text(np.zeros((height, width, channels), np.uint8)) is None
