"""ComfyUI's graph in the form on the screen (`workflow`), put together from its sub-graphs.

A node may stand for a sub-graph of `definitions.subgraphs`, any number of times and within others.
Inside, links from node -10 come from the node's inputs, and links to node -20 are its outputs.
Nodes inside are named as in the form that ran: `57:27` is node 27 inside node 57.
Source: https://docs.comfy.org/development/core-concepts/workflow
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from detector.readers.comfyui_graph import (
    LONGEST_ID,
    MOST_NODES,
    REROUTE,
    Graph,
    Link,
    Node,
    plain_input,
)

_MOST_LINKS = 50_000
_DEEPEST = 16
_MOST_SCOPES = 300
_MOST_STEPS = 100
_MUTED, _BYPASSED = 2, 4
_INPUTS, _OUTPUTS = "-10", "-20"

# The values of a node's fields are stored in order, without their names.
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

# What the screen asks of a seed beside its value, which has no name of its own.
_AFTER_A_SEED = frozenset({"fixed", "increment", "decrement", "randomize"})

_Json = Mapping[str, object]
_Input = TypeVar("_Input")


def screen_graph(source: _Json) -> Graph:
    """The graph of {"nodes": [...], "links": [...], "definitions": {"subgraphs": [...]}}.

    Muted nodes are left out; bypassed ones pass through what they are given. A sub-graph that no
    node stands for is there all the same, joined only in itself.
    """
    definitions = source.get("definitions")
    subgraphs = definitions.get("subgraphs") if isinstance(definitions, dict) else None
    parts = [_Part(one) for one in _list(subgraphs) if isinstance(one, dict)]
    known = {_id(part.source.get("id")): part for part in parts if "id" in part.source}
    placing = _Placing(known)
    placing.place(_Scope(_Part(source)), _DEEPEST)
    used = frozenset(placing.used)
    for number, part in enumerate(parts):
        if _id(part.source.get("id")) not in used:
            placing.place(_Scope(part, prefix=f"{number}:"), _DEEPEST)
    return placing.graph


@dataclass(frozen=True)
class _Part:
    """The graph itself or a sub-graph, as it stands in the file."""

    source: _Json

    @cached_property
    def nodes(self) -> tuple[tuple[str, _Json], ...]:
        """With their ids, without those that are muted or malformed."""
        return tuple(
            (_id(node.get("id")), node)
            for node in _list(self.source.get("nodes"))
            if isinstance(node, dict)
            and isinstance(node.get("type"), str)
            and node.get("mode") != _MUTED
        )

    @cached_property
    def links(self) -> dict[int, Link]:
        return {key: link for key, link, _ in _links(self.source)}

    @cached_property
    def outputs(self) -> dict[int, Link]:
        """What feeds each output of a sub-graph."""
        return {slot: link for _, link, slot in _links(self.source) if slot is not None}

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """The names of a sub-graph's inputs."""
        named = _list(self.source.get("inputs"))
        return tuple(str(one.get("name")) if isinstance(one, dict) else "" for one in named)


class _Scope:
    """A part in the place where a node stands for it.

    Args:
        part: What stands here.
        prefix: Of the ids of its nodes.
        outer: The scope of the node that stands for it.
        node: That node.
    """

    def __init__(
        self,
        part: _Part,
        prefix: str = "",
        outer: "_Scope | None" = None,
        node: _Json | None = None,
    ) -> None:
        self.part = part
        self.prefix = prefix
        self.inner: dict[str, _Scope] = {}
        self._outer = outer
        self._node = node or {}

    @cached_property
    def _given(self) -> tuple[dict[str, int], dict[str, object]]:
        """Links and values of the inputs of the node that stands for this."""
        links, named = _inputs(self._node)
        return links, _values(self._node, named)[0]

    def source(self, link: Link | None, steps: int = _MOST_STEPS) -> Link | object | None:
        """Where a link of this scope comes from, through all bounds of sub-graphs.

        Returns:
            A link to a node of the whole graph, the value that was set there, or None.
        """
        if link is None or steps == 0:
            return None
        if link.node == _INPUTS and self._outer is not None:
            links, values = self._given
            slots = self.part.inputs
            name = slots[link.slot] if 0 <= link.slot < len(slots) else ""
            if name in links:
                outside = self._outer.part.links.get(links[name])
                found = self._outer.source(outside, steps - 1)
                return values.get(name) if found is None else found
            return values.get(name)
        if link.node in self.inner:
            inner = self.inner[link.node]
            return inner.source(inner.part.outputs.get(link.slot), steps - 1)
        return Link(self.prefix + link.node, link.slot)


