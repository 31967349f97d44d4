"""The model card: what an artefact is, what not to use it for, and its figures."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from models.artefact.artefact import CARD
from models.artefact.detector import HELD_OUT
from models.artefact.manifest import DetectorManifest
from models.tail import Tail
from training.detector.heat_evaluation import Localisation
from training.detector.numerical_width import NumericalWidth
from training.detector.photo import PhotoFigures
from training.detector.publishable import publishable
from training.detector.recipe import QUICK, Recipe, out_of_use
from training.evaluation.figures import Figures, Slice
from training.evaluation.intervals import Estimate
from training.evaluation.metrics import rounded


@dataclass(frozen=True)
class Made:
    """What a model card tells of.

    Attributes:
        manifest: The artefact's manifest.
        recipe: How it was made.
        figures: Of the head, on held-out groups.
        in_use: The same without the pictures by generators out of use.
        localisation: Of the heat map, on collages of held-out pictures.
        photo: Of the photo signal, on held-out groups.
        far: Share of held-out images that are too far for a verdict, by label.
        width: Between the precisions of the encoder.
        tail: Of the artefact, if it has one.
    """

    manifest: DetectorManifest
    recipe: Recipe
    figures: Figures
    in_use: Slice
    localisation: Localisation | None
    photo: PhotoFigures | None
    far: Mapping[str, Estimate]
    width: NumericalWidth
    tail: Tail | None = None


def write_card(folder: Path, made: Made) -> None:
    """Write `README.md` and, beside it, all held-out figures as JSON.

    Args:
        folder: Of the artefact.
        made: What to tell.
    """
    text = (
        _templates()
        .get_template("card.md.j2")
        .render(
            m=made.manifest,
            f=made.figures,
            in_use=made.in_use,
            out_of_use=[one.name for one in made.figures.by_generator if out_of_use(one.name)],
            recipe=made.recipe,
            quick=QUICK,
            localisation=made.localisation,
            photo=made.photo,
            far=made.far,
            width=made.width,
            tail=made.tail,
        )
    )
    (folder / CARD).write_text(publishable(text, made.manifest), "utf-8")
    document = {
        "detector": asdict(made.figures),
        "heat_map": asdict(made.localisation) if made.localisation else None,
        "photo": asdict(made.photo) if made.photo else None,
        "far": {label: asdict(share) for label, share in made.far.items()},
    }
    held_out = json.dumps(rounded(document), indent=1, ensure_ascii=False) + "\n"
    (folder / HELD_OUT).write_text(held_out, "utf-8")


def _templates() -> Environment:
    """The templates of this package, with filters that print estimates."""
    environment = Environment(
        loader=PackageLoader("training"),
        autoescape=select_autoescape(("html.j2",)),  # Markdown alone is written as it is
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
