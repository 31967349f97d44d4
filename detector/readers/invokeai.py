"""InvokeAI: `invokeai_metadata`, before that `sd-metadata`, before that `Dream`.

Source: https://github.com/invoke-ai/InvokeAI (invokeai/app/invocations/metadata.py)
"""

import re

from detector.json_text import first_number, first_text, json_object
from detector.readers.generation import Parameters, Process, Texts

_FORM = "invokeai"
_TOOL = "InvokeAI"
_DREAM_PROMPT = re.compile(r'^\s*"((?:\\.|[^"\\])*)"')
_DREAM_SEED = re.compile(r"\s-S\s?(\d{1,20})")
_DREAM_STRENGTH = re.compile(r"\s-f\s?([01]?\.?\d{0,6})(?=\s|$)")


def read(texts: Texts) -> Parameters | None:
    """What InvokeAI wrote, in the newest form that is there; None where there is none."""
    fields = dict(texts)
    current = json_object(fields.get("invokeai_metadata", ""))
    if current is not None:
        return _current(current)
    older = json_object(fields.get("sd-metadata", ""))
    if older is not None:
        return _older(older)
    dream = fields.get("Dream", "") or fields.get("dream", "")
    if dream.strip():
        return _dream(dream[:20_000])
    if "invokeai_graph" in fields or "invokeai_workflow" in fields:
        return Parameters(format=_FORM, tool=_TOOL)
    return None


def _current(values: dict[str, object]) -> Parameters:
    mode = values.get("generation_mode")
    mode = mode if isinstance(mode, str) else ""
    return Parameters(
        format=_FORM,
        tool=_TOOL,
        process=_process(mode, started="init_image" in values),
        model=_model(values.get("model")),
        prompt=first_text(values, "positive_prompt", "prompt"),
        seed=first_text(values, "seed"),
        strength=first_number(values, "strength", "denoising_strength"),
    )


def _process(mode: str, *, started: bool) -> Process:
    if "inpaint" in mode or "outpaint" in mode:
        return Process.INPAINT
    if "img2img" in mode or (started and "txt2img" not in mode):
        return Process.IMAGE
    return Process.TEXT


def _model(model: object) -> str | None:
    if isinstance(model, dict):
        return first_text(model, "name", "model_name")
    return model if isinstance(model, str) else None


def _older(values: dict[str, object]) -> Parameters:
    image = values.get("image")
    image = image if isinstance(image, dict) else {}
    prompts = image.get("prompt")
    if isinstance(prompts, list):
        parts = [first_text(one, "prompt") for one in prompts[:100] if isinstance(one, dict)]
        prompt = "\n".join(part for part in parts if part) or None
    else:
        prompt = first_text(image, "prompt")
    kind = image.get("type")
    return Parameters(
        format=_FORM,
        tool=_TOOL,
        process=_process(kind if isinstance(kind, str) else "", started="init_img" in image),
        model=first_text(values, "model_weights", "model"),
        prompt=prompt,
        seed=first_text(image, "seed"),
        strength=first_number(image, "strength"),
    )


def _dream(text: str) -> Parameters:
    """A command line: `"a prompt" -s 50 -S 42 -W 512 -H 512 -I start.png -f 0.7`."""
    prompt = _DREAM_PROMPT.match(text)
    options = text[prompt.end() :] if prompt else text
    seed = _DREAM_SEED.search(options)
    strength = _DREAM_STRENGTH.search(options)
    masked = " -M" in options or "--inpaint" in options or " -tm" in options
    started = " -I" in options or "--init_img" in options
    return Parameters(
        format=_FORM,
        tool=_TOOL,
        process=Process.INPAINT if masked else Process.IMAGE if started else Process.TEXT,
        prompt=prompt[1] if prompt else None,
        seed=seed[1] if seed else None,
        strength=first_number({"f": strength[1]}, "f") if strength and started else None,
    )
