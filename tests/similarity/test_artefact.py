import json

import numpy as np
import pytest

from models.artefact.registry import SHIPPED
from similarity.artefact import (
    HEADS,
    MANIFEST,
    Heads,
    SimilarityManifest,
    artefact_for,
    load_artefact,
    save_artefact,
    save_heads,
)
from similarity.errors import BrokenIndex, IndexDiffers
from similarity.heads import CopyHead, unit
from similarity.styles.open_set import Cohort
from tests.similarity.test_heads import features, head


def save(folder, name="small", encoder="fake"):
    rng = np.random.default_rng(0)
    folder.mkdir(parents=True)
    heads = Heads(
        head(),
        CopyHead(rng.normal(size=4).astype(np.float32), rng.normal(size=(4, 3)).astype(np.float32)),
        Cohort(unit(rng.normal(size=(30, 7)).astype(np.float32)), np.arange(30) - 5, 2.5),
    )
    manifest = SimilarityManifest(
        name=name,
        created="2026-01-01T00:00:00+00:00",
        encoder=encoder,
        members=("embedding", "class_tokens"),
        heads_sha256=save_heads(folder, heads),
        optimism=2.5,
        copy_gate=0.3,
        images=30,
        creators=7,
        data_sha256="0" * 64,
        licences={"MIT": 30},
        metrics={},
        licence="MIT",
    )
    save_artefact(folder, manifest)
    return heads


def test_heads_come_back_up_to_rounding(tmp_path):
    saved = save(tmp_path / "small")
    loaded = load_artefact(tmp_path / "small")
    seen = features()
    assert (loaded.heads.style(seen) * saved.style(seen)).sum(axis=1).min() > 0.999
    assert (loaded.heads.copy(seen) * saved.copy(seen)).sum(axis=-1).min() > 0.999
    assert (loaded.heads.cohort.styles * saved.cohort.styles).sum(axis=1).min() > 0.999
    np.testing.assert_array_equal(loaded.heads.cohort.people, saved.cohort.people)
    assert loaded.heads.cohort.optimism == 2.5
    assert loaded.identity.style == 7
    assert loaded.identity.copy == 3
    assert "small" in loaded.identity.heads


def test_what_was_tampered_with_is_refused(tmp_path):
    save(tmp_path / "small")
    path = tmp_path / "small" / HEADS
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(BrokenIndex, match="not the file"):
        load_artefact(tmp_path / "small")


@pytest.mark.parametrize("change", [{"schema_version": 2}, {"more": 1}, {"optimism": 0.5}])
def test_an_invalid_manifest_is_refused(tmp_path, change):
    save(tmp_path / "small")
    path = tmp_path / "small" / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(BrokenIndex, match="cannot be read"):
        load_artefact(tmp_path / "small")


def test_the_last_artefact_for_an_encoder_is_taken(tmp_path):
    for name, encoder in (("a", "one"), ("b", "two"), ("c", "two")):
        save(tmp_path / name, name, encoder)
    assert artefact_for("one", tmp_path).manifest.name == "a"
    assert artefact_for("two", tmp_path).manifest.name == "c"
    with pytest.raises(IndexDiffers, match="three"):
        artefact_for("three", tmp_path)


def test_the_shipped_artefacts_are_whole_and_say_what_they_can_do():
    places = sorted(SHIPPED.glob(f"*/{MANIFEST}"))
    assert places
    for place in places:
        artefact = load_artefact(place.parent)
        metrics = artefact.manifest.metrics
        assert metrics["recall_at_1_low"] > metrics["plain_recall_at_1_high"]
        assert metrics["open_set_auroc_low"] > metrics["plain_open_set_auroc_high"]
        assert metrics["accused_at_stated_1_percent"] <= 0.011
        assert (place.parent / "README.md").is_file()
        styles = artefact.heads.cohort.styles
        np.testing.assert_allclose(np.linalg.norm(styles, axis=1), 1, atol=1e-5)
