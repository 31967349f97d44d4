"""Strangers that set a rate are not those that are judged by it."""

import numpy as np
import pytest

from benchmarks.stated_rate import judged
from training.detector.conformal import TooFewWorks
from training.similarity.style_figures import StyleAnswers


def answers(strangers: int, each: int = 2) -> StyleAnswers:
    """Strangers who come three times as near as is stated, and creators who are found surely."""
    rng = np.random.default_rng(0)
    n = strangers * each
    names = [f"s{i // each}" for i in range(n)] + [f"e{i}" for i in range(50)]
    return StyleAnswers(
        creators=np.array(names, object),
        known=np.arange(n + 50) >= n,
        rank=np.concatenate([np.full(n, -1), np.zeros(40), np.ones(10)]).astype(np.int64),
        score=np.zeros(n + 50),
        p_value=np.concatenate([rng.uniform(size=n) / 3, np.full(50, 1e-6)]),
    )


def test_the_rate_holds_for_strangers_who_did_not_set_it() -> None:
    strangers, enrolled = judged(answers(1000), 0.05, np.random.default_rng(0))
    assert len(set(strangers.creators)) == 500
    assert 0.1 < strangers.before.mean() < 0.2
    assert 0.01 < strangers.after.mean() < 0.06
    assert enrolled.before.mean() == enrolled.after.mean() == 0.8
    with pytest.raises(TooFewWorks):
        judged(answers(60), 0.05, np.random.default_rng(0))
