"""Parameters as AUTOMATIC1111's web UI writes them, and the many tools that write them so too.

Forge, reForge, SD.Next, Civitai, Fooocus, stable-diffusion.cpp and others: a prompt, a line
"Negative prompt: ...", and a last line "Steps: 20, Sampler: Euler, Seed: 1, ...". In a PNG they
are the text `parameters`, in JPEG and WebP the EXIF UserComment.
Source: https://github.com/AUTOMATIC1111/stable-diffusion-webui/wiki/Features#png-info
"""

import re

from detector.readers.generation import Parameters, Process, Texts
from detector.readers.programs import SETTINGS_NAMES

_LONGEST = 256 * 1024

# A key stands at the beginning of the text or of a line, or behind what ends a sentence or a pair.
_KEY = re.compile(
    r"(?<![^\s,.;])(?:Steps|Sampler|Seed|CFG scale|Size|Model hash|Model|Schedule type): ?",
    re.IGNORECASE,
)
_PAIR = re.compile(r'\s*([\w][\w \-/]{0,60}):\s*("(?:\\.|[^"\\])*"|[^,\n]*)(?:,|\n|$)')
_NEGATIVE = re.compile(r"(?<!\w)Negative prompt:", re.IGNORECASE)
_TEMPLATE = re.compile(r"(?:^|\n)(?:Negative )?Template:")
_MOST_PLACES = 50
_MOST_PAIRS = 300

# A pair counts where its value can be one: a recipe has steps, too, and a seed that is a pumpkin.
_VALUES = {
    "steps": re.compile(r"\d{1,5}(?:\.\d+)?"),
    "seed": re.compile(r"-?\d{1,25}"),
    "cfg scale": re.compile(r"\d{1,3}(?:\.\d+)?"),
    "size": re.compile(r"\d{1,5} ?x ?\d{1,5}"),
    "model hash": re.compile(r"[0-9a-fA-F]{6,64}"),
    "model": re.compile(r".+"),
    "sampler": re.compile(r".+"),
    "schedule type": re.compile(r".+"),
}
_STEPS = "steps"
_FEWEST, _FEWEST_WITHOUT_STEPS = 2, 3

_MASK_KEYS = ("mask blur", "masked content", "inpaint area", "mask mode", "masked area padding")
_HIRES_KEYS = ("hires upscale", "hires upscaler", "hires steps", "hires resize", "first pass size")


def read(texts: Texts) -> Parameters | None:
    """The parameters in the first text that has this form; None where there is none."""
    for _, text in texts:
        found = parse(text[:_LONGEST])
        if found:
            return found
    return upscaled(texts)


def parse(text: str) -> Parameters | None:
    """The parameters in one text, or None where it has another form.

    Args:
        text: At most some hundred kilobytes.
    """
    start, values = _settings(text)
    if not values:
        return None
    head = text[:start]
    negative = _NEGATIVE.search(head)
    prompt = head[: negative.start()] if negative else head
    template = _TEMPLATE.search(prompt)
    prompt = prompt[: template.start()] if template else prompt
    process, strength = _process(values)
    return Parameters(
        format="automatic1111",
        tool=SETTINGS_NAMES.find(text[start:]) or "Stable Diffusion",
        process=process,
        model=values.get("model") or values.get("base model"),
        prompt=prompt.strip(" ,\n").removesuffix(",.").rstrip(" ,") or None,
        seed=values.get("seed"),
        strength=strength,
    )


def _settings(text: str) -> tuple[int, dict[str, str]]:
    """Where the settings begin, and their values by key in lower case; none where there are none.

    They are the last run of pairs with enough that only a generator writes, in whatever order; the
    negative prompt stands before them, and may hold anything.
    """
    negative = max((found.end() for found in _NEGATIVE.finditer(text)), default=0)
    places = [found.start() for found in _KEY.finditer(text, negative)][-_MOST_PLACES:]
    runs = [(place, values) for place in places if _is_enough(values := _pairs(text, place))]
    # Nearly all tools begin a line with them. On one line with the prompts, they begin at once.
    of_a_line = [run for run in runs if run[0] == 0 or text[run[0] - 1] == "\n"]
    return of_a_line[-1] if of_a_line else runs[0] if runs else (0, {})


def _is_enough(values: dict[str, str]) -> bool:
    known = {key for key, form in _VALUES.items() if form.fullmatch(values.get(key, ""))}
    return len(known) >= (_FEWEST if _STEPS in known else _FEWEST_WITHOUT_STEPS)


def _pairs(text: str, start: int) -> dict[str, str]:
    """The pairs that stand one behind the other from a place on, by key in small letters."""
    values: dict[str, str] = {}
    at = start
    limit = min(len(text), start + SETTINGS_NAMES.longest)
    while len(values) < _MOST_PAIRS and (pair := _PAIR.match(text, at, limit)):
        values.setdefault(pair[1].strip().lower(), pair[2].strip().strip('"'))
        at = max(pair.end(), at + 1)
    return values


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
    operations = values.get("operations", "")
    strength = _number(values.get("denoising strength") or values.get("denoise strength"))
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
