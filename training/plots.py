"""The plots of an evaluation, as PNG files."""

from pathlib import Path
from typing import Any

import numpy as np

from models.errors import MissingExtra
from training.figures import Figures, Judged
from training.metrics import roc

AI, HUMAN, GREY = "#b3472f", "#2f6f8f", "#888888"


def draw_all(judged: Judged, figures: Figures, folder: Path) -> tuple[str, ...]:
    """Draw the ROC curve, the reliability diagram and the histogram of probabilities.

    Args:
        judged: The answers.
        figures: Their figures.
        folder: Where the files go.

    Returns:
        Names of the files.

    Raises:
        MissingExtra: Matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure  # an extra; without pyplot there is no global state
    except ImportError as error:
        raise MissingExtra("plots need Matplotlib: pip install 'rakkan[train]'") from error

    def save(name: str, draw: Any, *labels: str) -> str:
        picture = Figure(figsize=(5.2, 4.2), layout="constrained", dpi=110)
        axes = picture.subplots()
        draw(axes)
        axes.set(xlabel=labels[0], ylabel=labels[1], title=labels[2])
        axes.spines[["top", "right"]].set_visible(False)
        if axes.get_legend_handles_labels()[0]:
            axes.legend(frameon=False)
        picture.savefig(folder / name)
        return name

    is_ai = judged.is_ai

    def draw_roc(axes: Any) -> None:
        false, true = roc(judged.scores[is_ai], judged.scores[~is_ai])
        axes.set_xscale("log")
        axes.plot(np.maximum(false, 1e-4), true, color=AI, drawstyle="steps-post")
        axes.set(xlim=(1e-3, 1), ylim=(0, 1.01))
        axes.axvline(0.01, color=GREY, lw=0.8, ls=":")

    def draw_reliability(axes: Any) -> None:
        axes.plot([0, 1], [0, 1], color=GREY, lw=0.8, ls=":")
        axes.plot(
            [b.probability for b in figures.reliability],
            [b.share for b in figures.reliability],
            "o-",
            color=AI,
        )
        axes.set(xlim=(0, 1), ylim=(0, 1))

    def draw_histogram(axes: Any) -> None:
        bins = np.linspace(0, 1, 41)
        for label, mask, colour in (("human", ~is_ai, HUMAN), ("AI", is_ai, AI)):
            weights = np.full(int(mask.sum()), 1 / mask.sum())
            axes.hist(
                judged.probabilities[mask],
                bins,
                weights=weights,
                color=colour,
                alpha=0.6,
                label=label,
            )
        axes.set_yscale("log")

    return (
        save("roc.png", draw_roc, "human works accused", "AI pictures found", "ROC (log x)"),
        save(
            "reliability.png",
            draw_reliability,
            "published probability",
            "share of AI pictures",
            "Reliability, classes weighing the same",
        ),
        save(
            "histogram.png", draw_histogram, "published probability", "share of class", "Histogram"
        ),
    )
