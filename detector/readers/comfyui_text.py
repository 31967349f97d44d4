"""The prompt in a ComfyUI graph, put together from the nodes that its text went through."""

import re

from detector.readers.comfyui_graph import Graph, Node

_LONGEST = 20_000
_DEEPEST = 30
_MOST_STEPS = 300

# Fields of nodes that encode text, the one that says most first.
# fmt: off
_ENCODED = (
    "text", "prompt", "positive", "positive_prompt", "text_g", "text_l", "t5xxl", "clip_l",
    "populated_text", "wildcard_text", "text_positive", "positive_g", "llama", "gemma",
    "qwen25_7b", "caption",
)
# fmt: on
# Fields of nodes that hold or join text.
_HELD = re.compile(
    r"(?:text|string|str|prompt|value|positive|populated|input|any|source|content|caption|a|b|c)"
    r"(?:[_ ]?(?:\d+|[a-h]|text|string|positive|prompt|g|l))?",
    re.IGNORECASE,
)

# Where nodes that draw at random say what they drew.
_DRAWN = "populated_text"

# What these let through was drawn at random or in turn, and the graph does not say what came.
_UNRESOLVED = ("cycler", "random", "wildcard", "foreach", "loadtext", "linefrom")


def prompt_of(graph: Graph, keys: list[str]) -> str | None:
    """The text that these nodes encode; each different text once, a line each.

    Args:
        graph: All nodes.
        keys: Ids of nodes, the nearest to the sampler first.

    Returns:
        At most 20,000 characters; None where no text was found.
    """
    steps = [_MOST_STEPS]
    found: list[str] = []
    for key in keys:
        node = graph.get(key)
        if node is None:
            continue
        names = [name for name in _ENCODED if name in node.values or name in node.links]
        names = [_DRAWN] if _DRAWN in names else names
        parts = [_text(graph, node, name, _DEEPEST, steps) for name in names]
        if not names and "TextEncode" in node.kind:
            parts = list(node.texts[:1])
        found += [part.strip() for part in parts]
    return "\n".join(dict.fromkeys(part for part in found if part))[:_LONGEST] or None


def _text(graph: Graph, node: Node, name: str, depth: int, steps: list[int]) -> str:
    """One field as text, through at most `depth` nodes one behind the other."""
    value = node.values.get(name)
    if isinstance(value, str):
        return value[:_LONGEST]
    link = node.links.get(name)
    source = graph.get(link.node) if link else None
    steps[0] -= 1
    if source is None or depth <= 0 or steps[0] <= 0:
        return ""
    kind = source.kind.lower().replace(" ", "").replace("_", "")
    if any(word in kind for word in _UNRESOLVED):
        drawn = source.values.get(_DRAWN)
        return drawn[:_LONGEST] if isinstance(drawn, str) else ""
    names = sorted(name for name in (*source.values, *source.links) if _HELD.fullmatch(name))
    parts = [_text(graph, source, one, depth - 1, steps) for one in names]
    parts = list(dict.fromkeys(parts)) or list(source.texts[:1])
    joint = source.values.get("delimiter", source.values.get("separator"))
    joint = joint[:10] if isinstance(joint, str) else ""
    return joint.join(part for part in parts if part)[:_LONGEST]
