"""Every artefact that comes with the product gives its golden values."""

import json
from pathlib import Path

import pytest

from models import Precision, load_encoder
from models.artefact.artefact import CARD, load_artefact
from models.artefact.golden import check_rows, check_views
from models.artefact.registry import DEFAULTS, SHIPPED, Registry

HEADS = sorted(path.parent for path in SHIPPED.glob("*/head.safetensors"))


def test_there_are_shipped_artefacts_and_a_default_for_the_float_encoder() -> None:
    assert HEADS
    defaults = json.loads((SHIPPED / DEFAULTS).read_text("utf-8"))
    assert any(encoder.endswith(":float") for encoder in defaults)
    for encoder, name in defaults.items():
        assert load_artefact(SHIPPED / name).manifest.encoder == encoder


@pytest.mark.parametrize("folder", HEADS, ids=lambda folder: folder.name)
def test_is_complete_small_and_gives_its_golden_values(folder: Path, tmp_path: Path) -> None:
    artefact = Registry(user=tmp_path).load(folder.name)
    check_rows(artefact)
    card = (folder / CARD).read_text("utf-8")
    assert folder.name in card
    assert artefact.manifest.encoder in card
    assert sum(p.stat().st_size for p in folder.iterdir()) < 6_000_000
    log = (SHIPPED.parent / "CHANGELOG.md").read_text("utf-8")
    assert f"`{folder.name}`" in log


@pytest.mark.parametrize("folder", HEADS, ids=lambda folder: folder.name)
def test_encoder_and_head_together_give_golden_values(folder: Path, encoder_cache: Path) -> None:
    artefact = load_artefact(folder)
    checked = 0
    for precision in Precision:
        encoder = load_encoder(encoder_cache, precision=precision, threads=1)
        if encoder.id == artefact.manifest.encoder:
            check_views(artefact, encoder)
            checked += 1
    assert checked == 2, "fp32 and bf16 share an id, and so do int8 and int8-bf16"
