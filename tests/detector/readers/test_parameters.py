import csv
import json

import pytest
from PIL import Image

from detector.readers.parameters import GenerationParametersReader
from evidence.signals import Claim
from imaging import decode
from tests.detector.readers.making import USER_COMMENT, exif, opened, picture
from tests.detector.readers.parameter_files import png, read, with_comment, with_exif


def caption(text: str) -> bytes:
    """As IPTC-IIM: record 2, dataset 120."""
    return b"\x1c\x02\x78" + len(text.encode()).to_bytes(2, "big") + text.encode()


GUID = "8f0c2d5e-1b7a-4c39-9d54-0123456789ab"

SWARM = {
    "sui_image_params": {
        "prompt": "a fox",
        "model": "flux1-dev-fp8",
        "seed": 7,
        "steps": 20,
        "swarm_version": "0.9.6",
    },
    "sui_extra_data": {"date": "2025-01-01"},
}
DRAW_THINGS = json.dumps(
    {"c": "a fox", "uc": "", "model": "sd_xl_base_1.0", "seed": 7, "steps": 20, "v2": {}}
).replace('"', "&quot;")
DRAW_THINGS_XMP = f"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description
xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/">
<xmp:CreatorTool>Draw Things</xmp:CreatorTool><exif:UserComment><rdf:Alt>
<rdf:li xml:lang="x-default">{DRAW_THINGS}</rdf:li></rdf:Alt></exif:UserComment>
</rdf:Description></rdf:RDF></x:xmpmeta>"""
DESCRIBED = f"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description
xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:description><rdf:Alt>
<rdf:li xml:lang="x-default">a fox --v 6.1 Job ID: {GUID}</rdf:li></rdf:Alt></dc:description>
</rdf:Description></rdf:RDF></x:xmpmeta>"""
OPAQUE = {
    "1": {
        "class_type": "CheckpointLoaderSimple",
        "inputs": {"ckpt_name": "EMS-657705.safetensors"},
    },
    "2": {"class_type": "KSampler", "inputs": {"model": ["1", 0], "seed": 7}},
    "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0]}},
}
FOOOCUS = {
    "prompt": "a fox",
    "full_prompt": ["a fox", "cinematic"],
    "base_model": "juggernautXL_v8Rundiffusion",
    "metadata_scheme": "fooocus",
    "seed": "7",
    "version": "Fooocus v2.5.5",
}
INVOKE = {
    "generation_mode": "sdxl_txt2img",
    "positive_prompt": "a fox",
    "seed": 7,
    "model": {"name": "SDXL base", "base": "sdxl"},
    "app_version": "5.0.0",
}
INVOKE_OLD = {
    "model": "stable diffusion",
    "model_weights": "stable-diffusion-1.5",
    "image": {"prompt": [{"prompt": "a fox", "weight": 1}], "seed": 7, "type": "txt2img"},
}
NOVELAI = {
    "Title": "AI generated image",
    "Description": "a fox",
    "Software": "NovelAI",
    "Source": "NovelAI Diffusion V4.5 4BDE2A90",
    "Comment": {
        "prompt": "a fox",
        "seed": 7,
        "strength": 0.7,
        "request_type": "PromptGenerateRequest",
        "v4_prompt": {
            "caption": {"base_caption": "a fox", "char_captions": [{"char_caption": "a crow"}]}
        },
    },
}


