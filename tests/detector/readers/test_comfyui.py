import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from detector.readers.comfyui import read as read_texts
from detector.readers.comfyui_graph import api_graph
from detector.readers.comfyui_screen import screen_graph
from detector.readers.generation import Process
from evidence.signals import Claim
from tests.detector.readers.comfyui_graphs import (
    GRAPH,
    changed,
    node,
    parameters,
    sampled,
)
from tests.detector.readers.parameter_files import png, read, with_comment, with_exif


def test_from_the_output_to_the_checkpoint():
    found = read(png({"prompt": GRAPH, "workflow": {"nodes": [], "links": []}}))
    assert found.claim is Claim.AI_MADE
    assert found.generator == "Stable Diffusion XL"
    assert found.model == "sdxl/sd_xl_base_1.0.safetensors"
    assert found.prompt == "a fox in the style of Beatrix Potter"
    assert found.artists == ("Beatrix Potter",)
    assert found.seed == "77"
    assert "ComfyUI" in found.text


def test_as_webp_and_jpeg_carry_it():
    tags = Image.Exif()
    tags[0x0110] = "prompt:" + json.dumps(GRAPH)
    tags[0x010F] = "workflow:" + json.dumps({"nodes": [], "links": []})
    assert read(with_exif(tags, "WEBP")).seed == "77"
    assert read(with_comment(json.dumps(GRAPH))).seed == "77"
    assert read(with_comment(json.dumps({"prompt": GRAPH, "workflow": {}}))).seed == "77"


LOADED = {"n10": node("LoadImage", image="sketch.png"), "n11": node("VAEEncode", pixels=["10", 0])}


@pytest.mark.parametrize(
    ("graph", "process", "strength"),
    [
        (GRAPH, Process.TEXT, 1.0),
        (changed(**LOADED, n3=sampled(latent_image=["11", 0], denoise=0.4)), Process.IMAGE, 0.4),
        (
            changed(
                n10=LOADED["n10"],
                n11=node("VAEEncodeForInpaint", pixels=["10", 0], mask=["10", 1]),
                n3=sampled(latent_image=["11", 0]),
            ),
            Process.INPAINT,
            1.0,
        ),
        (
            changed(
                **LOADED,
                n12=node("SetLatentNoiseMask", samples=["11", 0], mask=["10", 1]),
                n3=sampled(latent_image=["12", 0], denoise=0.8),
            ),
            Process.INPAINT,
            0.8,
        ),
        (
            changed(
                **LOADED,
                n12=node("ReferenceLatent", conditioning=["6", 0], latent=["11", 0]),
                n3=sampled(positive=["12", 0]),
            ),
            Process.INSTRUCTION,
            1.0,
        ),
        (
            changed(
                n10=LOADED["n10"],
                n12=node("ControlNetApply", conditioning=["6", 0], image=["10", 0], strength=0.5),
                n3=sampled(positive=["12", 0]),
            ),
            Process.TEXT,
            1.0,
        ),
        (
            changed(
                n10=LOADED["n10"],
                n12=node("ImageCompositeMasked", destination=["10", 0], source=["8", 0]),
                n9=node("SaveImage", images=["12", 0]),
            ),
            Process.COMPOSITE,
            1.0,
        ),
        (  # a second pass over what the first generated, enlarged in between
            changed(
                n12=node("ImageUpscaleWithModel", image=["8", 0], upscale_model=["13", 0]),
                n13=node("UpscaleModelLoader", model_name="4x.pth"),
                n14=node("VAEEncode", pixels=["12", 0], vae=["4", 2]),
                n15=sampled(latent_image=["14", 0], denoise=0.3),
                n16=node("VAEDecode", samples=["15", 0]),
                n9=node("SaveImage", images=["16", 0]),
            ),
            Process.TEXT,
            0.3,
        ),
        (
            changed(
                **LOADED, n3=node("KSamplerAdvanced", model=["4", 0], positive=["6", 0],
                                  latent_image=["11", 0], steps=20, start_at_step=15, noise_seed=1)
            ),
            Process.IMAGE,
            0.25,
        ),
    ],
    ids=[
        "text",
        "image",
        "inpaint model",
        "noise mask",
        "reference",
        "control net",
        "composite",
        "two passes",
        "late start",
    ],
)  # fmt: skip
def test_what_the_sampler_started_from(graph, process, strength):
    found = parameters(graph)
    assert found.process is process
    assert found.strength == pytest.approx(strength)
    assert found.model == "sdxl/sd_xl_base_1.0.safetensors"


