import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.readers.programs import Program, ProgramKind, programs
from detector.technology import GeneratorFamily, generator_family

ROWS = programs(ProgramKind.TECHNOLOGY)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.pattern)
def test_every_known_name_has_its_family_however_it_is_spelled(row: Program) -> None:
    name = row.pattern
    spellings = (name, name.upper(), name.lower(), f"other ({name})", name.replace(" ", "_"))
    found = {spelling: generator_family(spelling) for spelling in spellings}
    assert found == dict.fromkeys(spellings, GeneratorFamily(row.name))


def test_every_family_says_where_it_is_stated_and_no_name_stands_twice() -> None:
    assert all(row.source for row in ROWS)
    names = [row.pattern.lower().replace("-", "").replace(" ", "") for row in ROWS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("DALL·E 3 (HD)", "diffusion"),
        ("dalle-3", "diffusion"),
        ("DALL-E mini", "autoregressive"),
        ("gpt-image-1", "autoregressive"),
        ("SD1.x/SDXL finetune (AI Horde)", "diffusion"),
        ("flux1-dev.safetensors", "diffusion"),
        ("sd_xl_base_1.0", "diffusion"),
        ("ponyDiffusionV6XL", "diffusion"),
        ("StyleGAN2-ADA", "gan"),
        ("VQGAN+CLIP", "gan"),
        ("Cosmos-Predict2-2B", "diffusion"),
    ],
)
def test_names_as_files_and_people_give_them(name: str, family: str) -> None:
    assert generator_family(name) == family


@pytest.mark.parametrize(
    "name",
    [
        None,
        "",
        "Midjourney",  # not published
        "DALL-E",  # autoregressive in its first version, diffusion in the later ones
        "Lumina",  # comes as both
        "VQGAN with guided diffusion",  # two families
        "Real-ESRGAN 4x",  # an upscaler, whatever it was trained with
        "Swan",
        "Organic",
        "a person",
    ],
)
def test_what_cannot_be_told_is_unknown(name: str | None) -> None:
    assert generator_family(name) is GeneratorFamily.UNKNOWN


@given(st.text(max_size=300))
def test_any_text_has_an_answer(name: str) -> None:
    assert isinstance(generator_family(name), GeneratorFamily)


def test_a_very_long_name_is_read_in_part() -> None:
    assert generator_family("a1" * 10**6 + " FLUX") is GeneratorFamily.UNKNOWN
