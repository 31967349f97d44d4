import matplotlib as mpl

from pages.environment import STYLE
from training.evaluation.plot_style import CARD, INK, LINE, PAPER, QUIET, SEAL, SOFT


def test_the_colours_are_those_of_the_pages() -> None:
    light = STYLE.read_text().split("@media")[0]
    names = {"paper": PAPER, "card": CARD, "ink": INK, "soft": SOFT, "line": LINE, "seal": SEAL}
    for name, colour in names.items():
        assert f"--{name}: {colour};" in light


def test_matplotlib_takes_the_style() -> None:
    with mpl.rc_context(dict(QUIET)):
        assert mpl.rcParams["axes.facecolor"] == PAPER