@dataclass
class _Placing:
    """Puts the nodes of scopes, and of all within them, into one graph.

    Attributes:
        known: Sub-graphs by their ids.
        graph: What is placed.
        used: Ids of the sub-graphs that nodes stand for.
        scopes: How many were placed: sub-graphs within sub-graphs multiply.
    """

    known: Mapping[str, _Part]
    graph: Graph = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    scopes: int = 0

    def place(self, scope: _Scope, depth: int) -> None:
        self.scopes += 1
        plain: list[tuple[str, _Json]] = []
        for key, node in scope.part.nodes:
            kind = str(node["type"])
            if kind in self.known and node.get("mode") != _BYPASSED and depth:
                self.used.add(kind)
                inner = _Scope(self.known[kind], f"{scope.prefix}{key}:", scope, node)
                scope.inner[key] = inner
                if self.scopes < _MOST_SCOPES:
                    self.place(inner, depth - 1)
            else:
                plain.append((key, node))
        for key, node in plain:
            if len(self.graph) >= MOST_NODES:
                break
            self.graph[scope.prefix + key] = _placed(scope, node)


def _placed(scope: _Scope, node: _Json) -> Node:
    numbers, named = _inputs(node)
    values, texts = _values(node, named)
    links: dict[str, Link] = {}
    for name, number in numbers.items():
        source = scope.source(scope.part.links.get(number))
        if isinstance(source, Link):
            links[name] = source
            values.pop(name, None)
        elif source is not None:
            values[name] = source
    kind = REROUTE if node.get("mode") == _BYPASSED else str(node["type"])
    return Node(kind, _plain(links), _plain(values), texts)


def _plain(named: Mapping[str, _Input]) -> dict[str, _Input]:
    plain: dict[str, _Input] = {}
    for name, value in named.items():
        plain.setdefault(plain_input(name), value)
    return plain


def _inputs(node: _Json) -> tuple[dict[str, int], list[str]]:
    """The numbers of the links that feed a node's inputs, and the names of its fields."""
    links: dict[str, int] = {}
    named: list[str] = []
    for entry in _list(node.get("inputs")):
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            continue
        if isinstance(entry.get("widget"), dict):
            named.append(entry["name"])
        if isinstance(entry.get("link"), int):
            links[entry["name"]] = entry["link"]
    return links, named


def _values(node: _Json, named: list[str]) -> tuple[dict[str, object], tuple[str, ...]]:
    """The values of a node's fields by name, and the texts among those without."""
    stored = node.get("widgets_values_named", node.get("widgets_values"))
    if isinstance(stored, dict):
        return {str(name): value for name, value in stored.items()}, ()
    fields = _list(stored)
    texts = tuple(value for value in fields if isinstance(value, str))
    names = _FIELDS.get(str(node.get("type"))) or _aligned(named, fields)
    return {name: value for name, value in zip(names, fields, strict=False) if name}, texts


def _aligned(named: list[str], fields: list[object]) -> tuple[str, ...]:
    """A name for each value, empty for what follows a seed; none where they do not fit."""
    names: list[str] = []
    for name in named:
        names.append(name)
        after = fields[len(names) : len(names) + 1]
        if "seed" in name and after and after[0] in _AFTER_A_SEED:
            names.append("")
    return tuple(names) if len(names) == len(fields) else ()


def _links(source: _Json) -> Iterator[tuple[int, Link, int | None]]:
    """Number and origin of each link, and the output of the sub-graph that it feeds, if any."""
    for link in _list(source.get("links"))[:_MOST_LINKS]:
        match link:
            case [int() as key, str() | int() as node, int() as slot, *rest]:
                target, fed = (*rest, None, None)[:2]
            case {
                "id": int() as key,
                "origin_id": str() | int() as node,
                "origin_slot": int() as slot,
                **rest,
            }:
                target, fed = rest.get("target_id"), rest.get("target_slot")
            case _:
                continue
        feeds = fed if isinstance(fed, int) and _id(target) == _OUTPUTS else None
        yield key, Link(_id(node), slot), feeds


def _id(value: object) -> str:
    return str(value)[:LONGEST_ID]


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
