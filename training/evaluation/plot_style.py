"""The quiet look of all plots in notebooks: `matplotlib.rcParams.update(QUIET)`.

Colours of text and paper are those of the pages (`pages/style.css`). A plot brings its own light
paper, so that it is read on a dark page too.
"""

from collections.abc import Mapping
from types import MappingProxyType

from cycler import cycler

PAPER, CARD, INK = "#fbfaf7", "#ffffff", "#1f1d1a"
SOFT, LINE, SEAL = "#5d5850", "#e2ddd3", "#a8281f"
"""Light colours of the pages, by the names that they have there."""

CYCLE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#888888")
"""Okabe and Ito's colours, which tell apart for colour-blind eyes too."""

QUIET: Mapping[str, object] = MappingProxyType(
    {
        "figure.facecolor": PAPER,
        "figure.constrained_layout.use": True,
        "figure.dpi": 110,
        "savefig.facecolor": PAPER,
        "axes.facecolor": PAPER,
        "axes.edgecolor": SOFT,
        "axes.labelcolor": INK,
        "axes.titlecolor": INK,
        "axes.titlelocation": "left",
        "axes.titlesize": "medium",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.prop_cycle": cycler(color=CYCLE),
        "grid.color": LINE,
        "grid.linewidth": 0.6,
        "xtick.color": SOFT,
        "ytick.color": SOFT,
        "text.color": INK,
        "legend.frameon": False,
        "legend.fontsize": "small",
        "lines.linewidth": 1.6,
    }
)
