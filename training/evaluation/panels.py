"""Plots for notebooks, each drawn on axes that are given; see `plot_style` for their look."""

from collections.abc import Iterable, Sequence
from io import BytesIO

import matplotlib.image as mpl_image
import numpy as np
from matplotlib.axes import Axes

from imaging import decode, thumbnail
from training.evaluation.intervals import Estimate
from training.evaluation.plot_style import CYCLE, LINE, SOFT

SIDE = 256
"""Longest side of a picture in pixels."""


def draw_pictures(axes: Iterable[Axes], pictures: Sequence[tuple[str, bytes]]) -> None:
    """Show pictures with what is said of each; axes that are left stay empty.

    Args:
        axes: One for each picture, at least.
        pictures: What stands above each, and its file.

    Raises:
        ImagingError: One is no image.
    """
    panels = list(axes)
    for panel in panels:
        panel.set_axis_off()
    for panel, (about, data) in zip(panels, pictures, strict=False):
        small = thumbnail(decode(data, min_side=SIDE), SIDE)
        panel.imshow(mpl_image.imread(BytesIO(small), format="jpg"))
        panel.set_title(about, fontsize="small", loc="left")


def draw_estimates(
    axes: Axes, estimates: Sequence[tuple[str, Estimate | None]], about: str
) -> None:
    """Shares as dots with their intervals, one line each, the first on top.

    Args:
        axes: Where to draw.
        estimates: What each is of, and the share, 0 to 1; None where there is nothing to count.
        about: What the shares say, for the axis.
    """
    known = [(name, one) for name, one in estimates if one is not None]
    places = np.arange(len(known))[::-1]
    for place, (_, one) in zip(places, known, strict=True):
        axes.plot([100 * one.low, 100 * one.high], [place, place], color=CYCLE[0], lw=2)
        axes.plot(100 * one.value, place, "o", color=CYCLE[0])
    labels = [f"{name} ({one.n:,})" for name, one in known]
    axes.set_yticks(places, labels)
    axes.set(ylim=(-0.7, len(known) - 0.3), xlabel=f"{about}, %, with 95 % intervals")
    axes.grid(axis="y", visible=False)


def draw_counts(axes: Axes, counts: Sequence[tuple[str, int, int]]) -> None:
    """How many human works and AI pictures each part has, as bars to both sides.

    Args:
        axes: Where to draw.
        counts: Name, human works and AI pictures of each part; the first is on top.
    """
    places = np.arange(len(counts))[::-1]
    human, ai = (np.array([one[i] for one in counts]) for i in (1, 2))
    axes.barh(places, -human, color=CYCLE[0], label="human works")
    axes.barh(places, ai, color=CYCLE[1], label="AI pictures")
    for place, few, many in zip(places, human, ai, strict=True):
        for value, x, side in ((few, -few, "right"), (many, many, "left")):
            if value:
                axes.annotate(
                    f"{value:,}",
                    (x, place),
                    xytext=(-4 if side == "right" else 4, 0),
                    textcoords="offset points",
                    ha=side,
                    va="center",
                    fontsize="small",
                    color=SOFT,
                )
    axes.axvline(0, color=LINE)
    reach = 1.25 * max(1, int(human.max(initial=0)), int(ai.max(initial=0)))
    axes.set_yticks(places, [one[0] for one in counts])
    axes.set(xlim=(-reach, reach), xlabel="images")
    axes.xaxis.set_major_formatter(lambda x, _: f"{abs(x):,.0f}")
    axes.grid(axis="y", visible=False)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.12), ncols=2)