FLUX = {
    "1": node("UNETLoader", unet_name="flux1-dev.safetensors"),
    "2": node("CLIPTextEncodeFlux", clip_l="a fox", t5xxl="a fox in the snow", clip=["9", 0]),
    "3": node("FluxGuidance", guidance=3.5, conditioning=["2", 0]),
    "4": node("BasicGuider", model=["10", 0], conditioning=["3", 0]),
    "5": node("RandomNoise", noise_seed=99),
    "6": node("EmptySD3LatentImage", width=64, height=64),
    "7": node(
        "SamplerCustomAdvanced",
        noise=["5", 0],
        guider=["4", 0],
        sampler=["11", 0],
        sigmas=["12", 0],
        latent_image=["6", 0],
    ),
    "8": node("VAEDecode", samples=["7", 0]),
    "9": node("DualCLIPLoader", clip_name1="t5xxl.safetensors", clip_name2="clip_l.safetensors"),
    "10": node("LoraLoaderModelOnly", lora_name="style.safetensors", model=["1", 0]),
    "11": node("KSamplerSelect", sampler_name="euler"),
    "12": node("BasicScheduler", scheduler="simple", denoise=1.0, model=["10", 0]),
    "13": node("PreviewImage", images=["8", 0]),
}


def test_flux_with_its_guider():
    found = parameters(FLUX)
    assert (found.model, found.seed) == ("flux1-dev.safetensors", "99")
    assert found.prompt == "a fox in the snow\na fox"
    assert found.process is Process.TEXT


def test_text_that_was_put_together_from_other_nodes():
    graph = changed(
        n6=node("CLIPTextEncode", text=["20", 0], clip=["4", 1]),
        n20=node("StringConcatenate", string_a=["21", 0], string_b="in snow", delimiter=", "),
        n21=node("PrimitiveString", value="a fox"),
        n3=sampled(seed=["22", 0]),
        n22=node("PrimitiveInt", value=123),
    )
    found = parameters(graph)
    assert found.prompt == "a fox, in snow"
    assert found.seed == "123"


def test_text_that_was_drawn_at_random_is_not_guessed():
    graph = changed(
        n6=node("CLIPTextEncode", text=["20", 0]),
        n20=node("StringConcatenate", string_a="a fox by ", string_b=["21", 0]),
        n21=node("CR Text Cycler", text="Monet\nManet\nTurner"),
    )
    assert parameters(graph).prompt == "a fox by"


def test_what_was_drawn_at_random_is_taken_where_the_node_says_it():
    graph = changed(
        n6=node("CLIPTextEncode", text=["20", 0]),
        n20=node("ImpactWildcardProcessor", wildcard_text="a {fox|crow}", populated_text="a crow"),
        n4=node("CheckpointLoaderSimple", ckpt_name=["30", 0]),
        n30=node("Checkpoint Selector", ckpt_name="ponyDiffusionV6XL.safetensors"),
    )
    found = parameters(graph)
    assert found.prompt == "a crow"
    assert found.model == "ponyDiffusionV6XL.safetensors"


def test_loader_and_sampler_in_one_pipe():
    pipe = {
        "1": node("easy fullLoader", ckpt_name="sdxl.safetensors", positive="a fox", negative="x"),
        "2": node("easy kSampler", pipe=["1", 0], seed=5, denoise=1, image_output="Save"),
    }
    found = parameters(pipe)
    assert (found.model, found.prompt, found.seed) == ("sdxl.safetensors", "a fox", "5")


