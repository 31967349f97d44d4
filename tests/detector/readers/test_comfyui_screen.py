"""The form on the screen (`workflow`), and what comes out of its sub-graphs."""

import copy
import json

from detector.readers.comfyui import read as read_texts
from detector.readers.comfyui_graph import MOST_NODES
from detector.readers.comfyui_screen import screen_graph
from evidence.signals import Claim
from tests.detector.readers.comfyui_graphs import (
    GRAPH,
    WORKFLOW,
    changed,
    node,
    parameters,
    sampled,
)
from tests.detector.readers.parameter_files import png, read


def test_a_workflow_alone():
    found = read(png({"workflow": WORKFLOW}))
    assert (found.model, found.prompt, found.seed) == ("pony_v6.safetensors", "a fox", "55")
    assert found.claim is Claim.AI_EDITED
    assert "at strength 0.50 of 1" in found.text


def test_a_workflow_within_a_subgraph():
    inner = {"definitions": {"subgraphs": [WORKFLOW]}, "nodes": [], "links": []}
    assert read(png({"workflow": inner})).seed == "55"


def subgraph(key, inputs, outputs, nodes, links):
    """A definition; links as (number, origin, its slot, target, its slot)."""
    names = ("id", "origin_id", "origin_slot", "target_id", "target_slot")
    return {
        "id": key,
        "inputs": [{"name": name} for name in inputs],
        "outputs": [{"name": name} for name in outputs],
        "nodes": nodes,
        "links": [dict(zip(names, link, strict=True)) for link in links],
    }


def widget(name, link=None):
    return {"name": name, "widget": {"name": name}, "link": link}


TEXT_AND_MODEL = subgraph(
    "inner",
    ["text"],
    ["MODEL", "CONDITIONING"],
    [
        {"id": 1, "type": "UNETLoader", "widgets_values": ["z_image_turbo_bf16.safetensors"]},
        {"id": 2, "type": "CLIPTextEncode", "inputs": [widget("text", 3)], "widgets_values": ["x"]},
    ],
    [(1, 1, 0, -20, 0), (2, 2, 0, -20, 1), (3, -10, 0, 2, 0)],
)
SAMPLING = subgraph(
    "outer",
    ["text", "seed", "picture"],
    ["IMAGE"],
    [
        {"id": 7, "type": "inner", "inputs": [widget("text", 1)], "widgets_values": ["a fox"]},
        {
            "id": 8,
            "type": "KSampler",
            "inputs": [
                {"name": "model", "link": 2},
                {"name": "positive", "link": 3},
                {"name": "latent_image", "link": 4},
                widget("seed", 5),
            ],
            "widgets_values": [1, "fixed", 20, 7, "euler", "normal", 0.75],
        },
        {"id": 9, "type": "VAEEncode", "inputs": [{"name": "pixels", "link": 6}]},
        {"id": 10, "type": "VAEDecode", "inputs": [{"name": "samples", "link": 7}]},
    ],
    [
        (1, -10, 0, 7, 0), (2, 7, 0, 8, 0), (3, 7, 1, 8, 1), (4, 9, 0, 8, 2),
        (5, -10, 1, 8, 3), (6, -10, 2, 9, 0), (7, 8, 0, 10, 0), (8, 10, 0, -20, 0),
    ],
)  # fmt: skip


def workflow_of_subgraphs(text):
    """One sub-graph within another, which a node of the graph stands for."""
    stands = {
        "id": 57,
        "type": "outer",
        "inputs": [widget("text"), widget("seed"), {"name": "picture", "link": 2}],
        "widgets_values": [text, 55, "randomize"],
    }
    return {
        "nodes": [
            stands,
            {"id": 3, "type": "LoadImage", "widgets_values": ["sketch.png", "image"]},
            {"id": 58, "type": "SaveImage", "inputs": [{"name": "images", "link": 1}]},
        ],
        "links": [[1, 57, 0, 58, 0, "IMAGE"], [2, 3, 0, 57, 2, "IMAGE"]],
        "definitions": {"subgraphs": [TEXT_AND_MODEL, SAMPLING]},
    }


