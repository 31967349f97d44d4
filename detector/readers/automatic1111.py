"""Parameters as AUTOMATIC1111's web UI writes them, and the many tools that write them so too.

Forge, reForge, SD.Next, Civitai, Fooocus, stable-diffusion.cpp and others: a prompt, a line
"Negative prompt: ...", and a last line "Steps: 20, Sampler: Euler, Seed: 1, ...". In a PNG they
are the text `parameters`, in JPEG and WebP the EXIF UserComment.
Source: https://github.com/AUTOMATIC1111/stable-diffusion-webui/wiki/Features#png-info
"""

import re

from detector.readers.generation import Parameters, Process, Texts

_LONGEST = 256 * 1024
_LONGEST_SETTINGS = 32 * 1024

_SETTINGS = re.compile(r"(?:^|\n|[ ,])Steps: ?\d{1,5}\s*(?:,|\n|$)")
_PAIR = re.compile(r'([\w][\w \-/]{0,60}):\s*("(?:\\.|[^"\\])*"|[^,\n]*)(?:,|\n|$)')
_NEGATIVE = re.compile(r"(?:^|\n)Negative prompt:")

# Steps alone may stand in a recipe: at least one of these comes with them.
_COMPANIONS = ("Sampler", "Seed", "CFG scale", "Model hash", "Model", "Schedule type")

_MASK_KEYS = ("Mask blur", "Masked content", "Inpaint area", "Mask mode", "Masked area padding")
_HIRES_KEYS = ("Hires upscale", "Hires upscaler", "Hires steps", "Hires resize", "First pass size")

_TOOLS = (
    (r"App: ?SD\.Next", "SD.Next"),
    (r"Version: ?\"?ComfyUI", "ComfyUI"),
    (r"Version: ?\"?RuinedFooocus", "RuinedFooocus"),
    (r"Version: ?\"?Fooocus", "Fooocus"),
    (r"Version: ?\"?stable-diffusion\.cpp", "stable-diffusion.cpp"),
    (r"Version: ?\"?(?:neo|f\d)|Version: ?\"?classic", "Stable Diffusion web UI Forge"),
    (r"Version: ?\"?reforge|reForge", "Stable Diffusion web UI reForge"),
    (r"Civitai (?:resources|metadata)", "Civitai"),
    (r"Draw Things", "Draw Things"),
    (r"Version: ?\"?v?\d|Model hash: ", "Stable Diffusion web UI"),
)


def read(texts: Texts) -> Parameters | None:
    """The parameters in the first text that has this form; None where there is none."""
    for _, text in texts:
        if "Steps:" in text[:_LONGEST]:
            found = parse(text[:_LONGEST])
            if found:
                return found
    return upscaled(texts)


def parse(text: str) -> Parameters | None:
    """The parameters in one text, or None where it has another form.

    Args:
        text: At most some hundred kilobytes.
    """
    places = list(_SETTINGS.finditer(text))
    if not places:
        return None
    line = text[places[-1].start() : places[-1].start() + _LONGEST_SETTINGS].lstrip(" ,")
    values = {key.strip(): value.strip().strip('"') for key, value in _PAIR.findall(line)}
    if not any(key in values for key in _COMPANIONS):
        return None
    head = text[: places[-1].start()]
    negative = _NEGATIVE.search(head)
    prompt = head[: negative.start()] if negative else head
    process, strength = _process(values)
    return Parameters(
        format="automatic1111",
        tool=_tool(line),
        process=process,
        model=values.get("Model") or values.get("Base model"),
        prompt=prompt.strip(" ,\n") or None,
        seed=values.get("Seed"),
        strength=strength,
    )


def upscaled(texts: Texts) -> Parameters | None:
    """The form of the tab that only post-processes an image: upscalers and face restoration."""
    for keyword, text in texts:
        if keyword in ("postprocessing", "extras") and "Postprocess" in text:
            upscaler = re.search(r"Postprocess upscaler: ?([^,\n]{1,100})", text)
            if upscaler and upscaler[1].strip() not in ("None", "Lanczos", "Nearest"):
                return Parameters(
                    format="automatic1111",
                    tool="Stable Diffusion web UI",
                    process=Process.UPSCALE,
                    model=upscaler[1].strip(),
                )
    return None


def _process(values: dict[str, str]) -> tuple[Process, float | None]:
    operations = values.get("Operations", "")
    strength = _number(values.get("Denoising strength") or values.get("Denoise strength"))
    if any(key in values for key in _MASK_KEYS) or "inpaint" in operations:
        return Process.INPAINT, strength
    if "img2img" in operations:
        return Process.IMAGE, strength
    if "txt2img" in operations or any(key in values for key in _HIRES_KEYS):
        return Process.TEXT, None
    if strength:  # text to image carries none, or 0
        return Process.IMAGE, strength
    return Process.TEXT, None


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0 <= number <= 1 else None


def _tool(line: str) -> str:
    return next((name for form, name in _TOOLS if re.search(form, line)), "Stable Diffusion")