def test_an_edit_by_instruction():
    edit = {
        "1": node("UNETLoader", unet_name="qwen_image_edit_2509_fp8.safetensors"),
        "2": node("LoadImage", image="mine.png"),
        "3": node("TextEncodeQwenImageEditPlus", prompt="make it night", image1=["2", 0]),
        "4": node("VAEEncode", pixels=["2", 0]),
        "5": node("KSampler", model=["1", 0], positive=["3", 0], latent_image=["4", 0], seed=1),
        "6": node("VAEDecode", samples=["5", 0]),
        "7": node("SaveImage", images=["6", 0]),
    }
    found = read(png({"prompt": edit}))
    assert found.claim is Claim.AI_EDITED
    assert (found.generator, found.prompt) == ("Qwen-Image", "make it night")


def test_the_sampler_that_made_this_image_not_another():
    graph = changed(
        n30=node("CheckpointLoaderSimple", ckpt_name="other.safetensors"),
        n31=sampled(model=["30", 0], seed=1),
        n32=node("VAEDecode", samples=["31", 0]),
        n33=node("PreviewImage", images=["32", 0]),
    )
    assert parameters(dict(reversed(graph.items()))).seed == "77"


def test_services_and_upscalers():
    service = {
        "1": node("GeminiImageNode", prompt="a fox", model="gemini-2.5-flash-image"),
        "2": node("SaveImage", images=["1", 0]),
    }
    found = read(png({"prompt": service}))
    assert (found.generator, found.prompt, found.claim) == ("Gemini", "a fox", Claim.AI_MADE)
    larger = {
        "1": node("LoadImage", image="mine.png"),
        "2": node("ImageUpscaleWithModel", upscale_model=["4", 0], image=["1", 0]),
        "3": node("SaveImage", images=["2", 0]),
    }
    assert read(png({"prompt": larger})).claim is Claim.AI_EDITED
    plain = {"1": node("LoadImage", image="mine.png"), "2": node("SaveImage", images=["1", 0])}
    assert read_texts((("prompt", json.dumps(plain)),)) is None


def test_circles_and_depth_end():
    circle = {
        str(n): node("Node", image=[str((n + 1) % 500), 0], text=[str((n + 1) % 500), 0])
        for n in range(500)
    }
    circle["0"] = node("SaveImage", images=["1", 0])
    circle["499"] = sampled(positive=["499", 0], latent_image=["3", 0], model=["499", 0])
    found = parameters(circle)
    assert found.process is Process.TEXT
    chain = {str(n): node("CLIPTextEncode", text=[str(n + 1), 0]) for n in range(5000)}
    chain["save"] = node("SaveImage", images=["sampler", 0])
    chain["sampler"] = sampled(positive=["0", 0])
    assert parameters(chain).prompt is None


def test_many_outputs_end():
    saves = {str(n): node("SaveImage", images=[str(n + 1), 0]) for n in range(5000)}
    assert read_texts((("prompt", json.dumps(saves)),)) is None


def test_a_fan_of_texts_ends():
    fan = {
        f"fan{n}": node("Concat", text1=[f"fan{n + 1}", 0], text2=[f"fan{n + 1}", 0], text3="word")
        for n in range(40)
    }
    graph = changed(**fan, n6=node("CLIPTextEncode", text=["fan0", 0]))
    prompt = parameters(graph).prompt
    assert prompt is not None
    assert len(prompt) <= 20_000


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["KSampler", "SaveImage", "1", "2", "model", -10, -20, 0, 1]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(
            ["class_type", "inputs", "nodes", "links", "id", "type", "widgets_values", "images",
             "latent_image", "model", "positive", "text", "seed", "1", "2", "3", "link", "name",
             "mode", "widget", "inputs", "outputs", "origin_id", "origin_slot", "target_id",
             "target_slot", "widgets_values_named", "definitions", "subgraphs", "prompt",
             "workflow"]
        ),
        inner,
        max_size=5,
    ),
    max_leaves=30,
)  # fmt: skip


@given(JSON)
def test_any_json(value):
    text = json.dumps(value)
    read_texts((("prompt", text), ("workflow", text), ("EXIF:UserComment", text)))
    if isinstance(value, dict):
        api_graph(value)
        screen_graph(value)


