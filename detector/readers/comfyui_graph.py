"""ComfyUI's graphs as nodes and links, and the form that ran (`prompt`).

Nodes inside a sub-graph bear its node's id before their own there: `57:27`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

MOST_NODES = 10_000
LONGEST_ID = 100

REROUTE = "Reroute"
"""The class of nodes that pass on what they are given, whatever it is."""


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
                links.setdefault(plain_input(name), link)
            else:
                values.setdefault(plain_input(name), value)
        graph[str(key)[:LONGEST_ID]] = Node(node["class_type"], links, values)
        if len(graph) >= MOST_NODES:
            break
    return graph


def plain_input(name: str) -> str:
    """The name of an input without those of the choices that it belongs to: `model.seed`."""
    return name.rpartition(".")[2] or name


def _api_link(value: object) -> Link | None:
    match value:
        case [str() | int() as node, int() as slot] if not isinstance(node, bool):
            return Link(str(node)[:LONGEST_ID], slot)
    return None
