"""A platform's own strangers set how near is close."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.artefact.artefact import CARD
from models.artefact.detector import load_seen
from models.artefact.manifest import Kind
from models.artefact.registry import Registry
from similarity.artefact import HEADS, SimilarityArtefact
from similarity.golden import check_folder
from tests.similarity.test_artefact import save
from training.detector.conformal import Guarantee
from training.detector.recalibrate import RECORD, PlatformSample
from training.errors import TooFewImages, TrainingError
from training.likeness.calibrate import LikenessRecord, recalibrate_likeness


@pytest.fixture(scope="module")
def artefact(tmp_path_factory: pytest.TempPathFactory) -> SimilarityArtefact:
    folder = tmp_path_factory.mktemp("shipped") / "small"
    save(folder)
    return SimilarityArtefact.load(folder)


def sample(shares: np.ndarray) -> PlatformSample:
    digests = tuple(f"{i:016x}" + "0" * 48 for i in range(len(shares)))
    return PlatformSample(-np.log(shares), digests, {"odd": 2})


def test_shares_of_strangers_are_those_that_are_stated(
    artefact: SimilarityArtefact, tmp_path: Path
) -> None:
    # Strangers here come four times as near as the cohort says.
    shares = np.random.default_rng(0).uniform(size=2000) / 4
    made = recalibrate_likeness(artefact, sample(shares), 0.01, tmp_path / "ours", index="abc")
    old, new = artefact.manifest, made.manifest
    assert made.identity == artefact.identity
    assert new.files[HEADS] == old.files[HEADS]
    assert (new.name, new.heads, new.styles.close) == ("ours", "small", 0.01)
    accused = (new.cohort_correction * shares <= new.styles.close).mean()
    assert 0.004 < accused <= 0.01
    assert made.heads.cohort.correction == new.cohort_correction == pytest.approx(6, rel=0.5)

    record = LikenessRecord.model_validate_json((made.folder / RECORD).read_bytes())
    assert (record.derived_from, record.index, record.left_out) == ("small", "abc", {"odd": 2})
    assert record.point.measured == accused
    card = (made.folder / CARD).read_text("utf-8")
    assert card.startswith("Made from small, with a threshold of its own: at most 1 % of pictures")
    assert len(load_seen(made)) == 2000
    # The heads' first name stays when it is calibrated once more.
    again = recalibrate_likeness(made, sample(shares), 0.02, tmp_path / "more", index="abc")
    assert (again.manifest.heads, again.identity) == ("small", artefact.identity)


def test_it_can_be_promoted_and_taken_back(artefact: SimilarityArtefact, tmp_path: Path) -> None:
    shares = np.random.default_rng(0).uniform(size=500)
    made = recalibrate_likeness(artefact, sample(shares), 0.01, tmp_path / "ours", index="abc")
    registry = Registry(tmp_path / "home", shipped=artefact.folder.parent)
    before = registry.digest()
    registry.promote(made.folder, {Kind.SIMILARITY: check_folder})
    assert registry.in_use(Kind.SIMILARITY, "fake").name == "ours"
    assert registry.digest() != before
    assert registry.rollback().name == "ours"


@settings(max_examples=25)
@given(
    shares=st.lists(st.floats(1e-12, 1.0), min_size=300, max_size=400),
    rate=st.sampled_from([0.01, 0.05]),
)
def test_never_more_of_the_sample_is_close_than_stated(
    artefact: SimilarityArtefact,
    tmp_path_factory: pytest.TempPathFactory,
    shares: list[float],
    rate: float,
) -> None:
    out = tmp_path_factory.mktemp("out") / "ours"
    made = recalibrate_likeness(artefact, sample(np.array(shares)), rate, out, index="abc")
    correction = made.manifest.cohort_correction
    close = [share for share in shares if min(1.0, correction * share) <= rate]
    assert len(close) <= rate * len(shares)
    assert math.isfinite(correction)


def test_what_cannot_be_promised_is_refused(artefact: SimilarityArtefact, tmp_path: Path) -> None:
    few = sample(np.linspace(0.1, 1, 50))
    with pytest.raises(TooFewImages, match=r"takes at least 299.*2 odd"):
        recalibrate_likeness(artefact, few, 0.01, tmp_path / "a", index="abc")
    with pytest.raises(TrainingError, match="above 0 and below 1"):
        recalibrate_likeness(artefact, few, 1.5, tmp_path / "a", index="abc")
    assert not (tmp_path / "a").exists()
    average = Guarantee.AVERAGE
    made = recalibrate_likeness(artefact, few, 0.05, tmp_path / "b", index="abc", guarantee=average)
    assert "on average over samples" in (made.folder / CARD).read_text("utf-8")
