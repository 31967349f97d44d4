import pytest

from detector.readers.automatic1111 import parse
from detector.readers.generation import Process
from evidence.signals import Claim, EvidenceKind
from tests.detector.readers.parameter_files import png, read, with_comment

SETTINGS = "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 4242, Size: 512x768"
WHOLE = (
    "a fox in snow, by Ivan Bilibin\nNegative prompt: lowres, blurry\n"
    f"{SETTINGS}, Model hash: 6ce0161689, Model: v1-5-pruned-emaonly, Version: v1.10.1"
)


@pytest.mark.parametrize(
    "data",
    [
        png({"parameters": WHOLE}),
        with_comment(WHOLE),
        with_comment(WHOLE, "WEBP"),
    ],
    ids=["png", "jpeg", "webp"],
)
def test_every_place_where_the_web_ui_writes_them(data):
    found = read(data)
    assert found.kind is EvidenceKind.STATED
    assert found.claim is Claim.AI_MADE
    assert found.generator == "Stable Diffusion 1.5"
    assert found.model == "v1-5-pruned-emaonly"
    assert found.prompt == "a fox in snow, by Ivan Bilibin"
    assert found.seed == "4242"
    assert found.artists == ("Ivan Bilibin",)
    assert "Stable Diffusion web UI" in found.text
    assert "Ivan Bilibin" in found.text


@pytest.mark.parametrize(
    ("more", "process", "strength"),
    [
        ("", Process.TEXT, None),
        (", Denoising strength: 0", Process.TEXT, None),
        (", Denoising strength: 0.5, Hires upscale: 2, Hires upscaler: Latent", Process.TEXT, None),
        (", Denoising strength: 0.7, First pass size: 0x0", Process.TEXT, None),
        (", Denoising strength: 0.35", Process.IMAGE, 0.35),
        (", Denoising strength: 0.75, Mask blur: 4", Process.INPAINT, 0.75),
        (", Denoising strength: 0.75, Masked content: original", Process.INPAINT, 0.75),
        (", ADetailer model: face_yolov8n.pt, ADetailer mask blur: 4", Process.TEXT, None),
        (", App: SD.Next, Operations: img2img; upscale", Process.IMAGE, None),
        (", App: SD.Next, Operations: inpaint", Process.INPAINT, None),
        (", App: SD.Next, Operations: txt2img; hires, Denoising strength: 0.4", Process.TEXT, None),
    ],
)
def test_text_to_image_is_told_from_image_to_image(more, process, strength):
    found = parse(f"a fox\n{SETTINGS}{more}")
    assert found is not None
    assert (found.process, found.strength) == (process, strength)


@pytest.mark.parametrize(
    ("more", "claim", "words"),
    [
        (", Denoising strength: 0.35", Claim.AI_EDITED, "at strength 0.35 of 1"),
        (", Denoising strength: 0.8", Claim.AI_MADE, "most of it is generated"),
        (", Denoising strength: 1", Claim.AI_MADE, "nothing is kept"),
        (", Mask blur: 4", Claim.AI_EDITED, "filled in"),
    ],
)
def test_an_edit_is_called_one(more, claim, words):
    found = read(png({"parameters": f"a fox\n{SETTINGS}{more}"}))
    assert found.claim is claim
    assert words in found.text


@pytest.mark.parametrize(
    ("more", "tool"),
    [
        (", Version: v1.9.3", "Stable Diffusion web UI"),
        (", Version: f2.0.1v1.10.1-previous-636-gb835f24a", "Stable Diffusion web UI Forge"),
        (", App: SD.Next, Version: cb0c541", "SD.Next"),
        (", Version: Fooocus v2.5.5", "Fooocus"),
        (", Version: ComfyUI", "ComfyUI"),
        (', Civitai resources: [{"type":"checkpoint","modelVersionId":1}]', "Civitai"),
        ("", "Stable Diffusion"),
    ],
)
def test_the_tool_is_named(more, tool):
    found = parse(f"a fox\n{SETTINGS}{more}")
    assert found is not None
    assert found.tool == tool


def test_a_prompt_of_several_lines_that_speaks_of_steps_itself():
    found = parse(f"Steps: 3, of stone\nlead to a door\n\nNegative prompt: sky\n{SETTINGS}")
    assert found is not None
    assert found.prompt == "Steps: 3, of stone\nlead to a door"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Steps: 1, cut the onion. Steps: 2, fry it.",
        "How to draw a fox in 5 Steps: first the ears",
        "A sampler: cross-stitch, seed: none",
        "Steps: many, Seed: 1",
    ],
)
def test_what_people_write_is_no_parameters(text):
    assert parse(text) is None
    assert parse(text * 50) is None


@pytest.mark.parametrize("piece", [" ", "a b ", 'a:"', 'a:"\\', "Steps: 1, ", "\nNegative prompt:"])
def test_long_texts_end(piece):
    found = parse(f"Steps: 1, Seed: 2, {piece * 100_000}"[: 256 * 1024])
    assert found is None or len(found.seed or "") < 10


def test_enlarged_only():
    extras = "Postprocess upscale by: 4, Postprocess upscaler: R-ESRGAN 4x+"
    found = read(png({"postprocessing": extras}))
    assert found.claim is Claim.AI_EDITED
    assert found.model == "R-ESRGAN 4x+"


OTHERS = "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 12345, Size: 64x64, Model: sdxl"


@pytest.mark.parametrize(
    "text",
    [
        f"a fox, by John Doe\nNegative prompt: lowres, by Jane Roe\n{OTHERS}",
        f"a fox, by John Doe,.Negative prompt: lowres, by Jane Roe, .{OTHERS}",
        f"a fox, by John Doe Negative prompt: lowres, by Jane Roe {OTHERS}",
        f"a fox, by John Doe\nnegative prompt: lowres, by Jane Roe\n{OTHERS.lower()}",
        f"a fox, by John Doe\nTemplate: a __animal__\nNegative prompt: by Jane Roe\n{OTHERS}",
        "a fox, by John Doe\nNegative prompt: x\nSampler: Euler a, Seed: 12345, Steps: 20",
        "a fox, by John Doe\nSampler: Euler a, Steps: 20, CFG scale: 7, Seed: 12345",
        "a fox, by John Doe\nSampler: Euler a, CFG scale: 7, Seed: 12345, Size: 64x64",
        "a fox, by John Doe\nSteps: 20.0, CFG scale: 7.0, Seed: 12345",
    ],
    ids=["usual", "dots", "spaces", "small", "template", "last", "middle", "no steps", "floats"],
)
def test_whatever_the_order_and_the_line(text):
    found = parse(text)
    assert (found.seed, found.prompt) == ("12345", "a fox, by John Doe")


@pytest.mark.parametrize(
    "text",
    [
        "Cookie recipe. Steps: 5, Seed: pumpkin",
        "Steps: 12, and then rest",
        "Model: T-34, Size: 30x20",
        "Seed: 5, Size: 3x4",
        "How to paint\nSteps: many\nModel: my cat\nSeed: 7",
    ],
)
def test_what_only_looks_like_settings(text):
    assert parse(text) is None


def test_settings_in_the_negative_prompt_are_no_settings():
    text = f"a fox\nNegative prompt: Steps: 3, Seed: 4\n{OTHERS}"
    assert (parse(text).seed, parse(text).prompt) == ("12345", "a fox")
