"""From the name of a model file to the family that people know."""

import re

from detector.readers.programs import MODEL_NAMES


def family(model: str | None) -> str | None:
    """The family of a model, or None where its name does not tell.

    Fine-tuned models whose base is commonly known stand under their base; the rest has no family,
    only the model's own name.

    Args:
        model: The name of a file, a repository or a product; folders before it do not matter
            unless the name alone says nothing.
    """
    if not model:
        return None
    name = re.split(r"[\\/]", model[: MODEL_NAMES.longest])[-1]
    return MODEL_NAMES.find(name) or MODEL_NAMES.find(model)
