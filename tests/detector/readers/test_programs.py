import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.readers.programs import (
    AI_EDITOR_NAMES,
    CAMERA_NAMES,
    ENHANCING_NODE_NAMES,
    GENERATOR_NAMES,
    MODEL_NAMES,
    NODE_NAMES,
    PAINTING_NAMES,
    PRODUCER_NAMES,
    SETTINGS_NAMES,
    SIGNER_NAMES,
    Program,
    ProgramKind,
    all_programs,
    plain_class,
)

BY_KIND = {
    ProgramKind.GENERATOR: GENERATOR_NAMES,
    ProgramKind.EDITOR: AI_EDITOR_NAMES,
    ProgramKind.PAINTING_PROGRAM: PAINTING_NAMES,
    ProgramKind.SIGNER: SIGNER_NAMES,
    ProgramKind.CAMERA: CAMERA_NAMES,
    ProgramKind.MODEL: MODEL_NAMES,
    ProgramKind.NODE: NODE_NAMES,
    ProgramKind.ENHANCING_NODE: ENHANCING_NODE_NAMES,
    ProgramKind.SETTINGS: SETTINGS_NAMES,
    ProgramKind.PRODUCER: PRODUCER_NAMES,
}
"""Technologies have a search of their own, and tests: `tests/detector/test_technology.py`."""

ALIKE = (
    {ProgramKind.GENERATOR, ProgramKind.EDITOR, ProgramKind.PAINTING_PROGRAM},
    {ProgramKind.NODE, ProgramKind.ENHANCING_NODE},
)
"""Kinds that are looked for in the same texts."""

# The letters XL alone stand last: many models are called so, and nearly all were made of SDXL.
XL = max(
    (row for row in all_programs() if row.name == "Stable Diffusion XL"), key=all_programs().index
)

ROWS = [row for row in all_programs() if row.kind in BY_KIND]


def example_of(row: Program, example: str) -> str:
    return plain_class(example) if row.kind in ALIKE[1] else example


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.kind}: {row.name}")
def test_each_row_is_told_by_its_examples_and_nobody_else(row: Program) -> None:
    kinds = next((alike for alike in ALIKE if row.kind in alike), {row.kind})
    frame = BY_KIND[row.kind].frame
    pattern = re.compile(frame.format(row.pattern), re.IGNORECASE)
    for example in (example_of(row, one) for one in row.examples):
        assert pattern.search(example)
        assert {kind: BY_KIND[kind].find(example) for kind in kinds} == {
            kind: row.name if kind is row.kind else None for kind in kinds
        }
        others = (one for one in ROWS if one.kind is row.kind and one.name != row.name)
        for other in others:
            found = re.search(frame.format(other.pattern), example, re.IGNORECASE)
            assert found is None or other is XL, other


def test_each_row_says_where_it_comes_from_and_none_stands_twice() -> None:
    for row in all_programs():
        assert row.name
        assert row.source
        assert all(row.examples)
        assert re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", row.seen)
    assert len({(row.kind, row.pattern) for row in all_programs()}) == len(all_programs())
    assert {row.kind for row in all_programs()} == set(ProgramKind)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Midjourney", "Midjourney"),
        ("midjourney v6.1", "Midjourney"),
        ("DALL·E 3", "DALL-E 3"),
        ("DALL·E", "DALL-E"),
        ("OpenAI-API", "OpenAI"),
        ("GPT-4o", "GPT Image"),
        ("gpt-image-1", "GPT Image"),
        ("Adobe Firefly 2.0", "Adobe Firefly"),
        ("Ideogram AI", "Ideogram"),
        ("NovelAI", "NovelAI"),
        ("Stable Diffusion XL 1.0", "Stable Diffusion XL"),
        ("stable-diffusion-webui 1.6", "Stable Diffusion"),
        ("Black Forest Labs API", "FLUX"),
        ("FLUX.1 [dev]", "FLUX"),
        ("Made with Google AI", "Google AI"),
        ("Gemini 2.5 Flash Image", "Gemini"),
        ("xAI", "Grok"),
        ("豆包", "Doubao / Seedream"),
        ("Reve.com", "Reve"),
    ],
)
def test_generators(text, name):
    assert GENERATOR_NAMES.find(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Adobe Photoshop 25.0 (Windows)",
        "CLIP STUDIO PAINT 2.0",
        "Google Photos",
        "Google",
        "FireAlpaca 2.9",
        "f.lux",
        "Leonardo",
        "Imagen digital",
        "Sora",
        "Dream Theatre",
        "Picasa",
        "Canva",
        "Aurora HDR 2019",
        "Mozilla Firefox",
        "Microsoft Paint",
        "Luminar AI",
        "darktable 4.2",
        "Krita 5.2",
        "Revealer 1",
        "Reve",
        "Gemini",
        "Firefly",
        "Image Stabilizer",
        "Stable Image",
    ],
)
def test_what_is_no_generator(text):
    assert GENERATOR_NAMES.find(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "CLIP STUDIO PAINT",
        "Clip Studio Paint EX 1.10",
        "Procreate 5.3",
        "krita 5.2.2",
        "PaintTool SAI Ver.2",
        "SAI",
        "MediBang Paint Pro",
        "ibisPaint X",
        "Adobe Photoshop 21.0 (Macintosh)",
        "Created with GIMP",
        "Aseprite",
        "MyPaint 2.0",
        "FireAlpaca",
        "Paint.NET v3.5.11",
        "paint.net 5.0.3",
    ],
)
def test_painting_programs(text):
    assert PAINTING_NAMES.find(text)
    assert GENERATOR_NAMES.find(text) is None


@pytest.mark.parametrize("text", ["Saint", "Essai", "Said", "Blenderized", "Paintbrush", "Vegimp"])
def test_names_are_whole_words(text):
    assert PAINTING_NAMES.find(text) is None


@pytest.mark.parametrize(
    ("make", "maker"),
    [
        ("Canon", "Canon"),
        ("NIKON CORPORATION", "Nikon"),
        ("SONY", "Sony"),
        ("Leica Camera AG", "Leica"),
        ("Apple", "Apple"),
        ("OLYMPUS IMAGING CORP.", "Olympus"),
        ("Ideogram AI", None),
        ("Canon of art", None),
    ],
)
def test_cameras(make, maker):
    assert CAMERA_NAMES.find(make) == maker


def test_editors():
    assert AI_EDITOR_NAMES.find("Topaz Gigapixel AI 7") == "Topaz Gigapixel"
    assert AI_EDITOR_NAMES.find("Adobe Photoshop") is None


@given(st.text(max_size=10_000))
def test_any_text(text):
    for names in BY_KIND.values():
        names.find(text)
