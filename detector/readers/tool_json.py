"""Tools that write their parameters as one JSON object, each with keys of its own.

SwarmUI, Fooocus, RuinedFooocus, Easy Diffusion, Draw Things, Tensor.Art, Civitai, mflux, NMKD,
Stability Matrix and others: in a PNG as a text, elsewhere in the UserComment of EXIF or XMP.
"""

from dataclasses import dataclass

from detector.json_text import first_number, first_text, json_object
from detector.readers.generation import Parameters, Process, Texts

_Values = dict[str, object]

_MOST_OBJECTS = 8


@dataclass(frozen=True)
class _Dialect:
    """How one tool names things.

    Attributes:
        tool: The tool as people know it; None for a dialect that several share.
        marks: Keys that only its objects have together; the first dialect that fits counts.
        prompt: Keys of the prompt, the best first; and so on.
        started: Keys whose value, if there is any, says that an image was started from.
        masked: The same of a mask.
        within: Key of an inner object that holds all this.
    """

    tool: str | None
    marks: tuple[str, ...]
    prompt: tuple[str, ...] = ("prompt",)
    model: tuple[str, ...] = ("model",)
    seed: tuple[str, ...] = ("seed",)
    strength: tuple[str, ...] = ("strength",)
    started: tuple[str, ...] = ()
    masked: tuple[str, ...] = ()
    within: str | None = None


_DIALECTS = (
    _Dialect(
        "SwarmUI",
        ("sui_image_params",),
        within="sui_image_params",
        strength=("initimagecreativity",),
        started=("initimage", "initimagecreativity"),
        masked=("maskimage",),
    ),
    _Dialect(
        "Fooocus",
        ("base_model", "metadata_scheme"),
        prompt=("prompt", "full_prompt"),
        model=("base_model",),
    ),
    _Dialect("Fooocus", ("Base Model", "Prompt"), ("Prompt",), ("Base Model",), ("Seed",)),
    _Dialect(
        "RuinedFooocus",
        ("Prompt", "base_model_name"),
        prompt=("Prompt",),
        model=("base_model_name",),
        strength=("denoise",),
        started=("input_image",),
    ),
    _Dialect(
        "Easy Diffusion",
        ("prompt", "use_stable_diffusion_model"),
        model=("use_stable_diffusion_model",),
        strength=("prompt_strength",),
        started=("init_image", "prompt_strength"),
        masked=("mask",),
    ),
    _Dialect(
        "Easy Diffusion",
        ("Prompt", "Stable Diffusion model"),
        prompt=("Prompt",),
        model=("Stable Diffusion model",),
        seed=("Seed",),
        strength=("Prompt Strength",),
        started=("Prompt Strength",),
    ),
    _Dialect("Draw Things", ("c", "uc", "seed"), prompt=("c",)),
    _Dialect(
        "Tensor.Art",
        ("prompt", "baseModel"),
        model=("modelFileName", "modelName", "label"),
        strength=("denoisingStrength",),
    ),
    _Dialect("Tensor.Art", ("prompt", "models"), model=("modelFileName", "modelName")),
    _Dialect(
        "Stability Matrix", ("PositivePrompt",), ("PositivePrompt",), ("ModelName",), ("Seed",)
    ),
    _Dialect(
        "mflux",
        ("mflux_version",),
        strength=("image_strength",),
        started=("image_path", "init_image_path", "image_paths"),
        masked=("masked_image_path",),
    ),
    _Dialect(
        "NMKD Stable Diffusion GUI",
        ("Prompt", "InitImg"),
        prompt=("Prompt",),
        model=("Model",),
        seed=("Seed",),
        started=("InitImg",),
    ),
    _Dialect(
        "Civitai",
        ("prompt", "negativePrompt"),
        model=("modelName", "model", "baseModel"),
        strength=("denoise",),
    ),
)

# Of whatever tool: a prompt beside at least two of the settings that only generators have.
_PROMPTS = ("prompt", "Prompt", "positive_prompt", "positivePrompt", "text_prompt", "textPrompt")
# fmt: off
_SETTINGS = frozenset({
    "seed", "steps", "sampler", "samplername", "scheduler", "cfg", "cfgscale", "guidance",
    "guidancescale", "scale", "numinferencesteps", "negativeprompt", "model", "modelname",
    "basemodel", "modelhash",
})
# fmt: on
_ANY = _Dialect(
    None,
    (),
    prompt=_PROMPTS,
    model=("model", "Model", "model_name", "modelName", "base_model", "baseModel", "checkpoint"),
    seed=("seed", "Seed"),
    strength=("denoising_strength", "strength"),
    started=("init_image", "input_image", "image_path"),
    masked=("mask", "mask_image"),
)


def read(texts: Texts) -> Parameters | None:
    """What the first object of a known form says; None where there is none."""
    tried = 0
    for keyword, text in texts:
        if keyword == "workflow" or text.lstrip()[:1] != "{":
            continue
        values = json_object(text)
        found = parse(values) if values else None
        tried += 1
        if found or tried >= _MOST_OBJECTS:
            return found
    return None


def parse(values: _Values) -> Parameters | None:
    """The parameters in one object, or None where it is none of them."""
    for dialect in _DIALECTS:
        if all(mark in values for mark in dialect.marks):
            return _translated(values, dialect)
    keys = {key.lower().replace("_", "").replace(" ", "") for key in list(values)[:500]}
    if len(keys & _SETTINGS) >= 2 and isinstance(first_text(values, *_PROMPTS), str):
        return _translated(values, _ANY)
    return None


def _translated(values: _Values, dialect: _Dialect) -> Parameters:
    inner = values.get(dialect.within) if dialect.within else values
    inner = inner if isinstance(inner, dict) else {}
    prompt = first_text(inner, *dialect.prompt)
    model = first_text(inner, *dialect.model) or _nested_model(inner, dialect)
    strength = first_number(inner, *dialect.strength)
    if any(inner.get(key) for key in dialect.masked):
        process = Process.INPAINT
    elif any(inner.get(key) for key in dialect.started):
        process = Process.IMAGE
    else:
        process = Process.TEXT
    return Parameters(
        format="tool-json",
        tool=dialect.tool,
        process=process,
        model=model,
        prompt=prompt,
        seed=first_text(inner, *dialect.seed),
        strength=strength if process is Process.IMAGE else None,
    )


def _nested_model(values: _Values, dialect: _Dialect) -> str | None:
    """The name within an object or a list of objects, of which the base model is one."""
    for key in ("baseModel", "model", "Model", "models"):
        inner = values.get(key)
        for one in inner[:100] if isinstance(inner, list) else [inner]:
            if isinstance(one, dict) and one.get("type", "BASE_MODEL") == "BASE_MODEL":
                return first_text(one, *dialect.model, "name", "Model")
    return None
