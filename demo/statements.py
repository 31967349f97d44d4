"""What tools write into their pictures: here into pictures that no such tool has seen."""

import json

from PIL.PngImagePlugin import PngInfo

PROMPT = "spiral galaxy over a calm sea, watercolour, muted palette, highly detailed"


def automatic1111() -> PngInfo:
    """Generation parameters in the manner of the AUTOMATIC1111 web interface."""
    return _chunks(
        parameters=f"{PROMPT}\nNegative prompt: text, watermark, lowres\n"
        "Steps: 28, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 6.5, Seed: 1704202611,"
        " Size: 800x800, Model hash: 31e35c80fc, Model: sd_xl_base_1.0, Version: v1.10.1"
    )


def comfyui() -> PngInfo:
    """The graph of a picture, in the manner of ComfyUI."""
    graph = {
        "3": {
            "class_type": "KSampler",
            "inputs": {
                "seed": 90210,
                "steps": 20,
                "cfg": 7.0,
                "sampler_name": "euler",
                "scheduler": "normal",
                "denoise": 1.0,
                "latent_image": ["5", 0],
                "model": ["4", 0],
                "positive": ["6", 0],
                "negative": ["7", 0],
            },
        },
        "4": {
            "class_type": "CheckpointLoaderSimple",
            "inputs": {"ckpt_name": "flux1-dev.safetensors"},
        },
        "5": {
            "class_type": "EmptyLatentImage",
            "inputs": {"width": 800, "height": 600, "batch_size": 1},
        },
        "6": {
            "class_type": "CLIPTextEncode",
            "inputs": {"text": "a city at night, lights in the water", "clip": ["4", 1]},
        },
        "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry", "clip": ["4", 1]}},
        "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
        "9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0], "filename_prefix": "city"}},
    }
    return _chunks(prompt=json.dumps(graph))


def _chunks(**texts: str) -> PngInfo:
    info = PngInfo()
    for keyword, text in texts.items():
        info.add_text(keyword, text)
    return info
