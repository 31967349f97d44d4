"""From the name of a model file to the family that people know."""

import re

# The first that matches counts, so the narrower comes first. Fine-tuned models whose base is
# commonly known stand under their base; the rest has no family, only the model's own name.
_FAMILIES = tuple(
    (re.compile(pattern, re.IGNORECASE), name)
    for pattern, name in (
        (r"novel.?ai|nai[-_ ]?diffusion|\bnai[-_ ]?(v\d|anime|furry)", "NovelAI"),
        (r"midjourney|niji[-_ ]?\d", "Midjourney"),
        (r"dall[-_ ·]?e[-_ ]?3", "DALL-E 3"),
        (r"dall[-_ ·]?e[-_ ]?2", "DALL-E 2"),
        (r"dall[-_ ·]?e", "DALL-E"),
        (r"gpt[-_ ]?image|gpt[-_ ]?4o", "GPT Image"),
        (r"nano[-_ ]?banana|gemini", "Gemini"),
        (r"imagen[-_ ]?\d?", "Imagen"),
        (r"firefly", "Adobe Firefly"),
        (r"kontext", "FLUX Kontext"),
        (r"flux|chroma[-_ ]?(unlocked|v\d|\d|hd)", "FLUX"),
        (r"qwen[-_ ]?image", "Qwen-Image"),
        (r"z[-_ ]?image", "Z-Image"),
        (r"hidream", "HiDream"),
        (r"hunyuan", "Hunyuan"),
        (r"seedream|jimeng|dreamina", "Seedream"),
        (r"seededit", "SeedEdit"),
        (r"kolors", "Kolors"),
        (r"kandinsky", "Kandinsky"),
        (r"pixart", "PixArt"),
        (r"lumina|neta[-_ ]?art", "Lumina"),
        (r"aura[-_ ]?flow|pony[-_ ]?v?7", "AuraFlow"),
        (r"wan[-_ ]?2|\bwan\b", "Wan"),
        (r"ltx", "LTX"),
        (r"cosmos", "Cosmos"),
        (r"omnigen", "OmniGen"),
        (r"\bsana\b|sana[-_]\d", "Sana"),
        (r"ideogram", "Ideogram"),
        (r"recraft", "Recraft"),
        (r"playground", "Playground"),
        (r"leonardo", "Leonardo"),
        (r"stable[-_ ]?cascade|w[uü]rstchen", "Stable Cascade"),
        (r"sd[-_ ]?3\.?5|stable[-_ ]?diffusion[-_ ]?3[.-]5", "Stable Diffusion 3.5"),
        (r"\bsd[-_ ]?3|stable[-_ ]?diffusion[-_ ]?3|sd3[_-]", "Stable Diffusion 3"),
        (r"anima(?![a-z])", "Anima"),
        (r"deep[-_ ]?floyd", "DeepFloyd IF"),
        (
            r"sd[-_ ]?_?xl|xl[-_ .]?(base|v?\d|turbo|lightning|\b)|pony|illustrious|noob[-_ ]?ai"
            r"|animagine|juggernaut|wai[-_ ]?(nsfw|illus|ani)|dreamshaperxl|xl(?=[^a-z]|$)",
            "Stable Diffusion XL",
        ),
        (
            r"sd[-_ ]?v?2[-_. ]?[01]|v2[-_]?[01]?[-_](768|512)|stable[-_ ]?diffusion[-_ ]?v?-?2",
            "Stable Diffusion 2",
        ),
        (
            r"sd[-_ ]?v?1[-_. ]?[45]|v1-5|v1-4|stable[-_ ]?diffusion[-_ ]?(v?-?1)|anything[-_ ]?v\d"
            r"|chillout|counterfeit|realistic[-_ ]?vision|deliberate|abyssorange|aom\d|meina"
            r"|revanimated|dreamshaper|pastel[-_ ]?mix|orangemix|epicrealism",
            "Stable Diffusion 1.5",
        ),
        (r"stable[-_ ]?diffusion", "Stable Diffusion"),
    )
)

_LONGEST_NAME = 300


def family(model: str | None) -> str | None:
    """The family of a model, or None where its name does not tell.

    Args:
        model: The name of a file, a repository or a product; folders before it do not matter
            unless the name alone says nothing.
    """
    if not model:
        return None
    model = model[:_LONGEST_NAME]
    name = re.split(r"[\\/]", model)[-1]
    for text in (name, model):
        for pattern, found in _FAMILIES:
            if pattern.search(text):
                return found
    return None
