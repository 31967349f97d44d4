import numpy as np
from matplotlib.figure import Figure

from demo import drawing
from demo.__main__ import encoded
from training.evaluation.intervals import Estimate
from training.evaluation.panels import draw_counts, draw_estimates, draw_pictures


def test_every_estimate_has_its_interval_and_how_many_images_it_is_of() -> None:
    axes = Figure().subplots()
    estimates = [("comics", Estimate(0.02, 0.01, 0.05, 300)), ("none", None)]
    draw_estimates(axes, estimates, "called ai")
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["comics (300)"]
    interval, dot = axes.lines
    assert list(interval.get_xdata()) == [1.0, 5.0]
    assert list(dot.get_xdata()) == [2.0]


def test_counts_go_to_both_sides() -> None:
    axes = Figure().subplots()
    draw_counts(axes, [("gallery", 30, 0), ("prompts", 0, 12)])
    assert [bar.get_width() for bar in axes.patches] == [-30, 0, 0, 12]
    assert [text.get_text() for text in axes.texts] == ["30", "12"]


def test_pictures_are_shown_and_the_axes_that_are_left_stay_empty() -> None:
    axes = Figure().subplots(1, 3)
    data = encoded(drawing.blank_page(np.random.default_rng(0)))
    draw_pictures(axes, [("first", data), ("second", data)])
    assert [len(panel.images) for panel in axes] == [1, 1, 0]
    assert [panel.get_title(loc="left") for panel in axes] == ["first", "second", ""]
    draw_counts(Figure().subplots(), [])
