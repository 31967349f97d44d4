"""The way back through a ComfyUI graph: which sampler made the image, from what, with what."""

import re
from collections import deque
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice

from detector.json_text import first_number, first_text
from detector.readers.comfyui_graph import REROUTE, Graph, Node
from detector.readers.comfyui_text import prompt_of
from detector.readers.generation import Process
from detector.readers.programs import ENHANCING_NODE_NAMES, NODE_NAMES, plain_class

_MOST_OUTPUTS = 20

_MODEL_FILE = re.compile(r"\.(?:safetensors|ckpt|gguf|sft|pt|pth|bin)$", re.IGNORECASE)

_ON_A_DISK = re.compile(r"(?:[A-Za-z]:)?[\\/]|~|[A-Za-z][\w+.-]+:")

# What takes words and gives a picture, and makes none: it finds or marks something in one.
_NO_MAKERS = (
    *("encode", "segment", "detect", "ground", "mask", "caption", "interrogat", "describe"),
    *("crop", "save", "preview", "rembg", "removeback", "overlay", "watermark", "metadata"),
)
_ASKED = frozenset({"prompt", "text_prompt", "prompt_text", "positive_prompt", "image_prompt"})

# Words in the names of inputs. Extensions name theirs freely, but rarely without one of these.
_MODEL = frozenset(
    {"ckpt", "checkpoint", "model", "model1", "guider", "pipe", "unet", "transformer", "base"}
)
# fmt: off
_POSITIVE = frozenset({
    "positive", "conditioning", "conditioning1", "conditioning2", "cond", "cond1", "cond2",
    "guider", "pipe", "to", "from", "1", "2", "embeds",
})
# fmt: on
_SEED = frozenset({"seed", "noise"})
# fmt: off
_NOT_PICTURE = frozenset({
    "model", "models", "clip", "vae", "positive", "negative", "conditioning", "cond", "control",
    "controlnet", "sigmas", "noise", "guider", "sampler", "mask", "masks", "scheduler", "width",
    "height", "seed", "text", "prompt", "string", "filename", "lora", "style", "reference", "ref",
    "ipadapter", "embeds", "detector", "bbox", "sam", "segm", "value", "value1", "any", "trigger",
    "pipe",
})
# fmt: on
# fmt: off
_MODEL_VALUES = (
    "ckpt_name", "unet_name", "base_ckpt_name", "diffusion_model", "gguf_name", "model_name",
    "checkpoint", "model_path", "base_model", "ckpt", "model", "repo_id", "transformer",
)
# fmt: on


class Walk:
    """One graph, walked back from its output.

    Attributes:
        sampler: Id of the sampler nearest to the output, or None.
        service: Id of the node nearest to the output that has a service make the image, or None;
            there is only one of the two.
        seen: Ids of the nodes that the picture came through, nearest first.
        loaded: Whether one of them loads an image.
        enhanced: Whether one of them enlarges or repairs it by a neural network.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.sampler: str | None = None
        self.service: str | None = None
        self.seen: list[str] = []
        for output in islice(_outputs(graph), _MOST_OUTPUTS):
            seen = self._search([output], _carries_picture)
            sampler = self._first(seen, _is_sampler)
            service = None if sampler else self._first(seen, is_service)
            if sampler or service or not self.seen:
                self.seen, self.sampler, self.service = seen, sampler, service
            if sampler or service:
                break
        else:  # wires without lines may part what made the image from the output
            samplers = [key for key, node in graph.items() if _is_sampler(node)]
            if samplers:
                self.sampler = samplers[-1]
                self.seen = self._search([self.sampler], _carries_picture)
            elif not self.seen:
                self.service = self._first(list(graph), is_known_service)
        nodes = [graph[key] for key in self.seen]
        self.loaded = any(_is_load(node) for node in nodes)
        self.enhanced = any(map(_enhances, nodes))

    def _first(self, keys: list[str], wanted: Callable[[Node], bool]) -> str | None:
        return next((key for key in keys if wanted(self._graph[key])), None)

    def process(self) -> Process:
        """How the sampler came to its image."""
        source = self._nodes(self._search([self.sampler or ""], _carries_picture))
        conditions = self._nodes(self._behind_sampler(_POSITIVE))
        if any(_is_instruction(node) for node in conditions):
            return Process.INSTRUCTION
        if any(_is_load(node) for node in source):
            if any(_is_masked(node) for node in (*source, *conditions)):
                return Process.INPAINT
            started_empty = any("emptylatent" in plain_class(node.kind) for node in source)
            return Process.COMPOSITE if started_empty else Process.IMAGE
        if self.loaded and any(_is_composite(node) for node in self._nodes(self.seen)):
            return Process.COMPOSITE
        return Process.TEXT

    def strength(self) -> float | None:
        """The part of the noise that an image was started with; None where it is not told."""
        for node in self._nodes([self.sampler or "", *self._behind_sampler(frozenset({"sigmas"}))]):
            value = first_number(node.values, "denoise", "denoising_strength")
            start = first_number(node.values, "start_at_step")
            steps = first_number(node.values, "steps")
            if value is None and start is not None and steps:
                value = 1 - start / steps
            if value is not None:
                return min(max(value, 0.0), 1.0)
        return None

    def model(self) -> str | None:
        """The checkpoint or diffusion model of the sampler, as its loader names it."""
        for node in self._nodes(self._behind_sampler(_MODEL)):
            found = _model_of(node)
            if found:
                return found
        loaders = (node for node in self._graph.values() if _is_model_loader(node))
        return next((found for node in loaders if (found := _model_of(node))), None)

    def seed(self) -> str | None:
        """The sampler's seed."""
        for node in self._nodes([self.sampler or "", *self._behind_sampler(_SEED)]):
            value = first_text(node.values, "seed", "noise_seed", "value", "int", "number")
            if value:
                return value
        return None

    def prompt(self) -> str | None:
        """The text that the sampler's positive conditioning was encoded from."""
        return prompt_of(self._graph, [*self._behind_sampler(_POSITIVE), self.sampler or ""])

    def _nodes(self, keys: list[str]) -> list[Node]:
        return [self._graph[key] for key in keys if key in self._graph]

    def _behind_sampler(self, words: frozenset[str]) -> list[str]:
        """Ids of the nodes that feed inputs of these names, and theirs, nearest first."""
        found = self._search([self.sampler or ""], lambda name: bool(_words(name) & words))
        return found[1:]

    def _search(self, start: list[str], follow: Callable[[str], bool]) -> list[str]:
        """Breadth first, each node once: circles end, and so does any depth."""
        waiting, known, found = deque(start), set(start), []
        while waiting:
            key = waiting.popleft()
            node = self._graph.get(key)
            if node is None:
                continue
            found.append(key)
            for name, link in node.links.items():
                if link.node not in known and (node.kind == REROUTE or follow(name)):
                    known.add(link.node)
                    waiting.append(link.node)
        return found


