"""NovelAI: PNG texts `Title`, `Description`, `Software`, `Source` and `Comment` (JSON).

Source: https://docs.novelai.net/en/image (the fields as they stand in its files)
"""

import json

from detector.json_text import first_number, first_text, json_object
from detector.readers.generation import Parameters, Process, Texts

_TITLES = ("AI generated image", "NovelAI generated image")

_PROCESSES = {
    "Img2ImgRequest": Process.IMAGE,
    "NativeInfillingRequest": Process.INPAINT,
    "InfillingRequest": Process.INPAINT,
    "UpscaleRequest": Process.UPSCALE,
    "AugmentRequest": Process.INSTRUCTION,
}


def read(texts: Texts) -> Parameters | None:
    """What NovelAI wrote, or None."""
    fields = {keyword.removeprefix("EXIF:"): text for keyword, text in reversed(texts)}
    for _, text in texts:
        fields |= _object(text)
    comment = json_object(fields.get("Comment", "")) or {}
    software = fields.get("Software", "")
    source = fields.get("Source", "")
    if not (
        software.strip() == "NovelAI"
        or source.startswith("NovelAI")
        or (fields.get("Title") in _TITLES and comment)
    ):
        return None
    kind = comment.get("request_type")
    process = _PROCESSES.get(kind, Process.TEXT) if isinstance(kind, str) else Process.TEXT
    return Parameters(
        format="novelai",
        tool="NovelAI",
        process=process,
        generator="NovelAI",
        model=source or None,
        prompt=_prompt(comment) or fields.get("Description"),
        seed=first_text(comment, "seed"),
        # It stands there for text to image, too, and means nothing then.
        strength=first_number(comment, "strength") if process is Process.IMAGE else None,
    )


def _object(text: str) -> dict[str, str]:
    """The fields in a text that holds all of them as one JSON object, as tools copy them."""
    if '"Software"' not in text and '"Source"' not in text:
        return {}
    values = json_object(text) or {}
    found = {name: value for name, value in values.items() if isinstance(value, str)}
    comment = values.get("Comment")
    if isinstance(comment, dict):
        found["Comment"] = json.dumps(comment)
    return found if {"Software", "Source", "Comment"} & found.keys() else {}


def _prompt(comment: dict[str, object]) -> str | None:
    """The base prompt and those of the characters, which version 4 keeps apart."""
    prompt = comment.get("v4_prompt")
    caption = prompt.get("caption") if isinstance(prompt, dict) else None
    if not isinstance(caption, dict):
        return first_text(comment, "prompt")
    characters = caption.get("char_captions")
    parts = [caption.get("base_caption")]
    parts += [
        character.get("char_caption")
        for character in (characters if isinstance(characters, list) else [])
        if isinstance(character, dict)
    ]
    return "\n".join(part for part in parts if isinstance(part, str) and part) or None
