import pytest

from detector.readers.checkpoints import family


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("SD3\\sd3.5_large.safetensors", "Stable Diffusion 3.5"),
        ("sd_xl_base_1.0", "Stable Diffusion XL"),
        ("ponyDiffusionV6XL.safetensors", "Stable Diffusion XL"),
        ("waiNSFWIllustrious_v140", "Stable Diffusion XL"),
        ("v1-5-pruned-emaonly.safetensors", "Stable Diffusion 1.5"),
        ("v2-1_768-ema-pruned", "Stable Diffusion 2"),
        ("flux1-dev-fp8.safetensors", "FLUX"),
        ("flux1-kontext-dev", "FLUX Kontext"),
        ("Qwen/Qwen-Image-2512", "Qwen-Image"),
        ("qwen_image_edit_2509_fp8", "Qwen-Image"),
        ("z_image_turbo_bf16", "Z-Image"),
        ("NovelAI Diffusion V4.5 4BDE2A90", "NovelAI"),
        ("stable_cascade_stage_c", "Stable Cascade"),
        ("stabilityai/stable-diffusion-3-medium", "Stable Diffusion 3"),
        ("my own mix", None),
        ("", None),
        (None, None),
    ],
)
def test_families(model, expected):
    assert family(model) == expected
