"""The spec of the encoder, and the room that a second encoder has."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from detector import Detector, measure
from detector.pixels.heat import heat_map
from evidence import Verdict
from imaging import decode_for_view
from models import EncoderSpec
from models.artefact.artefact import open_any
from models.artefact.golden import golden_views, shapes_of
from models.encoder.openvino_encoder import OpenVinoEncoder
from models.encoder.spec import FOLDER, SPEC
from models.encoder.weights import Tensors, block
from models.heads import LinearHead, select
from models.patch_head import PatchHead
from similarity.heads import CopyHead
from similarity.proposals import PARTS
from tests.artefacts import write_artefact
from tests.scan.making import picture

TINY = SPEC.model_copy(
    update={
        "architecture": "tiny",
        "size": 48,
        "patch": 8,
        "width": 24,
        "blocks": 3,
        "heads": 2,
        "embedding": 10,
        "patch_blocks": (1, 2),
        "token_block": 2,
        "mean": (0.5, 0.5, 0.5),
        "deviation": (0.25, 0.25, 0.25),
    }
)


def tensors(spec: EncoderSpec) -> Tensors:
    """Random weights of a network."""
    rng = np.random.default_rng(0)
    width = spec.width

    def draw(*shape: int) -> np.ndarray:
        return (rng.normal(size=shape) / np.sqrt(shape[-1])).astype(np.float32)

    made = {
        "class_embedding": draw(width),
        "positional_embedding": draw(spec.tokens, width),
        "conv1.weight": draw(width, 3, spec.patch, spec.patch),
        "proj": draw(width, spec.embedding),
    }
    norms = ["ln_pre", "ln_post"]
    for i in range(spec.blocks):
        norms += [f"{block(i)}ln_1", f"{block(i)}ln_2"]
        for name, rows, columns in (
            ("attn.in_proj_", 3 * width, width),
            ("attn.out_proj.", width, width),
            ("mlp.c_fc.", 4 * width, width),
            ("mlp.c_proj.", width, 4 * width),
        ):
            made[f"{block(i)}{name}weight"] = draw(rows, columns)
            made[f"{block(i)}{name}bias"] = draw(rows)
    for name in norms:
        made[f"{name}.weight"], made[f"{name}.bias"] = np.ones(width, np.float32), draw(width)
    return made


@pytest.fixture(scope="module")
def encoder() -> OpenVinoEncoder:
    return OpenVinoEncoder(tensors(TINY), spec=TINY)


def test_the_shipped_spec_names_the_encoder_as_ever() -> None:
    assert SPEC.float_id == "clip-vit-b16-openai:2d2da5e254d6:bicubic224:patches2-5-8-11:float"
    assert (SPEC.grid, SPEC.tokens) == (14, 197)
    artefact = open_any(FOLDER)
    assert artefact.manifest.encoder == SPEC.float_id
    assert artefact.manifest.licence == SPEC.licence
    assert SPEC.paper.startswith("https://")


def test_the_id_names_what_changes_the_features() -> None:
    for change in (
        {"architecture": "other"},
        {"weights_sha256": "0" * 64},
        {"size": 336},
        {"patch_blocks": (1, 2)},
    ):
        assert SPEC.model_copy(update=change).id != SPEC.id
    with pytest.raises(ValidationError):
        EncoderSpec.model_validate(SPEC.model_dump() | {"interpolation": "nearest"})


def test_a_second_encoder_gives_features_of_its_own_shapes(encoder: OpenVinoEncoder) -> None:
    assert encoder.id == TINY.float_id
    views = golden_views(encoder.size)
    features = encoder.encode(views)
    assert shapes_of(features, tokens=True) == {
        "embedding": (10,),
        "class_tokens": (3, 24),
        "patch_mean": (2, 24),
        "patch_std": (2, 24),
        "patch_tokens": (36, 24),
    }
    np.testing.assert_allclose(np.linalg.norm(features.embedding, axis=1), 1, atol=1e-5)
    assert features.patch_tokens is not None
    mean = features.patch_tokens.astype(np.float32).mean(axis=1)
    np.testing.assert_allclose(features.patch_mean[:, 1], mean, atol=0.01)
    with pytest.raises(ValueError, match=r"uint8 \[N, 48, 48, 3\]"):
        encoder.encode(golden_views(SPEC.size))


def test_views_heads_and_the_detector_take_a_second_encoder(
    encoder: OpenVinoEncoder, tmp_path: Path
) -> None:
    image = decode_for_view(picture(3, side=300), encoder.size)
    width = TINY.blocks * TINY.width
    ones = np.ones(width, np.float32)
    head = LinearHead(("class_tokens",), np.zeros_like(ones), ones, ones / width, bias=100.0)
    patches = PatchHead(np.ones(TINY.width, np.float32), bias=0.0)
    artefact = replace(
        write_artefact(tmp_path / "small", encoder=encoder.id), head=head, patches=patches
    )
    detector = Detector(artefact)
    features = detector.encode(image, encoder)
    evidence = detector.assess(features, measure(image))
    assert evidence.scored is Verdict.AI
    expected = select(features, ("class_tokens",))[0].mean() + 100
    assert evidence.score == pytest.approx(expected, rel=1e-5)
    assert heat_map(features[:1], artefact).shape == (1, TINY.grid, TINY.grid)
    rng = np.random.default_rng(1)
    copy = CopyHead(np.zeros(TINY.width, np.float32), rng.normal(size=(TINY.width, 5)))
    assert copy.with_parts(features).shape == (len(features), 1 + PARTS, 5)
