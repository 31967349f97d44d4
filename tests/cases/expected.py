"""What is to be said of each case, in tables."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from evidence import EvidenceKind, Verdict

AI, OPEN, HUMAN = Verdict.AI, Verdict.INCONCLUSIVE, Verdict.HUMAN
PROVEN, STATED, INFERRED = EvidenceKind.PROVEN, EvidenceKind.STATED, EvidenceKind.INFERRED

FOX = "a red fox in snow"
XL = "sd_xl_base_1.0"


@dataclass(frozen=True)
class Said:
    """What is to be said of a file: by its verdict, evidence and generator, and by one signal."""

    verdict: Verdict
    evidence: EvidenceKind
    generator: str | None = None
    tool: str | None = None
    prompt: str | None = None
    seed: str | None = None
    artists: tuple[str, ...] = ()


def parameters(tool: str, seed: str, prompt: str = FOX, *, generator: str | None = None) -> Said:
    return Said(AI, STATED, generator or "Stable Diffusion XL", tool, prompt, seed)


WEBUI = Said(
    *(AI, STATED, "Stable Diffusion XL", "Stable Diffusion web UI"),
    *(f"{FOX}, by John Doe", "12345", ("John Doe",)),
)
ANONYMOUS = Said(AI, STATED)
FOOOCUS = parameters("Fooocus", "12", "a red fox")
NOVELAI = Said(AI, STATED, "NovelAI", "NovelAI", "1girl\nfox ears", "777")
SILENT = Said(HUMAN, INFERRED)

WRITTEN = {
    "usercomment-in-main-directory/a1111.jpg": WEBUI,
    "usercomment-in-main-directory/a1111.webp": WEBUI,
    "usercomment-in-main-directory/fooocus.jpg": FOOOCUS,
    "usercomment-in-main-directory/fooocus_no_software.jpg": FOOOCUS,
    "metatoolkit/metatoolkit.jpg": ANONYMOUS,
    "metatoolkit/metatoolkit.png": ANONYMOUS,
    "raw-profiles/exiv2_exif.png": WEBUI,
    "raw-profiles/exiv2_iptc.png": Said(AI, STATED, "Google AI"),
    "raw-profiles/imagemagick6_xmp.png": ANONYMOUS,
    "novelai-as-one-object/novelai.jpg": NOVELAI,
    "novelai-as-one-object/novelai.webp": NOVELAI,
    "several-comments/one.jpg": WEBUI,
    "several-comments/two.jpg": WEBUI,
    "two-xmp-packets/ai_first.jpg": ANONYMOUS,
    "two-xmp-packets/ai_last.jpg": ANONYMOUS,
    "plain-words/jpeg_comment.jpg": ANONYMOUS,
    "plain-words/nextcloud.jpg": ANONYMOUS,
    "jpeg-without-end/with_trailer.jpg": SILENT,
    "gif-without-end/whole.gif": SILENT,
}

EDITED = Said(OPEN, PROVEN)
SIGNED = {
    "1_template.jpg": EDITED,
    "2_adobe_parameter.jpg": EDITED,
    "3_generator_edited.jpg": Said(OPEN, PROVEN, "Adobe Firefly"),
    "4_agent_by_index.jpg": Said(OPEN, PROVEN, "Adobe's generative fill"),
    "5_generative_ai_assertion.jpg": Said(OPEN, PROVEN, "Adobe Firefly"),
    "6_opened_from_3rd_party_model.jpg": Said(AI, PROVEN, "Google AI"),
    "7_created_agent_by_index.jpg": Said(AI, PROVEN, "Google AI"),
    "8_right_today.jpg": EDITED,
}
"""A camera's capture, signed by somebody trusted, with a generator's part in it."""

SETTINGS = "Sampler: Euler a, CFG scale: 7, Seed: 5"
ON_ONE_LINE = f"Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 12345, Model: {XL}"
LABEL = {"Label": "1", "ContentProducer": "0011DEMOAI00000", "ProduceID": "v0300fg100"}


def graph(kind: str) -> str:
    return json.dumps(
        {
            "1": {"class_type": kind, "inputs": {"prompt": FOX, "seed": 5}},
            "9": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}},
        }
    )


def large_graph(longer: int) -> str:
    """A graph as ComfyUI writes it, with a picture of so many characters in one of its nodes."""
    nodes = {
        "3": ("KSampler", {"seed": 1, "denoise": 1.0, "model": ["4", 0], "positive": ["6", 0]}),
        "4": ("CheckpointLoaderSimple", {"ckpt_name": f"{XL}.safetensors"}),
        "6": ("CLIPTextEncode", {"text": "a red fox", "clip": ["4", 1]}),
        "8": ("VAEDecode", {"samples": ["3", 0], "vae": ["4", 2]}),
        "9": ("SaveImage", {"images": ["8", 0], "filename_prefix": "x"}),
        "20": ("LoadImage //Inspire", {"image_data": "A" * longer, "image": "#DATA"}),
    }
    return json.dumps({n: {"class_type": kind, "inputs": to} for n, (kind, to) in nodes.items()})


NAI = {
    "Title": "NovelAI generated image",
    "Software": "NovelAI",
    "Source": "NovelAI Diffusion V4.5 C02D4F98",
    "Comment": json.dumps(
        {
            "prompt": "1girl, fox ears",
            "seed": 777,
            "request_type": "PromptGenerateRequest",
            "v4_prompt": {
                "caption": {
                    "base_caption": "1girl",
                    "char_captions": [{"char_caption": "fox ears", "centers": [{"x": 0.5}]}],
                }
            },
        }
    ),
}


def infotext(settings: str, prompt: str = "a red fox") -> dict[str, str]:
    return {"parameters": f"{prompt}\nNegative prompt: lowres\n{settings}"}


# What one text of a PNG says: a row of name, text, and what is to be said of it.
TEXTS: tuple[tuple[str, Mapping[str, str], Said], ...] = (
    (
        "dots for newlines",
        {"parameters": f"{FOX},.Negative prompt: lowres, by Jane Roe.{ON_ONE_LINE}"},
        parameters("Stable Diffusion", "12345"),
    ),
    (
        "spaces for newlines",
        {"parameters": f"{FOX} Negative prompt: lowres, by Jane Roe {ON_ONE_LINE}"},
        parameters("Stable Diffusion", "12345"),
    ),
    (
        "steps last",
        infotext(f"{SETTINGS}, Model: {XL}, Steps: 20"),
        parameters("Stable Diffusion", "5", "a red fox"),
    ),
    (
        "steps in the middle",
        infotext(f"{SETTINGS}, Steps: 20, Model: {XL}"),
        parameters("Stable Diffusion", "5", "a red fox"),
    ),
    (
        "no steps",
        infotext(f"{SETTINGS}, Size: 512x512, Model hash: abcdef1234"),
        parameters(
            *("Stable Diffusion web UI", "5", "a red fox"), generator="Stable Diffusion web UI"
        ),
    ),
    (
        "lower case",
        infotext("steps: 20, sampler: euler, cfg scale: 7, seed: 5, model: x"),
        parameters("Stable Diffusion", "5", "a red fox", generator="Stable Diffusion"),
    ),
    (
        "steps as a float",
        infotext("Steps: 20.0, Sampler: euler, CFG scale: 7.0, Seed: 5, Model: x"),
        parameters("Stable Diffusion", "5", "a red fox", generator="Stable Diffusion"),
    ),
    ("label as Python writes it", {"AIGC": str(LABEL)}, ANONYMOUS),
    ("label under a lower-case key", {"aigc": json.dumps(LABEL)}, ANONYMOUS),
    ("label as a number", {"AIGC": json.dumps(LABEL | {"Label": 1})}, ANONYMOUS),
    ("label as a float", {"AIGC": json.dumps(LABEL | {"Label": 1.0})}, ANONYMOUS),
    ("NovelAI's texts as one", {"Comment": json.dumps(NAI)}, NOVELAI),
    ("comment", {"Comment": "Generated by AI"}, ANONYMOUS),
    ("creator", {"Creator": "ChatGPT"}, Said(AI, STATED, "ChatGPT")),
    ("author", {"Author": "Midjourney"}, Said(AI, STATED, "Midjourney")),
    ("source", {"Source": "DALL-E 3"}, Said(AI, STATED, "DALL-E 3")),
    ("description", {"Description": "Generated by DALL-E 3"}, Said(AI, STATED, "DALL-E 3")),
    *(
        (kind, {"prompt": graph(kind)}, parameters("ComfyUI", "5", generator=generator))
        for kind, generator in {
            "WanTextToImageApi": "Wan",
            "GrokImageNode": "Grok",
            "ReveImageCreateNode": "Reve",
            "GeminiNanoBanana2": "Gemini",
            "Krea2ImageNode": "Krea",
            "KlingOmniImageV3Node": "Kling",
            "Flux2ImageNode": "FLUX",
        }.items()
    ),
    *(
        (
            f"graph of {size}",
            {"prompt": large_graph(longer)},
            parameters("ComfyUI", "1", "a red fox"),
        )
        for size, longer in {"1 kB": 0, "4 MiB": 4 << 20, "12 MiB": 12 << 20}.items()
    ),
)