def _outputs(graph: Graph) -> Iterator[str]:
    """Nodes that save an image, before those that only show one."""
    for word in ("save", "preview", "output"):
        for key, node in graph.items():
            if word in plain_class(node.kind) and any(map(_carries_picture, node.links)):
                yield key


def _carries_picture(name: str) -> bool:
    return not _words(name) & _NOT_PICTURE


@lru_cache(maxsize=4096)
def _words(name: str) -> frozenset[str]:
    return frozenset(re.split(r"[^a-z0-9]+", name[:60].lower()))


def _is_sampler(node: Node) -> bool:
    if not any(_words(name) & _MODEL for name in node.links):
        return False
    return "sampler" in plain_class(node.kind) or "positive" in node.links


def _enhances(node: Node) -> bool:
    return ENHANCING_NODE_NAMES.find(plain_class(node.kind)) is not None


def is_known_service(node: Node) -> bool:
    """Whether a node has a service make an image."""
    return NODE_NAMES.find(plain_class(node.kind)) is not None


def is_service(node: Node) -> bool:
    """Whether a node on the picture's way does, known or not: services come and go.

    An unknown one does if it is asked for the picture in words.
    """
    kind = plain_class(node.kind)
    if any(word in kind for word in _NO_MAKERS):
        return False
    asked = bool(_ASKED & (node.values.keys() | node.links.keys()))
    return is_known_service(node) or (asked and not _enhances(node))


def _is_load(node: Node) -> bool:
    kind = plain_class(node.kind)
    return "load" in kind and "image" in kind and "saveload" not in kind


def _is_masked(node: Node) -> bool:
    kind = plain_class(node.kind)
    return any(word in kind for word in ("inpaint", "noisemask", "detailer"))


def _is_instruction(node: Node) -> bool:
    kind = plain_class(node.kind)
    words = ("referencelatent", "kontext", "instructpix", "imageedit", "editimage")
    return any(word in kind for word in words) and any(map(_carries_picture, node.links))


def _is_composite(node: Node) -> bool:
    kind = plain_class(node.kind)
    return any(word in kind for word in ("composite", "blend", "paste", "stitch", "overlay"))


def _is_model_loader(node: Node) -> bool:
    kind = plain_class(node.kind)
    aside = ("lora", "vae", "clip", "upscale", "control", "image", "ipadapter", "style")
    return "load" in kind and not any(word in kind for word in aside)


def _model_of(node: Node) -> str | None:
    for name in _MODEL_VALUES:
        value = node.values.get(name)
        if isinstance(value, dict):  # some extensions wrap it, with a preview picture
            value = value.get("content")
        if isinstance(value, str) and 1 < len(value) < 300:
            return _without_folders(value)
    if not _is_model_loader(node):
        return None
    files = (text for text in node.texts if _MODEL_FILE.search(text[-300:]))
    return next(map(_without_folders, files), None)


def _without_folders(path: str) -> str:
    """The name of a file on somebody's disk or server: where they keep it is nobody's business."""
    name = re.split(r"[\\/]", path)[-1] if _ON_A_DISK.match(path) else path
    return re.split(r"[?#]", name)[0]
