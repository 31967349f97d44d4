"""The family of the generator, from its name.

From a name alone, never from pixels. What the features tell was measured on the training images,
every generator held out once: linear heads on the class tokens of all blocks called 94 of 103
pictures by VQGAN+CLIP and 45 of 47 by DALL-E mini `diffusion`, 32 and 33 of them with a confidence
above 0.9, while the pictures of diffusion models came out right. The embedding and the patch
statistics did no better. There is one generator of each other family among the images, so a head
learns that generator and its prompts, not the family: a guess would be wrong just where it counts.
"""

import re
from functools import cache

from detector.readers.programs import ProgramKind, programs
from evidence.ai import GeneratorFamily


def generator_family(name: str | None) -> GeneratorFamily:
    """The family of a generator.

    Looks for the technologies of `readers/programs.csv`, which also says where each family is
    stated. Spelling matters little: `DALL·E 3`, `dalle-3` and `DALL-E 3 (HD)` are the same. Where a
    name is part of a longer known one, the longer counts; where two known names disagree, the
    family is unknown.

    Args:
        name: As people, files or manifests name it ("SDXL finetune"); None where it is not known.
    """
    known = _table()
    parts = _parts(name or "")[:_LONGEST]
    spans = [
        (start, end, family)
        for start in range(len(parts))
        for end in range(start + 1, min(start + _MOST_PARTS, len(parts)) + 1)
        if (family := known.get("".join(parts[start:end])))
    ]
    families = {
        family
        for start, end, family in spans
        if not any(a <= start and end <= b and (a, b) != (start, end) for a, b, _ in spans)
    }
    return families.pop() if len(families) == 1 else GeneratorFamily.UNKNOWN


_LONGEST = 40
"""Parts of a name that are looked at: it comes from a file and may be of any length."""

_MOST_PARTS = 8
"""That a known name falls into, however it is spelled."""


def _parts(name: str) -> list[str]:
    """Words and numbers, in lower case; `ponyDiffusionV6` is four."""
    found = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+", name)
    return [part.lower() for part in found]


@cache
def _table() -> dict[str, GeneratorFamily]:
    """Families by the name's parts, put together."""
    rows = programs(ProgramKind.TECHNOLOGY)
    return {"".join(_parts(row.pattern)): GeneratorFamily(row.name) for row in rows}
