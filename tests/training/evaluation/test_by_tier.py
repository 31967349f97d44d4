from pathlib import Path

import numpy as np
import pytest

from evidence import Verdict
from imaging.perturbations.web import Tier
from training.data.manifest import Row
from training.evaluation.baselines import Baseline
from training.evaluation.by_tier import compare
from training.evaluation.figures import Answers, detector_figures
from training.evaluation.metrics import threshold_at

N = 400


def _answers(scores: np.ndarray) -> Answers:
    rows = [
        Row(
            i,
            f"{i}.png",
            Path(f"{i}.png"),
            "ai" if i < N // 2 else "human",
            kind=("comic", "painting", "")[i % 3],
            source=f"{i % 20}",
            generator="one",
        )
        for i in range(N)
    ]
    verdicts = [Verdict.AI if s > 2 else Verdict.INCONCLUSIVE for s in scores]
    return Answers(rows, [row.source for row in rows], scores, 1 / (1 + np.exp(-scores)), verdicts)


@pytest.fixture(scope="module")
def clean() -> np.ndarray:
    return np.random.default_rng(0).normal(0, 1, N) + 2.0 * (np.arange(N) < N // 2)


def test_a_tier_is_compared_at_the_clean_threshold(clean: np.ndarray) -> None:
    """Scores that all move by the same rank as before, but not at a threshold that stays."""
    answers = {Tier.CLEAN: _answers(clean), Tier.HARD: _answers(clean + 0.5)}
    before, after = compare(answers, [])
    assert (before.tier, after.tier) == (Tier.CLEAN, Tier.HARD)
    threshold = threshold_at(clean[N // 2 :], 0.01)
    assert before.detector.threshold == after.detector.threshold == threshold
    assert before.auroc_lost.value == after.auroc_lost.value == 0
    for a, b in ((before.detector, 0.0), (after.detector, 0.5)):
        assert a.tpr_at_1_percent_fpr == before.detector.tpr_at_1_percent_fpr
        assert a.overall.accused is not None
        assert a.overall.caught is not None
        assert a.overall.accused.value == (clean[N // 2 :] + b > threshold).mean()
        assert a.overall.caught.value == (clean[: N // 2] + b > threshold).mean()
    assert before.detector.overall.accused.value == 0.01


def test_what_a_tier_loses_is_told_with_its_interval(clean: np.ndarray) -> None:
    noise = np.random.default_rng(1).normal(0, 2, N)
    _, after = compare({Tier.CLEAN: _answers(clean), Tier.WEB: _answers(clean + noise)}, [])
    lost = (
        detector_figures(_answers(clean)).auroc_by_group.value - after.detector.auroc_by_group.value
    )
    assert after.auroc_lost.value == pytest.approx(lost)
    assert 0 < after.auroc_lost.low < lost < after.auroc_lost.high


def test_a_baseline_stands_beside_the_detector_in_every_slice(clean: np.ndarray) -> None:
    rng = np.random.default_rng(2)
    worse = {tier: clean + rng.normal(0, 2, N) for tier in (Tier.CLEAN, Tier.WEB)}
    answers = {tier: _answers(clean) for tier in worse}
    found = compare(answers, [Baseline("worse", "Worse", "It is worse.", worse)])
    for tier in found:
        (baseline,) = tier.baselines
        of = detector_figures(
            _answers(worse[tier.tier]), threshold_at(worse[Tier.CLEAN][N // 2 :], 0.01)
        )
        assert baseline.auroc == of.auroc_by_group
        gain = tier.detector.auroc_by_group.value - of.auroc_by_group.value
        assert baseline.gain.value == pytest.approx(gain)
        assert baseline.gain.low > 0
        for part in ("by_kind", "by_generator", "by_source"):
            ours, theirs = getattr(tier.detector, part), getattr(baseline, part)
            assert [s.name for s in ours] == [s.name for s in theirs]
            assert [(s.auroc, s.accused, s.caught) for s in getattr(of, part)] == [
                (s.auroc, s.accused, s.caught) for s in theirs
            ]
    assert {s.name for s in found[0].detector.by_kind} == {"comic", "painting"}
    (one,) = found[0].detector.by_generator
    assert (one.n_ai, one.n_human, one.accused) == (N // 2, 0, None)
