"""Labelled sets for notebooks: drawn pictures with a manifest, and answers that chance made up.

Nothing here is by an AI. Labels and makers are made up, so that figures of these sets say nothing
about the detector; they show how the figures are read.
"""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from demo import drawing
from demo.__main__ import CREATORS, encoded, png, write
from evidence import Verdict
from training.data.manifest import Row
from training.evaluation.figures import Answers

COLUMNS = ("path", "label", "split", "source", "generator", "creator", "kind")
KINDS = {
    "Paper Moon": "illustration",
    "Ink Garden": "ink",
    "Tide Pool": "painting",
    "Harbour Lights": "illustration",
}
GENERATORS: dict[str, Callable[[np.random.Generator], Image.Image]] = {
    "Made-up Diffuser 1": drawing.nebula,
    "Made-up Diffuser 2": drawing.stained_glass,
}


def write_labelled(folder: Path, each: int = 4) -> Path:
    """Draw a small set that has the faults of real ones: copies, leaks, and a telling format.

    Human works are JPEG, and the pictures called `ai` are square PNG. One work stands in both
    splits, smaller and compressed anew; one file stands twice in the same split.

    Args:
        folder: Where the images and `manifest.csv` go.
        each: Pictures of each creator and generator; at least 2.

    Returns:
        The manifest.
    """
    rows: list[dict[str, str]] = []
    works: list[Image.Image] = []

    def add(path: str, data: bytes, **row: str) -> None:
        write(folder, {path: data})
        rows.append({"path": path, **row})

    for place, (creator, draw) in enumerate(CREATORS.items(), start=1):
        for number in range(each):
            works.append(draw(np.random.default_rng([place, number])))
            add(
                f"human/{creator}/{number}.jpg",
                encoded(works[-1]),
                label="human",
                split=_split(number, each),
                source="gallery" if place < 3 else "portfolio",
                creator=creator,
                kind=KINDS[creator],
            )
    for place, (generator, generate) in enumerate(GENERATORS.items(), start=11):
        for number in range(each):
            picture = generate(np.random.default_rng([place, number])).resize((512, 512))
            add(
                f"ai/{generator}/{number}.png",
                png(picture),
                label="ai",
                split=_split(number, each),
                source=f"prompts-{place}",
                generator=generator,
                kind="illustration",
            )
    smaller = works[0].resize((works[0].width * 5 // 8, works[0].height * 5 // 8))
    add("human/reposts/0.jpg", encoded(smaller, quality=45), **_like(rows[0], split="dev"))
    add("human/reposts/1.jpg", encoded(works[1]), **_like(rows[1]))
    with (folder / "manifest.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return folder / "manifest.csv"


def _split(number: int, each: int) -> str:
    """The last quarter of everything, at least one picture, is held back."""
    return "dev" if number >= each - max(1, each // 4) else "train"


def _like(row: dict[str, str], **other: str) -> dict[str, str]:
    return {name: value for name, value in row.items() if name != "path"} | {
        "source": "reposts",
        **other,
    }


@dataclass(frozen=True)
class Part:
    """Images of one kind and maker whose scores chance draws.

    Attributes:
        label: `ai` or `human`.
        kind: Of art.
        maker: Generator or source.
        images: How many.
        centre: Of their log-odds.
        spread: Standard deviation of the same.
    """

    label: str
    kind: str
    maker: str
    images: int
    centre: float
    spread: float


PARTS = (
    Part("human", "illustration", "gallery", 300, -3.2, 1.6),
    Part("human", "painting", "museum", 160, -2.6, 1.8),
    Part("human", "comic", "archive", 90, -3.6, 1.5),
    Part("human", "pixel art", "forum", 24, -1.6, 1.9),
    Part("ai", "illustration", "Made-up Diffuser 1", 200, 3.4, 1.9),
    Part("ai", "illustration", "Made-up Diffuser 2", 140, 2.2, 2.0),
    Part("ai", "painting", "Made-up Diffuser 1", 110, 2.6, 2.0),
    Part("ai", "painting", "Made-up Newcomer", 30, 0.3, 2.2),
)
BAND = (-2.0, 2.5)
"""Log-odds between which no verdict is given."""


def made_up_answers(
    parts: Sequence[Part] = PARTS, seed: int = 0, overconfident: float = 1.3
) -> Answers:
    """Answers of a detector that does not exist, about images that do not either.

    Args:
        parts: What the images are.
        seed: Of the scores.
        overconfident: By what the true log-odds are multiplied before they are published; 1 for
            probabilities that are what they say.
    """
    rng = np.random.default_rng(seed)
    rows: list[Row] = []
    groups: list[str] = []
    log_odds: list[float] = []
    for part in parts:
        people = max(4, part.images // 5)
        moods = rng.normal(0, 0.5 * part.spread, people)
        for number in range(part.images):
            who = int(rng.integers(people))
            own = part.spread * 0.87 * rng.normal()
            log_odds.append(part.centre + float(moods[who]) + own)
            groups.append(f"{part.maker}-{part.kind}-{who}")
            name = f"{part.maker}/{part.kind}/{number}.png"
            rows.append(
                Row(
                    line=len(rows) + 2,
                    name=name,
                    path=Path(name),
                    label=part.label,
                    source=part.maker if part.label == "human" else f"{part.maker} posts",
                    generator=part.maker if part.label == "ai" else "",
                    kind=part.kind,
                )
            )
    scores = np.array(log_odds)
    verdicts = [
        Verdict.HUMAN if s < BAND[0] else Verdict.AI if s > BAND[1] else Verdict.INCONCLUSIVE
        for s in scores
    ]
    return Answers(rows, groups, scores, 1 / (1 + np.exp(-overconfident * scores)), verdicts)
