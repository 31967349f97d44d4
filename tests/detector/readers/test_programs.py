import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.readers.programs import (
    AI_EDITOR_NAMES,
    CAMERA_NAMES,
    GENERATOR_NAMES,
    PAINTING_NAMES,
    SIGNER_NAMES,
)

ALL = (AI_EDITOR_NAMES, CAMERA_NAMES, GENERATOR_NAMES, PAINTING_NAMES, SIGNER_NAMES)


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
    for names in ALL:
        names.find(text)