@given(st.data())
def test_mutated_graphs(data):
    graph = copy.deepcopy(GRAPH)
    for _ in range(data.draw(st.integers(1, 5))):
        key = data.draw(st.sampled_from(sorted(graph)))
        inputs = graph[key].get("inputs") if isinstance(graph[key], dict) else None
        if isinstance(inputs, dict) and inputs and data.draw(st.booleans()):
            inputs[data.draw(st.sampled_from(sorted(inputs)))] = data.draw(JSON)
        else:
            graph[key] = data.draw(JSON)
    read_texts((("prompt", json.dumps(graph)),))


SERVICES = ("WanTextToImageApi", "GrokImageNode", "ReveImageCreateNode", "GeminiNanoBanana2")


@pytest.mark.parametrize("kind", [*SERVICES, "SomethingBrandNewNode"])
def test_a_picture_that_a_service_was_asked_for_known_or_not(kind):
    graph = {
        "1": node(kind, prompt="a red fox", seed=5, api_key="sk-very-secret"),
        "9": node("SaveImage", images=["1", 0]),
    }
    found = parameters(graph)
    assert (found.process, found.prompt, found.seed) == (Process.TEXT, "a red fox", "5")
    assert (found.generator is None) == (kind not in SERVICES)


@pytest.mark.parametrize("kind", ["GroundingDinoSAMSegment", "CLIPSegMask", "Florence2Caption"])
def test_what_only_finds_something_in_a_picture_makes_none(kind):
    graph = {
        "1": node("LoadImage", image="x.png"),
        "2": node(kind, prompt="a hat", image=["1", 0]),
        "9": node("SaveImage", images=["2", 0]),
    }
    assert read_texts((("prompt", json.dumps(graph)),)) is None


def test_pictures_within_a_graph_do_not_hide_it():
    graph = changed(n20=node("LoadImageBase64", image="iVBORw0KGgo" + "A" * 6_000_000))
    assert parameters(graph).seed == "77"


def test_nothing_of_a_graph_is_told_but_what_is_needed():
    folder = "C:\\Users\\jane\\models\\"
    graph = changed(
        n4=node("CheckpointLoaderSimple", ckpt_name=f"{folder}sd_xl_base_1.0.safetensors"),
        n21=node("OpenAIChat", api_key="sk-very-secret", pin="hunter2"),
        n22=node("LoadImage", image="/home/jane/private.png", mail="jane@example.com"),
        n9=node("SaveImage", filename_prefix="/home/jane/out", images=["8", 0]),
    )
    signal = read(png({"prompt": graph}))
    told = repr(signal)
    assert "sd_xl_base_1.0.safetensors" in told
    for secret in ("sk-very-secret", "hunter2", "jane"):
        assert secret not in told


@pytest.mark.parametrize("name", ["image", "images.image_1", "model.images.image_1"])
def test_a_service_that_is_given_a_picture_edits_it(name):
    graph = {
        "1": node("LoadImage", image="mine.png"),
        "2": node("ByteDanceSeedreamNodeV3", prompt="night", **{name: ["1", 0], "model.seed": 7}),
        "3": node("SaveImageAdvanced", images=["2", 0]),
        "4": node("PreviewAny", source=["5", 0]),
        "5": node("GetImageSize", image=["1", 0]),
    }
    found = parameters(graph)
    assert (found.process, found.generator, found.seed) == (Process.INSTRUCTION, "Seedream", "7")


@pytest.mark.parametrize("on", [True, False])
def test_a_switch_passes_on_one_text(on):
    graph = changed(
        n6=node("CLIPTextEncode", text=["20", 0]),
        n20=node("ComfySwitchNode", switch=["21", 0], on_true=["22", 0], on_false="a crow"),
        n21=node("PrimitiveBoolean", value=on),
        n22=node("TextGenerate", prompt="You write prompts. The user wants: a crow"),
    )
    assert parameters(graph).prompt == (None if on else "a crow")
