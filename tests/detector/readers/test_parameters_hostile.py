"""Texts that are damaged, or made to do harm."""

import io
import json
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from detector.readers.parameters import GenerationParametersReader, parameter_signals
from detector.readers.stealth import StealthReader
from detector.readers.watermark import WatermarkReader
from evidence.signals import Claim, Signal
from imaging import ImagingError, decode
from tests.detector.readers.parameter_files import picture, png, with_comment

GUID = "8f0c2d5e-1b7a-4c39-9d54-0123456789ab"
READERS = (GenerationParametersReader(), StealthReader(), WatermarkReader())


@pytest.mark.parametrize("depth", [1000, 100_000])
def test_deep_json(depth):
    deep = '{"a":' * depth + "1" + "}" * depth
    lists = '{"prompt":' + "[" * depth + "]" * depth + "}"
    for keyword in ("prompt", "workflow", "parameters", "invokeai_metadata", "Comment", "xmp"):
        assert parameter_signals(((keyword, deep), (keyword, lists), ("Software", "x"))) == ()


def test_numbers_that_are_none():
    values = '{"prompt": "fox", "steps": 1e999, "seed": ' + "9" * 5000 + ', "strength": NaN}'
    parameter_signals((("parameters", values),))
    values = '{"prompt": "fox", "steps": 3, "init_image": "a", "strength": "inf", "seed": 7}'
    (found,) = parameter_signals((("parameters", values),))
    assert found.claim is Claim.AI_EDITED


def test_a_text_that_swells_is_not_parsed():
    text = '{"prompt":[' + "[]," * 2_000_000 + '1], "seed": 1, "steps": 2}'
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", text, zip=True)
    out = io.BytesIO()
    picture().save(out, "PNG", pnginfo=info)
    data = out.getvalue()
    assert len(data) < 50_000
    image = decode(data)
    tracemalloc.start()
    assert GenerationParametersReader().read(data, image) == ()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 6 * len(text)


KEYWORDS = (
    "parameters", "prompt", "workflow", "Comment", "Software", "Source", "Title", "Description",
    "invokeai_metadata", "sd-metadata", "Dream", "generation_data", "seed", "steps", "xmp",
    "EXIF:UserComment", "EXIF:Make", "EXIF:Software", "postprocessing",
)  # fmt: skip
PIECES = st.sampled_from(
    (
        "Steps: 20", ", ", "\n", "Seed: 1", "Negative prompt:", '"', "{", "}", "[", ":", "\\",
        "prompt",
        '{"prompt": "a", "seed": 1, "steps": 2}', '{"c": "a", "uc": "b", "seed": 1}',
        "Draw Things", "exif:UserComment", "AI generated image", "NovelAI", "Job ID: " + GUID,
        " --v 6", "by Monet", "Denoising strength: 0.5", "Mask blur: 4",
        "Postprocess upscaler: x", "(artist)", "::", "1e9",
    )
)  # fmt: skip
TEXT = st.lists(PIECES | st.text(max_size=10), max_size=15).map("".join)


@given(st.lists(st.tuples(st.sampled_from(KEYWORDS), TEXT), max_size=6))
def test_any_texts(texts):
    for one in parameter_signals(tuple(texts)):
        assert isinstance(one, Signal)
        assert one.text.isprintable()


GRAPH = {
    "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sdxl.safetensors"}},
    "2": {"class_type": "KSampler", "inputs": {"model": ["1", 0], "seed": 7}},
    "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0]}},
}
INFOTEXT = "a fox, by Monet\nNegative prompt: x\nSteps: 20, Sampler: Euler, Seed: 7, Model: sdxl"
ALPHA = Image.fromarray(np.random.default_rng(0).integers(0, 256, (32, 32, 4), dtype=np.uint8))
FILES = (
    png({"prompt": GRAPH, "parameters": INFOTEXT, "Software": "NovelAI"}),
    png({"Comment": {"prompt": "a fox", "seed": 1, "steps": 2}}, ALPHA),
    with_comment(INFOTEXT),
    with_comment(json.dumps(GRAPH), "WEBP"),
)


@given(
    st.sampled_from(FILES),
    st.lists(
        st.tuples(st.integers(0, 10_000), st.integers(0, 8), st.binary(max_size=8)), max_size=8
    ),
)
def test_mutated_files(data, edits):
    for at, removed, inserted in edits:
        at %= len(data)
        data = data[:at] + inserted + data[at + removed :]
    try:
        image = decode(data)
    except ImagingError:
        return
    for reader in READERS:
        for one in reader.read(data, image):
            assert isinstance(one, Signal)
            assert one.text.isprintable()
            assert len(one.text) < 1000