@pytest.mark.parametrize(
    ("data", "generator", "tool", "prompt", "seed"),
    [
        (png({"parameters": SWARM}), "FLUX", "SwarmUI", "a fox", "7"),
        (with_comment(json.dumps(SWARM)), "FLUX", "SwarmUI", "a fox", "7"),
        (
            png({"XML:com.adobe.xmp": DRAW_THINGS_XMP}),
            "Stable Diffusion XL",
            "Draw Things",
            "a fox",
            "7",
        ),
        (png({"parameters": FOOOCUS}), "Stable Diffusion XL", "Fooocus", "a fox", "7"),
        (
            png({"parameters": {"Prompt": "a fox", "base_model_name": "pony_v6", "seed": 7}}),
            "Stable Diffusion XL",
            "RuinedFooocus",
            "a fox",
            "7",
        ),
        (png({"invokeai_metadata": INVOKE}), "Stable Diffusion XL", "InvokeAI", "a fox", "7"),
        (png({"sd-metadata": INVOKE_OLD}), "Stable Diffusion 1.5", "InvokeAI", "a fox", "7"),
        (png({"Dream": '"a fox" -s 50 -S 7 -W512'}), "InvokeAI", "InvokeAI", "a fox", "7"),
        (png(NOVELAI), "NovelAI", "NovelAI", "a fox\na crow", "7"),
        (
            png({"Description": f"a fox --ar 3:2 --seed 7 --v 6.1 Job ID: {GUID}", "Author": "me"}),
            "Midjourney",
            "Midjourney",
            "a fox",
            "7",
        ),
        (
            png({"prompt": "a fox", "seed": "7", "use_stable_diffusion_model": "sd-v1-5"}),
            "Stable Diffusion 1.5",
            "Easy Diffusion",
            "a fox",
            "7",
        ),
        (
            png(
                {
                    "generation_data": json.dumps(
                        {
                            "prompt": "a fox",
                            "seed": 7,
                            "baseModel": {"modelFileName": "flux1-schnell"},
                        }
                    )
                    + "\0"
                }
            ),
            "FLUX",
            "Tensor.Art",
            "a fox",
            "7",
        ),
        (  # a graph whose model has no name that means anything
            png(
                {
                    "prompt": OPAQUE,
                    "generation_data": {
                        "prompt": "a fox",
                        "models": [
                            {"type": "LORA", "modelFileName": "hat"},
                            {"type": "BASE_MODEL", "modelFileName": "flux1-schnell"},
                        ],
                    },
                }
            ),
            "FLUX",
            "Tensor.Art",
            "a fox",
            "7",
        ),
        (
            png({"XML:com.adobe.xmp": DESCRIBED}),
            "Midjourney",
            "Midjourney",
            "a fox",
            None,
        ),
        (
            png({"parameters-json": {"PositivePrompt": "a fox", "Seed": 7, "ModelName": "ponyXL"}}),
            "Stable Diffusion XL",
            "Stability Matrix",
            "a fox",
            "7",
        ),
        (
            with_comment(
                json.dumps(
                    {"mflux_version": "0.4", "prompt": "a fox", "seed": 7, "model": "flux-dev"}
                )
            ),
            "FLUX",
            "mflux",
            "a fox",
            "7",
        ),
        (
            png(
                {
                    "Comment": "Include in Image: a fox; Model: sdxl; Seed: 7; "
                    "Generator: Mochi Diffusion 5.1"
                }
            ),
            "Stable Diffusion XL",
            "Mochi Diffusion",
            "a fox",
            "7",
        ),
        (
            png(
                {
                    "my_tool": {
                        "prompt": "a fox",
                        "sampler_name": "euler",
                        "num_inference_steps": 4,
                        "seed": 7,
                    }
                }
            ),
            None,
            "an image generator",
            "a fox",
            "7",
        ),
    ],
    ids=[
        "swarm",
        "swarm jpeg",
        "draw things",
        "fooocus",
        "ruined",
        "invoke",
        "invoke 2",
        "dream",
        "novelai",
        "midjourney",
        "easy",
        "tensorart",
        "tensorart with a graph",
        "midjourney xmp",
        "matrix",
        "mflux",
        "mochi",
        "unknown tool",
    ],
)
def test_every_tool(data, generator, tool, prompt, seed):
    found = read(data)
    assert found.claim is Claim.AI_MADE
    assert (found.generator, found.prompt, found.seed) == (generator, prompt, seed)
    assert tool in found.text


@pytest.mark.parametrize(
    ("texts", "claim"),
    [
        (
            {
                "parameters": {
                    "sui_image_params": {**SWARM["sui_image_params"], "initimagecreativity": 0.3}
                }
            },
            Claim.AI_EDITED,
        ),
        ({"invokeai_metadata": {**INVOKE, "generation_mode": "sdxl_inpaint"}}, Claim.AI_EDITED),
        (
            {"invokeai_metadata": {**INVOKE, "generation_mode": "img2img", "strength": 0.8}},
            Claim.AI_MADE,
        ),
        ({"invokeai_metadata": {**INVOKE, "generation_mode": "img2img"}}, Claim.AI_EDITED),
        ({"Dream": '"a fox" -s 50 -S 7 -I mine.png -f 0.3'}, Claim.AI_EDITED),
        ({"Dream": '"a fox" -s 50 -S 7 -I mine.png -f 0.9'}, Claim.AI_MADE),
        (
            {"Software": "NovelAI", "Comment": {"request_type": "NativeInfillingRequest"}},
            Claim.AI_EDITED,
        ),
        (
            {"Software": "NovelAI", "Comment": {"request_type": "Img2ImgRequest", "strength": 0.4}},
            Claim.AI_EDITED,
        ),
        (
            {"Software": "NovelAI", "Comment": {"request_type": "Img2ImgRequest", "strength": 0.8}},
            Claim.AI_MADE,
        ),
        ({"prompt": "fox", "seed": "7", "steps": "20", "init_image": "a.png"}, Claim.AI_EDITED),
    ],
)
def test_what_worked_on_an_image_is_told_apart(texts, claim):
    assert read(png(texts)).claim is claim


