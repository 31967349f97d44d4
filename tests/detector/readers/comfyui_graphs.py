"""Graphs of ComfyUI, in both of the forms that it stores."""

import copy
import json

from detector.readers.comfyui import read as read_texts


def node(kind, **inputs):
    return {"class_type": kind, "inputs": inputs}


GRAPH = {
    "4": node("CheckpointLoaderSimple", ckpt_name="sdxl/sd_xl_base_1.0.safetensors"),
    "5": node("EmptyLatentImage", width=1024, height=1024, batch_size=1),
    "6": node("CLIPTextEncode", text="a fox in the style of Beatrix Potter", clip=["4", 1]),
    "7": node("CLIPTextEncode", text="blurry, by Nobody Else", clip=["4", 1]),
    "3": node(
        "KSampler",
        seed=77,
        steps=20,
        denoise=1.0,
        model=["4", 0],
        positive=["6", 0],
        negative=["7", 0],
        latent_image=["5", 0],
    ),
    "8": node("VAEDecode", samples=["3", 0], vae=["4", 2]),
    "9": node("SaveImage", filename_prefix="ComfyUI", images=["8", 0]),
}


def changed(**nodes):
    graph = copy.deepcopy(GRAPH)
    for key, new in nodes.items():
        graph[key.removeprefix("n")] = new
    return graph


def sampled(**inputs):
    sampler = copy.deepcopy(GRAPH["3"])
    sampler["inputs"].update(inputs)
    return sampler


def parameters(graph):
    found = read_texts((("prompt", json.dumps(graph)),))
    assert found is not None
    return found


WORKFLOW = {
    "nodes": [
        {
            "id": 3,
            "type": "KSampler",
            "mode": 0,
            "inputs": [
                {"name": "model", "type": "MODEL", "link": 1},
                {"name": "positive", "type": "CONDITIONING", "link": 2},
                {"name": "latent_image", "type": "LATENT", "link": 3},
            ],
            "widgets_values": [55, "randomize", 20, 7, "euler", "normal", 0.5],
        },
        {"id": 4, "type": "CheckpointLoaderSimple", "widgets_values": ["pony_v6.safetensors"]},
        {"id": 6, "type": "CLIPTextEncode", "inputs": [], "widgets_values": ["a fox"]},
        {"id": 5, "type": "VAEEncode", "inputs": [{"name": "pixels", "link": 6}]},
        {"id": 10, "type": "LoadImage", "widgets_values": ["sketch.png", "image"]},
        {"id": 8, "type": "VAEDecode", "inputs": [{"name": "samples", "link": 4}]},
        {"id": 9, "type": "SaveImage", "inputs": [{"name": "images", "link": 5}]},
        {"id": 11, "type": "SaveImage", "mode": 2, "inputs": [{"name": "images", "link": 5}]},
    ],
    "links": [
        [1, 4, 0, 3, 0, "MODEL"],
        [2, 6, 0, 3, 1, "CONDITIONING"],
        [3, 5, 0, 3, 2, "LATENT"],
        [4, 3, 0, 8, 0, "LATENT"],
        [5, 8, 0, 9, 0, "IMAGE"],
        {"id": 6, "origin_id": 10, "origin_slot": 0, "target_id": 5, "target_slot": 0},
    ],
}
