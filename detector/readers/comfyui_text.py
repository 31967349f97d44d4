"""The prompt in a ComfyUI graph, put together from the nodes that its text went through."""

import re

from detector.readers.comfyui_graph import Graph, Node
from detector.readers.programs import plain_class

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

# Nodes of these classes hold a text and nothing else, so that one without a name is meant. Any
# other may have a key of its user's there.
_HOLDERS = re.compile(
    r"primitive(?:node|string\w*)|string(?:constant\w*)?|textmultiline|cr(?:prompt)?text"
)

# Passes on one of its two inputs.
_SWITCH = {True: "on_true", False: "on_false"}

# Where nodes that draw at random say what they drew.
_DRAWN = "populated_text"

# What these let through was drawn at random or in turn, or written by a language model, and the
# graph does not say what came.
_UNRESOLVED = (
    *("cycler", "random", "wildcard", "foreach", "loadtext", "linefrom"),
    *("textgenerate", "chat", "llm", "claude", "gemininode"),
)


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
    kind = plain_class(source.kind)
    if any(word in kind for word in _UNRESOLVED):
        drawn = source.values.get(_DRAWN)
        return drawn[:_LONGEST] if isinstance(drawn, str) else ""
    names = sorted(name for name in (*source.values, *source.links) if _HELD.fullmatch(name))
    if "switch" in source.values or "switch" in source.links:
        names = [_SWITCH[_is_on(graph, source)]]
    parts = [_text(graph, source, one, depth - 1, steps) for one in names]
    parts = list(dict.fromkeys(parts))
    if not names and _HOLDERS.fullmatch(kind):
        parts = list(source.texts[:1])
    joint = source.values.get("delimiter", source.values.get("separator"))
    joint = joint[:10] if isinstance(joint, str) else ""
    return joint.join(part for part in parts if part)[:_LONGEST]


def _is_on(graph: Graph, switch: Node) -> bool:
    link = switch.links.get("switch")
    source = graph.get(link.node) if link else None
    value = switch.values.get("switch") if source is None else source.values.get("value")
    return value is True