def test_tags_of_exif():
    tags = Image.Exif()
    tags[0x010E] = "Signature: " + "q0+/" * 40
    tags[0x013B] = GUID
    assert read(with_exif(tags)).generator == "Grok"
    tags = Image.Exif()
    tags[0x0131], tags[0x0110], tags[0x010E] = "AI generated;txt2img;flux", "flux-schnell", "a fox"
    found = read(with_exif(tags))
    assert (found.generator, found.model, found.prompt) == ("FLUX", "flux-schnell", "a fox")


@pytest.mark.parametrize(
    "texts",
    [
        {},
        {"Software": "Adobe Photoshop 25.0", "Title": "AI generated image of my fears"},
        {"Description": "My fox. Job ID: 12", "Comment": "Drawn with seed 7 of sunflower"},
        {"prompt": "Inktober, day 7: a fox", "Author": "me"},
        {"prompt": {"day": 7, "text": "a fox"}, "workflow": {"nodes": []}},
        {"parameters": "brush: round; steps: three"},
        {"Comment": {"layers": 3, "model": "a friend", "scale": 2}},
        {"Artist": GUID},
    ],
)
def test_what_people_write_is_no_parameters(texts):
    data = png(texts)
    assert GenerationParametersReader().read(data, decode(data)) == ()


def test_the_form_that_says_most_speaks():
    texts = {**NOVELAI, "parameters": "a fox\nSteps: 20, Seed: 7, Denoising strength: 0.3"}
    assert read(png(texts)).reader == "novelai"


def test_long_prompts_and_names_are_cut():
    settings = f"Steps: 20, Seed: 7, Model: {'m' * 5000}"
    found = read(png({"parameters": f"{'fox ' * 20_000}\n{settings}"}))
    assert len(found.prompt) <= 20_000
    assert len(found.model) <= 200
    assert len(found.text) < 1000


def rows(data_dir, split):
    with (data_dir / "manifest.csv").open(newline="") as manifest:
        return [row for row in csv.DictReader(manifest) if row["split"] == split]


def test_every_real_file_with_parameters(data_dir):
    """What the manifest says of the generator is what the file says, in other words."""
    names = {
        "SD3/3.5": ("Stable Diffusion 3.5", "Stable Diffusion 3"),
        "FLUX": ("FLUX",),
        "Stable Cascade": ("Stable Cascade",),
        "Qwen-Image": ("Qwen-Image",),
        "NovelAI": ("NovelAI",),
        "other (vladmandic)": ("Anima",),
    }
    seen = 0
    for row in rows(data_dir, "files"):
        if not {"comfyui", "novelai", "exif+sd-parameters"} & {row["metadata"]}:
            continue
        found = read((data_dir / row["path"]).read_bytes())
        assert found.claim is Claim.AI_MADE, row["path"]
        assert found.generator in names[row["generator"]], row["path"]
        assert found.prompt
        assert found.seed
        seen += 1
    assert seen >= 14


def test_no_human_work_is_accused(data_dir):
    reader = GenerationParametersReader()
    for row in rows(data_dir, "dev"):
        if row["label"] == "human":
            data = (data_dir / row["path"]).read_bytes()
            assert reader.read(data, decode(data, min_side=448)) == (), row["path"]


@pytest.mark.parametrize("carrier", ["JPEG", "WEBP", "text"])
def test_novelai_as_one_object(carrier):
    comment = {"prompt": "1girl, fox ears", "seed": 777, "request_type": "PromptGenerateRequest"}
    fields = {"Software": "NovelAI", "Source": "NovelAI Diffusion V4.5", "Comment": comment}
    for value in (fields, {**fields, "Comment": json.dumps(comment)}):
        text = json.dumps(value)
        if carrier == "text":
            data = png({"parameters": text})
        else:
            data = picture(carrier, exif=exif({}, {USER_COMMENT: b"ASCII\0\0\0" + text.encode()}))
        (signal,) = GenerationParametersReader().read(*opened(data))
        assert (signal.generator, signal.seed, signal.prompt) == (
            "NovelAI",
            "777",
            "1girl, fox ears",
        )


def test_parameters_in_an_iptc_caption():
    data = picture("TIFF", tiffinfo={33723: caption("a fox\nSteps: 20, Sampler: Euler, Seed: 7")})
    (found,) = GenerationParametersReader().read(*opened(data))
    assert (found.claim, found.prompt, found.seed) == (Claim.AI_MADE, "a fox", "7")
