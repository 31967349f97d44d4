"""The plots of an evaluation, as PNG files."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import MissingExtra
from imaging.perturbations.web import Tier
from training.evaluation.baselines import Baseline
from training.evaluation.by_tier import TierFigures
from training.evaluation.figures import Judged
from training.evaluation.metrics import precision_recall, roc

# Okabe and Ito's colours, which tell apart for colour-blind eyes too.
COLOURS = {Tier.CLEAN: "#0072b2", Tier.WEB: "#009e73", Tier.HARD: "#d55e00"}
AI, HUMAN, GREY = "#d55e00", "#0072b2", "#888888"
GREYS = (("#444444", "--"), ("#777777", "-."), ("#999999", ":"), ("#bbbbbb", "-"))
"""Of the baselines, in order."""

LEAST = 1e-3
"""Smallest false-positive rate on the logarithmic axis."""


def draw_all(
    judged: Mapping[Tier, Judged],
    figures: Sequence[TierFigures],
    baselines: Sequence[Baseline],
    folder: Path,
) -> dict[str, str]:
    """Draw the plots of an evaluation.

    Args:
        judged: The detector's answers by tier; baselines are drawn on the first of them.
        figures: Their figures.
        baselines: Scores of the same images.
        folder: Where the files go.

    Returns:
        What each shows, by the name of its file.

    Raises:
        MissingExtra: Matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure  # an extra; without pyplot there is no global state
    except ImportError as error:
        raise MissingExtra("plots need Matplotlib: pip install 'rakkan[train]'") from error
    first = next(iter(judged))
    is_ai = judged[first].is_ai

    def save(name: str, draw: Any, x: str, y: str, title: str) -> None:
        picture = Figure(figsize=(5.4, 4.2), layout="constrained", dpi=130)
        axes = picture.subplots()
        draw(axes)
        axes.set(xlabel=x, ylabel=y)
        axes.set_title(title, fontsize="medium", loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        if axes.get_legend_handles_labels()[0]:
            axes.legend(frameon=False, fontsize="small")
        picture.savefig(folder / name)

    def draw_roc(axes: Any) -> None:
        for baseline, (grey, dash) in zip(baselines, GREYS, strict=False):
            scores = baseline.scores[first]
            false, true = roc(scores[is_ai], scores[~is_ai])
            axes.plot(false, true, color=grey, lw=1.1, ls=dash, label=baseline.title)
        for tier, answers in judged.items():
            false, true = roc(answers.scores[is_ai], answers.scores[~is_ai])
            axes.plot(false, true, color=COLOURS[tier], drawstyle="steps-post", label=tier.value)
        axes.set(xlim=(0, 1), ylim=(0, 1.01))

    def draw_roc_log(axes: Any) -> None:
        draw_roc(axes)
        axes.set_xscale("log")
        axes.set_xlim(LEAST, 1)
        axes.axvline(0.01, color=GREY, lw=0.8)

    def draw_precision_recall(axes: Any) -> None:
        for tier, answers in judged.items():
            recall, precision = precision_recall(answers.scores[is_ai], answers.scores[~is_ai])
            axes.plot(recall, precision, color=COLOURS[tier], label=tier.value)
        axes.set(xlim=(0, 1), ylim=(0.5, 1.01))

    def draw_reliability(axes: Any) -> None:
        axes.plot([0, 1], [0, 1], color=GREY, lw=0.8)
        for tier in figures:
            bins = tier.detector.reliability
            axes.plot(
                [b.probability for b in bins],
                [b.share for b in bins],
                "o-",
                ms=4,
                color=COLOURS[tier.tier],
                label=tier.tier.value,
            )
        axes.set(xlim=(0, 1), ylim=(0, 1))

    def save_histograms(name: str) -> None:
        picture = Figure(figsize=(5.4, 4.2), layout="constrained", dpi=130)
        panels = picture.subplots(len(judged), 1, sharex=True, squeeze=False)[:, 0]
        bins = np.linspace(0, 1, 41)
        for axes, (tier, answers) in zip(panels, judged.items(), strict=True):
            for label, mask, colour in (("human", ~is_ai, HUMAN), ("AI", is_ai, AI)):
                p = answers.probabilities[mask]
                weights = np.full(p.size, 1 / p.size)
                axes.hist(p, bins, weights=weights, color=colour, alpha=0.6, label=label)
            axes.set_yscale("log")
            axes.set_title(tier.value, fontsize="small", loc="right")
            axes.spines[["top", "right"]].set_visible(False)
        panels[0].legend(frameon=False, fontsize="small", ncols=2)
        panels[0].set_title("Probabilities by class", fontsize="medium", loc="left")
        panels[-1].set(xlabel="published probability", xlim=(0, 1))
        picture.supylabel("share of class", fontsize="medium")
        picture.savefig(folder / name)

    accused, caught = "human works accused", "AI pictures caught"
    of_first = f"baselines on {first.value} images" if baselines else ""
    title = ", ".join(part for part in ("ROC", of_first) if part)
    save("roc-log.png", draw_roc_log, f"{accused} (logarithmic)", caught, title)
    save("roc.png", draw_roc, accused, caught, title)
    save(
        "precision-recall.png",
        draw_precision_recall,
        "recall: AI pictures caught",
        "precision",
        "Precision and recall, classes weighing the same",
    )
    save(
        "reliability.png",
        draw_reliability,
        "published probability",
        "share of AI pictures",
        "Reliability, classes weighing the same",
    )
    save_histograms("histogram.png")
    return {
        "roc-log.png": "ROC curves where few human works are accused",
        "roc.png": "ROC curves",
        "precision-recall.png": "Precision and recall",
        "reliability.png": "Reliability of the published probabilities",
        "histogram.png": "Histogram of the published probabilities by class",
    }
