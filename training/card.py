"""The model card: what an artefact is, what not to use it for, and its figures."""

import dataclasses
import json
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from models.artefact import CARD, Manifest
from training.figures import Figures
from training.fit import Recipe
from training.metrics import Estimate

HELD_OUT = "held-out.json"


def write_card(folder: Path, manifest: Manifest, summary: Figures, recipe: Recipe) -> None:
    """Write `README.md` and, beside it, all held-out figures as JSON.

    Args:
        folder: Of the artefact.
        manifest: Its manifest.
        summary: Its figures on held-out groups.
        recipe: How it was made.
    """
    text = templates().get_template("card.md.j2").render(m=manifest, f=summary, recipe=recipe)
    (folder / CARD).write_text(text, "utf-8")
    (folder / HELD_OUT).write_text(as_json(summary), "utf-8")


def as_json(figures: Figures) -> str:
    """All figures as JSON, rounded to what they can bear."""

    def rounded(value: object) -> object:
        if isinstance(value, float):
            return round(value, 5)
        if isinstance(value, dict):
            return {key: rounded(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [rounded(item) for item in value]
        return value

    return json.dumps(rounded(dataclasses.asdict(figures)), indent=1, ensure_ascii=False) + "\n"


def templates() -> Environment:
    """The templates of this package, with filters that print estimates."""
    environment = Environment(
        loader=PackageLoader("training"),
        autoescape=select_autoescape(("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"percent": percent, "figure": figure}
    return environment


def percent(estimate: Estimate | None) -> str:
    """A share with its interval: `1.2 % (0.6 to 2.1)`."""
    if estimate is None:
        return "-"
    low, high = 100 * estimate.low, 100 * estimate.high
    return f"{100 * estimate.value:.1f} % ({low:.1f} to {high:.1f})"


def figure(estimate: Estimate | None) -> str:
    """A number with its interval: `0.965 (0.950 to 0.978)`."""
    if estimate is None:
        return "-"
    return f"{estimate.value:.3f} ({estimate.low:.3f} to {estimate.high:.3f})"