def test_what_comes_out_of_a_subgraph_is_read_as_out_of_the_graph_itself():
    workflow = workflow_of_subgraphs("a crow")
    assert set(screen_graph(workflow)) == {"57:7:1", "57:7:2", "57:8", "57:9", "57:10", "3", "58"}
    found = read(png({"workflow": workflow}))
    assert (found.model, found.prompt, found.seed) == (
        "z_image_turbo_bf16.safetensors",
        "a crow",
        "55",
    )
    assert "at strength 0.75 of 1" in found.text
    # Where the node that stands for it sets nothing, what was set inside counts.
    workflow["nodes"][0]["widgets_values"] = []
    workflow["definitions"]["subgraphs"][1]["nodes"][0] |= {"widgets_values": ["a fox"]}
    found = read(png({"workflow": workflow}))
    assert (found.prompt, found.seed) == ("a fox", "1")


def test_subgraphs_in_the_form_that_ran():
    flat = {f"57:{key}": copy.deepcopy(one) for key, one in GRAPH.items() if key != "9"}
    for one in flat.values():
        for name, value in one["inputs"].items():
            if isinstance(value, list):
                one["inputs"][name] = [f"57:{value[0]}", value[1]]
    flat["9"] = node("SaveImage", images=["57:8", 0])
    assert parameters(flat) == parameters(GRAPH)


def test_a_subgraph_within_itself_ends():
    nodes = [{"id": n, "type": "a", "inputs": [{"name": "x", "link": n}]} for n in range(20)]
    links = [(n, (n + 1) % 20, 0, n, 0) for n in range(20)] + [(20, 1, 0, -20, 0)]
    itself = subgraph("a", ["x"], ["IMAGE"], nodes, links)
    workflow = {
        "nodes": [*nodes, {"id": 99, "type": "SaveImage", "inputs": [{"name": "i", "link": 1}]}],
        "links": [[1, 1, 0, 99, 0]],
        "definitions": {"subgraphs": [itself]},
    }
    assert len(screen_graph(workflow)) <= 10_000
    assert read_texts((("workflow", json.dumps(workflow)),)) is None


def test_nothing_of_a_subgraph_is_told_but_what_is_needed():
    workflow = workflow_of_subgraphs("a crow")
    inner, outer = workflow["definitions"]["subgraphs"]
    workflow["nodes"][0]["widgets_values"] = []
    keeper = {
        "id": 11,
        "type": "MyTextService",
        "inputs": [],
        "widgets_values": ["sk-very-secret", "hunter2", "jane@example.com"],
    }
    outer["nodes"] = [*outer["nodes"], keeper]
    outer["links"] = [*outer["links"][1:], dict(outer["links"][0], origin_id=11)]
    loader = {
        "id": 1,
        "type": "UNETLoader",
        "widgets_values": ["https://example.com/jane/flux1-dev.safetensors?token=very-secret"],
    }
    inner["nodes"] = [loader, *inner["nodes"][1:]]
    signal = read(png({"workflow": workflow}))
    assert signal.model == "flux1-dev.safetensors"
    for secret in ("secret", "hunter2", "jane"):
        assert secret not in repr(signal)
    ran = changed(
        **{"n57:6": node("CLIPTextEncode", text=["57:1", 0])},
        **{"n57:1": node("MyTextService", api_key="sk-very-secret", login="jane", prompt="a crow")},
        n3=sampled(positive=["57:6", 0]),
    )
    signal = read(png({"prompt": ran}))
    assert signal.prompt == "a crow"
    assert "secret" not in repr(signal)
    assert "jane" not in repr(signal)


def test_subgraphs_within_subgraphs_do_not_multiply() -> None:
    many = [{"id": number, "type": "A"} for number in range(40)]
    inner = {"id": "A", "nodes": many, "links": []}
    graph = screen_graph({"nodes": many, "links": [], "definitions": {"subgraphs": [inner]}})
    assert len(graph) <= MOST_NODES
