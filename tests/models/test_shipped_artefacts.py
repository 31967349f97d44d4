"""Every artefact that comes with the product is whole, and gives its golden values."""

import json
from pathlib import Path

import pytest

from models import ON_CPU, DetectorArtefact, Kind, load_encoder
from models.artefact import golden as of_detector
from models.artefact.artefact import CARD, open_any
from models.artefact.registry import DEFAULTS, SHIPPED, Registry
from similarity import golden as of_similarity
from similarity.artefact import SimilarityArtefact

FOLDERS = sorted(path for path in SHIPPED.iterdir() if path.is_dir())
TRAINED = [path for path in FOLDERS if open_any(path).manifest.kind is not Kind.ENCODER]
LARGEST = {Kind.DETECTOR: 24_000_000, Kind.SIMILARITY: 20_000_000, Kind.ENCODER: 200_000}


def test_defaults_are_of_their_kind_and_encoder(tmp_path: Path) -> None:
    defaults = json.loads((SHIPPED / DEFAULTS).read_text("utf-8"))
    assert set(defaults) == {Kind.DETECTOR, Kind.SIMILARITY}
    for encoders in defaults.values():
        assert any(encoder.endswith(":float") for encoder in encoders)
    for kind, names in defaults.items():
        for encoder, name in names.items():
            assert Registry(tmp_path).in_use(Kind(kind), encoder) == SHIPPED / name
            manifest = open_any(SHIPPED / name).manifest
            assert (manifest.kind, manifest.encoder, manifest.name) == (kind, encoder, name)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_is_complete_and_small_and_its_card_and_the_log_name_it(folder: Path) -> None:
    artefact = open_any(folder)
    assert artefact.name == folder.name
    card = artefact.path(CARD).read_text("utf-8")
    assert artefact.name in card
    assert artefact.size < LARGEST[artefact.manifest.kind]
    if artefact.manifest.kind is not Kind.ENCODER:
        assert artefact.manifest.encoder in card
        log = (SHIPPED.parent / "CHANGELOG.md").read_text("utf-8")
        assert f"`{artefact.name}`" in log


@pytest.mark.parametrize("folder", TRAINED, ids=lambda folder: folder.name)
def test_heads_give_their_golden_values(folder: Path) -> None:
    if open_any(folder).manifest.kind is Kind.DETECTOR:
        of_detector.check_folder(folder)
    else:
        of_similarity.check_folder(folder)


@pytest.mark.parametrize("folder", TRAINED, ids=lambda folder: folder.name)
def test_encoder_and_heads_together_give_golden_values(folder: Path, encoder_cache: Path) -> None:
    manifest = open_any(folder).manifest
    checked = 0
    for precision in ON_CPU:
        encoder = load_encoder(encoder_cache, precision=precision, threads=1)
        if encoder.id != manifest.encoder:
            continue
        if manifest.kind is Kind.DETECTOR:
            of_detector.check_views(DetectorArtefact.load(folder), encoder)
        else:
            of_similarity.check_views(SimilarityArtefact.load(folder), encoder)
        checked += 1
    assert checked == 2, "fp32 and bf16 share an id, and so do int8 and int8-bf16"
