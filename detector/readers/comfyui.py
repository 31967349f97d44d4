"""ComfyUI: from the node that saved the image back to the sampler that made it.

A PNG carries the graph twice: `prompt` as it ran and `workflow` as it lay on the screen. Other
formats carry them in EXIF texts that begin with these words and a colon.
Source: https://docs.comfy.org/development/core-concepts/workflow
"""

import re
from collections.abc import Iterator, Mapping

from detector.json_text import first_text, json_object
from detector.readers.comfyui_graph import Graph, api_graph
from detector.readers.comfyui_screen import screen_graph
from detector.readers.comfyui_text import prompt_of
from detector.readers.comfyui_walk import Walk
from detector.readers.generation import Parameters, Process, Texts
from detector.readers.programs import NODE_NAMES, plain_class

_FORM = "comfyui"
_TOOL = "ComfyUI"
_PREFIX = re.compile(r"\s*(prompt|workflow)\s*:\s*(?=\{)", re.IGNORECASE)


def read(texts: Texts) -> Parameters | None:
    """What the graphs in these texts say; None where there is none that makes an image."""
    for source in _sources(texts, "prompt"):
        found = _parameters(api_graph(source))
        if found:
            return found
    for source in _sources(texts, "workflow"):
        found = _parameters(screen_graph(source))
        if found:
            return found
    return None


def _sources(texts: Texts, form: str) -> Iterator[Mapping[str, object]]:
    for keyword, text in texts:
        prefix = _PREFIX.match(text[:40])
        named = prefix[1].lower() if prefix else keyword.lower()
        if named != form and not (keyword.endswith(":UserComment") and not prefix):
            continue
        source = json_object(text[prefix.end() :] if prefix else text)
        if source is None:
            continue
        inner = source.get(form)  # some writers put both into one object
        source = inner if isinstance(inner, dict) else source
        if form == "prompt" or isinstance(source.get("nodes"), list):
            yield source


def _parameters(graph: Graph) -> Parameters | None:
    walk = Walk(graph)
    if walk.sampler is not None:
        return Parameters(
            format=_FORM,
            tool=_TOOL,
            process=walk.process(),
            model=walk.model(),
            prompt=walk.prompt(),
            seed=walk.seed(),
            strength=walk.strength(),
        )
    if walk.service is not None:
        node = graph[walk.service]
        known = NODE_NAMES.find(plain_class(node.kind))
        return Parameters(
            format=_FORM,
            tool=_TOOL,
            generator=known,
            process=Process.INSTRUCTION if walk.loaded else Process.TEXT,
            model=None if known else f"an unknown image node, {node.kind[:100]}",
            prompt=prompt_of(graph, [walk.service]),
            seed=first_text(node.values, "seed"),
        )
    if walk.enhanced:
        return Parameters(format=_FORM, tool=_TOOL, process=Process.UPSCALE)
    return None
