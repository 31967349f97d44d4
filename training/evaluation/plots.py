"""The plots of an evaluation: each drawn on axes that are given, and all of them as PNG files."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure  # without pyplot there is no global state

from imaging.perturbations.web import Tier
from training.evaluation.baselines import Baseline
from training.evaluation.by_tier import TierFigures
from training.evaluation.figures import Answers
from training.evaluation.metrics import precision_recall, roc

# Okabe and Ito's colours, which tell apart for colour-blind eyes too.
COLOURS = {Tier.CLEAN: "#0072b2", Tier.WEB: "#009e73", Tier.HARD: "#d55e00"}
AI, HUMAN, GREY = "#d55e00", "#0072b2", "#888888"
GREYS = (("#444444", "--"), ("#777777", "-."), ("#999999", ":"), ("#bbbbbb", "-"))
"""Of the baselines, in order."""

LEAST = 1e-3
"""Smallest false-positive rate on the logarithmic axis."""

BINS = 40
"""Of a histogram."""

SIZE, DPI = (7.2, 5.6), 150
"""Of a file, in inches and dots per inch: readable where it is opened by itself."""

ByTier = Mapping[Tier, Answers]


def draw_roc(axes: Axes, answers: ByTier, baselines: Sequence[Baseline] = ()) -> None:
    """ROC curves: AI pictures caught against human works accused.

    Args:
        axes: Where to draw.
        answers: The detector's, by tier.
        baselines: Scores of the same images; drawn on the first of the tiers.
    """
    first = next(iter(answers))
    is_ai = answers[first].is_ai
    for baseline, (grey, dash) in zip(baselines, GREYS, strict=False):
        scores = baseline.scores[first]
        false, true = roc(scores[is_ai], scores[~is_ai])
        axes.plot(false, true, color=grey, lw=1.1, ls=dash, label=baseline.title)
    for tier, given in answers.items():
        false, true = roc(given.scores[is_ai], given.scores[~is_ai])
        axes.plot(false, true, color=COLOURS[tier], drawstyle="steps-post", label=tier.value)
    axes.set(xlim=(0, 1), ylim=(0, 1.01))
    on = f", baselines on {first.value} images" if baselines else ""
    _finish(axes, "human works accused", "AI pictures caught", f"ROC{on}")


def draw_roc_log(axes: Axes, answers: ByTier, baselines: Sequence[Baseline] = ()) -> None:
    """The ROC curves where few human works are accused; see `draw_roc`."""
    draw_roc(axes, answers, baselines)
    axes.set(xscale="log", xlim=(LEAST, 1), xlabel="human works accused (logarithmic)")
    axes.axvline(0.01, color=GREY, lw=0.8)


def draw_precision_recall(axes: Axes, answers: ByTier) -> None:
    """Precision against recall, both classes weighing the same."""
    for tier, given in answers.items():
        is_ai = given.is_ai
        recall, precision = precision_recall(given.scores[is_ai], given.scores[~is_ai])
        axes.plot(recall, precision, color=COLOURS[tier], label=tier.value)
    axes.set(xlim=(0, 1), ylim=(0.5, 1.01))
    title = "Precision and recall, classes weighing the same"
    _finish(axes, "recall: AI pictures caught", "precision", title)


def draw_reliability(axes: Axes, figures: Sequence[TierFigures]) -> None:
    """The share of AI pictures among images of about one published probability."""
    axes.plot([0, 1], [0, 1], color=GREY, lw=0.8)
    for one in figures:
        bins = one.detector.reliability
        axes.plot(
            [b.probability for b in bins],
            [b.share for b in bins],
            "o-",
            ms=4,
            color=COLOURS[one.tier],
            label=one.tier.value,
        )
    axes.set(xlim=(0, 1), ylim=(0, 1))
    title = "Reliability, classes weighing the same"
    _finish(axes, "published probability", "share of AI pictures", title)


def draw_histogram(axes: Axes, answers: Answers) -> None:
    """The published probabilities of each class."""
    is_ai = answers.is_ai
    for label, mask, colour in (("human", ~is_ai, HUMAN), ("AI", is_ai, AI)):
        p = answers.probabilities[mask]
        weights = np.full(p.size, 1 / p.size)
        axes.hist(p, bins=BINS, range=(0, 1), weights=weights, color=colour, alpha=0.6, label=label)
    axes.set(xlim=(0, 1), yscale="log")
    _finish(axes, "published probability", "share of class", "Probabilities by class")


def save_all(
    answers: ByTier, figures: Sequence[TierFigures], baselines: Sequence[Baseline], folder: Path
) -> dict[str, str]:
    """Draw the plots of an evaluation into files.

    Args:
        answers: The detector's answers by tier; baselines are drawn on the first of them.
        figures: Their figures.
        baselines: Scores of the same images.
        folder: Where the files go.

    Returns:
        What each shows, by the name of its file.
    """
    plots: dict[str, tuple[str, Callable[[Axes], None]]] = {
        "roc-log.png": (
            "ROC curves where few human works are accused",
            lambda axes: draw_roc_log(axes, answers, baselines),
        ),
        "roc.png": ("ROC curves", lambda axes: draw_roc(axes, answers, baselines)),
        "precision-recall.png": (
            "Precision and recall",
            lambda axes: draw_precision_recall(axes, answers),
        ),
        "reliability.png": (
            "Reliability of the published probabilities",
            lambda axes: draw_reliability(axes, figures),
        ),
    }
    for name, (_, draw) in plots.items():
        picture = Figure(figsize=SIZE, layout="constrained", dpi=DPI)
        draw(picture.subplots())
        picture.savefig(folder / name)
    _save_histograms(answers, folder / "histogram.png")
    described = {name: what for name, (what, _) in plots.items()}
    return described | {"histogram.png": "Histogram of the published probabilities by class"}


def _save_histograms(answers: ByTier, path: Path) -> None:
    """One below the other, a tier each."""
    picture = Figure(figsize=SIZE, layout="constrained", dpi=DPI)
    panels = picture.subplots(len(answers), 1, sharex=True, squeeze=False)[:, 0]
    for axes, (tier, given) in zip(panels, answers.items(), strict=True):
        draw_histogram(axes, given)
        axes.set_title(tier.value, fontsize="small", loc="right")
        if axes is not panels[0]:
            axes.set_title("", loc="left")
            axes.get_legend().remove()
        if axes is not panels[-1]:
            axes.set_xlabel("")
    picture.savefig(path)


def _finish(axes: Axes, x: str, y: str, title: str) -> None:
    axes.set(xlabel=x, ylabel=y)
    axes.set_title(title, fontsize="medium", loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False, fontsize="small")
