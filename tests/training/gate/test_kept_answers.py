from pathlib import Path

import numpy as np
import pytest

from evidence import Verdict
from imaging.perturbations.web import Tier
from tests.artefacts import FakeEncoder
from training.data.features import FeatureTable, compute_features
from training.data.manifest import read_manifest
from training.evaluation.figures import Answers
from training.gate.kept_answers import KeptAnswers

DETECTOR = "a" * 64


@pytest.fixture(scope="module")
def table(small_manifest: Path, tmp_path_factory: pytest.TempPathFactory) -> FeatureTable:
    rows = read_manifest(small_manifest)[:6]
    return compute_features(rows, FakeEncoder(), tmp_path_factory.mktemp("cache"))


class Asked:
    """A detector that scores images by their digests, and remembers how many it was asked for."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def __call__(self, tier: Tier, table: FeatureTable) -> Answers:
        self.sizes.append(len(table.rows))
        scores = np.array([int(d[:4], 16) + (tier is Tier.WEB) for d in table.sha256], float)
        verdicts = [Verdict.AI if score > 30_000 else Verdict.INCONCLUSIVE for score in scores]
        return Answers(table.rows, table.sha256, scores, scores / 70_000, verdicts)


def test_each_image_is_asked_for_once_in_each_tier(table: FeatureTable, tmp_path: Path) -> None:
    kept, ask = KeptAnswers(tmp_path / "anchors"), Asked()
    groups = [f"g{i}" for i in range(6)]
    some = table.where(np.arange(6) < 4)
    kept.answers(DETECTOR, {Tier.CLEAN: some}, groups[:4], ask)
    found = kept.answers(DETECTOR, {Tier.CLEAN: table, Tier.WEB: table}, groups, ask)
    again = kept.answers(DETECTOR, {Tier.CLEAN: table, Tier.WEB: table}, groups, ask)
    assert ask.sizes == [4, 2, 6]
    for tier in (Tier.CLEAN, Tier.WEB):
        true = Asked()(tier, table)
        for one in (found[tier], again[tier]):
            assert one.groups == groups
            assert (one.rows, list(one.verdicts)) == (true.rows, list(true.verdicts))
            np.testing.assert_array_equal(one.scores, true.scores)
            np.testing.assert_array_equal(one.probabilities, true.probabilities)


def test_detectors_are_told_apart_and_damage_is_mended(table: FeatureTable, tmp_path: Path) -> None:
    kept, ask = KeptAnswers(tmp_path), Asked()
    for detector in (DETECTOR, "b" * 64):
        kept.answers(detector, {Tier.CLEAN: table}, table.sha256, ask)
    (tmp_path / f"{DETECTOR}.parquet").write_bytes(b"PAR1")
    kept.answers(DETECTOR, {Tier.CLEAN: table}, table.sha256, ask)
    assert ask.sizes == [6, 6, 6]


def test_what_leaves_is_forgotten(table: FeatureTable, tmp_path: Path) -> None:
    kept, ask = KeptAnswers(tmp_path), Asked()
    kept.answers(DETECTOR, {Tier.CLEAN: table}, table.sha256, ask)
    kept.forget(table.sha256[:2])
    assert table.sha256[0].encode() not in (tmp_path / f"{DETECTOR}.parquet").read_bytes()
    kept.answers(DETECTOR, {Tier.CLEAN: table}, table.sha256, ask)
    assert ask.sizes == [6, 2]
