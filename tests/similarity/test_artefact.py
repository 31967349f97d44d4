import json

import numpy as np
import pytest

from core.files import published, write_whole
from models.artefact.artefact import CARD, GOLDEN, MANIFEST, open_any
from models.artefact.golden import dump_golden, golden_views
from models.artefact.manifest import CohortFacts, SimilarityManifest, StyleRates
from models.artefact.registry import SHIPPED
from models.artefact.writing import seal
from models.errors import BrokenArtefact, EncoderDiffers
from similarity.artefact import HEADS, Heads, SimilarityArtefact, load_heads, save_heads
from similarity.golden import check_rows, check_views, make_golden
from similarity.heads import CopyHead
from similarity.styles.open_set import Cohort
from similarity.vectors.base import unit
from tests.similarity.test_heads import features, head
from tests.similarity.thresholds import COPIES


class Encoder:
    """Gives the features of `tests.similarity.test_heads`, whatever it sees; no two alike."""

    id = "fake"
    size = 32

    def encode(self, views):
        assert (views == golden_views(self.size)).all()
        return features(len(views), seed=5)


def save(folder, name="small", encoder="fake", **changes):
    rng = np.random.default_rng(0)
    heads = Heads(
        head(),
        CopyHead(rng.normal(size=4).astype(np.float32), rng.normal(size=(4, 3)).astype(np.float32)),
        Cohort(unit(rng.normal(size=(30, 7)).astype(np.float32)), np.arange(30) - 5, 2.5),
    )
    manifest = SimilarityManifest(
        name=name,
        created="2026-01-01T00:00:00+00:00",
        made_by="0.0.1",
        encoder=encoder,
        licence="MIT",
        members=("embedding", "class_tokens"),
        cohort_correction=2.5,
        copies=COPIES,
        styles=StyleRates(),
        data=CohortFacts(sha256="0" * 64, images=30, creators=7, licences={"MIT": 30}),
        metrics={},
    ).model_copy(update=changes)
    with published(folder) as draft:
        save_heads(draft, heads)
        write_whole(draft / CARD, b"# small\n")
        kept = load_heads(draft / HEADS, manifest.members, manifest.cohort_correction)
        golden = make_golden(kept, manifest.copies, Encoder())
        write_whole(draft / GOLDEN, dump_golden(golden))
        seal(draft, manifest)
    return heads


def test_heads_come_back_up_to_rounding(tmp_path):
    saved = save(tmp_path / "small")
    loaded = SimilarityArtefact.load(tmp_path / "small")
    seen = features()
    assert (loaded.heads.style(seen) * saved.style(seen)).sum(axis=1).min() > 0.999
    assert (loaded.heads.copy(seen) * saved.copy(seen)).sum(axis=-1).min() > 0.999
    assert (loaded.heads.cohort.styles * saved.cohort.styles).sum(axis=1).min() > 0.999
    np.testing.assert_array_equal(loaded.heads.cohort.people, saved.cohort.people)
    assert loaded.heads.cohort.correction == 2.5
    assert loaded.identity.style == 7
    assert loaded.identity.copy == 3
    assert loaded.identity.heads.startswith("small ")


def test_what_was_tampered_with_is_refused(tmp_path):
    save(tmp_path / "small")
    path = tmp_path / "small" / HEADS
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(BrokenArtefact, match="not the file"):
        SimilarityArtefact.load(tmp_path / "small")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema_version": 1}, "schema_version"),
        ({"more": 1}, "more"),
        ({"cohort_correction": 0.0}, "cohort_correction"),
        ({"styles": {"close": 0.0, "review": 0.05}}, "close"),
        ({"copies": COPIES.model_dump() | {"review": 0.9}}, "`review` is above `proven`"),
        (
            {"copies": COPIES.model_dump() | {"proof": {"bias": 0, "weights": {"taste": 1}}}},
            "weighs taste; a proof consists of agrees",
        ),
    ],
)
def test_an_invalid_manifest_is_refused(tmp_path, change, message):
    save(tmp_path / "small")
    path = tmp_path / "small" / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(BrokenArtefact, match=message):
        SimilarityArtefact.load(tmp_path / "small")


def test_golden_values_hold_for_the_same_model_alone(tmp_path):
    exact = save(tmp_path / "small")
    folder = tmp_path / "small"
    loaded = SimilarityArtefact.load(folder)
    check_rows(loaded)
    check_views(loaded, Encoder())
    golden = make_golden(loaded.heads, COPIES, Encoder())
    other = make_golden(exact, COPIES, Encoder())
    for change, message in (
        ({"rows": other.rows}, "the style vectors differ by more than rounding"),
        ({"proof": golden.proof - 0.1}, "a copy scores"),
        ({"no_proof": 0.9}, "a copy scores"),
    ):
        write_whole(folder / GOLDEN, dump_golden(golden.model_copy(update=change)))
        seal(folder, loaded.manifest)
        with pytest.raises(BrokenArtefact, match=message):
            check_rows(SimilarityArtefact.load(folder))


def test_golden_values_are_of_one_encoder(tmp_path):
    save(tmp_path / "small", encoder="another")
    with pytest.raises(EncoderDiffers):
        check_views(SimilarityArtefact.load(tmp_path / "small"), Encoder())


def test_the_shipped_artefacts_say_what_they_can_do():
    found = [open_any(path.parent) for path in sorted(SHIPPED.glob(f"*/{MANIFEST}"))]
    models = [one for one in found if isinstance(one.manifest, SimilarityManifest)]
    assert models
    for one in models:
        artefact = SimilarityArtefact.load(one.folder)
        metrics = artefact.manifest.metrics
        assert metrics["recall_at_1_low"] > metrics["plain_recall_at_1_high"]
        assert metrics["open_set_auroc_low"] > metrics["plain_open_set_auroc_high"]
        assert metrics["accused_at_stated_1_percent"] <= 0.011
        styles = artefact.heads.cohort.styles
        np.testing.assert_allclose(np.linalg.norm(styles, axis=1), 1, atol=1e-5)
