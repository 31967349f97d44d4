"""ComfyUI's graphs as nodes and links: of the form that ran, and of the form on the screen."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_MOST_NODES = 10_000
_MOST_LINKS = 50_000
_MUTED, _BYPASSED = 2, 4

REROUTE = "Reroute"
"""The class of nodes that pass on what they are given, whatever it is."""

# The form on the screen stores the values of a node's fields in order, without their names.
_FIELDS: dict[str, tuple[str, ...]] = {
    "KSampler": ("seed", "", "steps", "cfg", "sampler_name", "scheduler", "denoise"),
    "KSamplerAdvanced": ("add_noise", "noise_seed", "", "steps", "cfg"),
    "SamplerCustom": ("add_noise", "noise_seed", "", "cfg"),
    "RandomNoise": ("noise_seed",),
    "BasicScheduler": ("scheduler", "steps", "denoise"),
    "CheckpointLoaderSimple": ("ckpt_name",),
    "CheckpointLoader": ("config_name", "ckpt_name"),
    "UNETLoader": ("unet_name",),
    "UnetLoaderGGUF": ("unet_name",),
    "CLIPTextEncode": ("text",),
    "CLIPTextEncodeFlux": ("clip_l", "t5xxl"),
    "LoadImage": ("image",),
}


@dataclass(frozen=True)
class Link:
    """An input that another node's output feeds.

    Attributes:
        node: Id of the other node.
        slot: Which of its outputs, from 0.
    """

    node: str
    slot: int


@dataclass(frozen=True)
class Node:
    """One node.

    Attributes:
        kind: Its class, as ComfyUI and its extensions name them (`KSampler`).
        links: Inputs that other nodes feed, by name.
        values: Inputs that were set on the node, by name.
        texts: Texts among values without names, in order.
    """

    kind: str
    links: Mapping[str, Link] = field(default_factory=dict)
    values: Mapping[str, object] = field(default_factory=dict)
    texts: tuple[str, ...] = ()


Graph = dict[str, Node]
"""Nodes by id, in the order of the file."""


def api_graph(source: Mapping[str, object]) -> Graph:
    """The graph in the form that ran (`prompt`): {id: {"class_type": ..., "inputs": {...}}}."""
    graph: Graph = {}
    for key, node in source.items():
        if not isinstance(node, dict) or not isinstance(node.get("class_type"), str):
            continue
        inputs = node.get("inputs")
        links: dict[str, Link] = {}
        values: dict[str, object] = {}
        for name, value in (inputs if isinstance(inputs, dict) else {}).items():
            link = _api_link(value)
            if link:
                links[name] = link
            else:
                values[name] = value
        graph[str(key)] = Node(node["class_type"], links, values)
        if len(graph) >= _MOST_NODES:
            break
    return graph


def _api_link(value: object) -> Link | None:
    match value:
        case [str() | int() as node, int() as slot] if not isinstance(node, bool):
            return Link(str(node)[:100], slot)
    return None


def screen_graph(source: Mapping[str, object]) -> Graph:
    """The graph in the form on the screen (`workflow`): {"nodes": [...], "links": [...]}.

    Muted nodes are left out; bypassed ones pass through what they are given. Nodes within
    subgraphs stand beside the others, joined only among themselves.
    """
    graph: Graph = {}
    _add_nodes(graph, source, prefix="")
    definitions = source.get("definitions")
    subgraphs = definitions.get("subgraphs") if isinstance(definitions, dict) else None
    for number, inner in enumerate(_list(subgraphs)):
        if isinstance(inner, dict):
            _add_nodes(graph, inner, prefix=f"{number}:")
    return graph


def _add_nodes(graph: Graph, source: Mapping[str, object], prefix: str) -> None:
    sources = dict(_links(source))
    for node in _list(source.get("nodes")):
        if not isinstance(node, dict) or not isinstance(node.get("type"), str):
            continue
        if node.get("mode") == _MUTED or len(graph) >= _MOST_NODES:
            continue
        kind = node["type"]
        links: dict[str, Link] = {}
        named: list[str] = []
        for entry in _list(node.get("inputs")):
            if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
                continue
            if isinstance(entry.get("widget"), dict):
                named.append(entry["name"])
            link = sources.get(entry["link"]) if isinstance(entry.get("link"), int) else None
            if link:
                links[entry["name"]] = Link(prefix + link.node, link.slot)
        if node.get("mode") == _BYPASSED:
            kind = REROUTE
        values, texts = _values(kind, node.get("widgets_values"), named)
        values = {name: value for name, value in values.items() if name not in links}
        graph[prefix + str(node.get("id"))[:100]] = Node(kind, links, values, texts)


def _values(
    kind: str, stored: object, named: list[str]
) -> tuple[dict[str, object], tuple[str, ...]]:
    if isinstance(stored, dict):
        return {str(name): value for name, value in stored.items()}, ()
    fields = list(_list(stored))
    texts = tuple(value for value in fields if isinstance(value, str))
    names = _FIELDS.get(kind) or (tuple(named) if len(named) == len(fields) else ())
    return {name: value for name, value in zip(names, fields, strict=False) if name}, texts


def _links(source: Mapping[str, object]) -> Iterator[tuple[int, Link]]:
    for link in _list(source.get("links"))[:_MOST_LINKS]:
        match link:
            case [int() as key, str() | int() as node, int() as slot, *_]:
                yield key, Link(str(node)[:100], slot)
            case {
                "id": int() as key,
                "origin_id": str() | int() as node,
                "origin_slot": int() as s,
            }:
                yield key, Link(str(node)[:100], s)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
