from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from evidence import Verdict
from imaging.perturbations.web import Tier
from training.data.manifest import Row
from training.evaluation.figures import Answers
from training.evaluation.plots import (
    draw_histogram,
    draw_precision_recall,
    draw_roc,
    draw_roc_log,
)


@pytest.fixture
def answers() -> Answers:
    rng = np.random.default_rng(0)
    labels = ["ai"] * 30 + ["human"] * 50
    rows = tuple(Row(i, str(i), Path(str(i)), label) for i, label in enumerate(labels))
    scores = rng.normal(size=80) + 2 * (np.arange(80) < 30)
    return Answers(rows, [""] * 80, scores, 1 / (1 + np.exp(-scores)), [Verdict.HUMAN] * 80)


def test_a_plot_is_drawn_where_it_is_asked_for(answers: Answers) -> None:
    """As a notebook does: several side by side, each on its own axes."""
    axes = Figure().subplots(1, 4)
    by_tier = {Tier.CLEAN: answers}
    draw_roc(axes[0], by_tier)
    draw_roc_log(axes[1], by_tier)
    draw_precision_recall(axes[2], by_tier)
    draw_histogram(axes[3], answers)
    assert [a.get_xscale() for a in axes[:2]] == ["linear", "log"]
    for one in axes[:3]:
        (line,) = (line for line in one.get_lines() if line.get_label() == "clean")
        assert len(line.get_xdata()) > 10
    assert all(one.get_xlabel() and one.get_ylabel() for one in axes)
    shares = sum(bar.get_height() for bar in axes[3].patches)
    assert shares == pytest.approx(2), "each class adds up to one"
