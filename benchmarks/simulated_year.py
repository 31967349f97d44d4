"""A year in which a new generator comes every month, and labels come late and are partly wrong.

    RAKKAN_DATA=... python -m benchmarks.simulated_year --inputs class_tokens --out out/year.json

Real images of the split `train`, by features that are kept. The year begins with a head that knows
human works and the old generators. Every month the next generator comes. It is met by the head in
use first; a month later 200 of its pictures and 200 human works have labels: a moderator's, of
which 1 in 20 is wrong, and the uploader's own, who always denies it. What holds is resolved by
the rule of `training.labels.resolve`; the head is fitted anew on all labels so far, so that old
data is replayed; and it takes over unless more human works are accused than before, surely so and
by more than the gate's margin. The threshold is the score that 1 % of human works exceed, which no
head learns from; told are the shares of others beyond it, none of which was learnt from either.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from benchmarks.command import Data, Out, run, write
from core.extras import require_extra
from models import load_encoder
from models.artefact.gate import Change, Standing
from models.encoder.features import Features
from models.heads import NetworksHead
from serving.settings import Settings
from training.data.features import keep_features
from training.data.manifest import Row, in_split, read_manifest
from training.detector.recipe import Recipe, image_weights
from training.evaluation.intervals import GroupBootstrap
from training.evaluation.metrics import threshold_at
from training.gate.compare import standing_of
from training.labels.claim import Claim, Origin
from training.labels.resolve import resolve

FPR = 0.01
LABELS = 200
WRONG = 0.05
MARGIN = 0.005
TEST = 0.4
"""Part of every generator's pictures that no head learns from."""

YEAR = (
    *("Midjourney", "SDXL", "SD1.x/SDXL finetune (AI Horde)", "DALL-E 3", "FLUX", "Imagen"),
    *("GPT-image", "Gemini/nano-banana", "GPT-image / nano-banana"),
)
"""Generators in about the order in which they came, of those with enough pictures; a month each."""

START = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Month:
    """What a month did.

    Attributes:
        generator: That came.
        labels: Of it, a month later.
        before: Share of its unseen pictures beyond the threshold when it came.
        after: The same once the labels were learnt from, by the head in use then.
        old: Share of unseen pictures of all earlier generators beyond the threshold, likewise.
        accused: Share of unseen human works beyond the threshold, likewise.
        promoted: Whether the challenger took over.
    """

    generator: str
    labels: int
    before: float
    after: float
    old: float
    accused: float
    promoted: bool


@dataclass(frozen=True)
class Images:
    """N images of known origin.

    Attributes:
        rows: N rows.
        digests: Hex digests of their files.
        x: float32 [N, D], what a head reads of each.
        unseen: bool [N], kept for the figures.
        calibrating: bool [N], human works that the threshold is set on.
    """

    rows: Sequence[Row]
    digests: Sequence[str]
    x: NDArray[np.float32]
    unseen: NDArray[np.bool_]
    calibrating: NDArray[np.bool_]

    @property
    def is_ai(self) -> NDArray[np.bool_]:
        """The truth, bool [N]."""
        return np.array([row.label == "ai" for row in self.rows], bool)

    @property
    def generator(self) -> NDArray[np.str_]:
        """Of each, empty for human works."""
        return np.array([row.generator for row in self.rows])


def year(images: Images, recipe: Recipe, rng: np.random.Generator) -> list[Month]:
    """Let the year pass."""
    ai, generator = images.is_ai, images.generator
    learnable = ~images.unseen & ~images.calibrating
    future = ai & np.isin(generator, YEAR)
    human = np.flatnonzero(learnable & ~ai)
    arriving = rng.permutation(human)[: LABELS * len(YEAR)]
    at_first = learnable & ~future
    at_first[arriving] = False
    labels = {i: images.rows[i].label for i in np.flatnonzero(at_first).tolist()}
    head, threshold = _fit(images, labels, recipe)
    known = [name for name in np.unique(generator[ai & ~future]).tolist() if name]
    found = []
    for month, name in enumerate(YEAR):
        mine = ai & (generator == name)
        before = _beyond(head, threshold, images, mine & images.unseen)
        chosen = rng.permutation(np.flatnonzero(mine & learnable))[:LABELS]
        humans = arriving[month * LABELS : (month + 1) * LABELS]
        labels |= labelled(images, np.concatenate([chosen, humans]), month, rng)
        challenger, its = _fit(images, labels, recipe)
        works = images.unseen & ~ai
        change = _change(images, works, (head, threshold), (challenger, its))
        promoted = standing_of(change, MARGIN, int(works.sum())) is not Standing.WORSE
        if promoted:
            head, threshold = challenger, its
        old = ai & np.isin(generator, known) & images.unseen
        found.append(
            Month(
                generator=name,
                labels=len(chosen),
                before=before,
                after=_beyond(head, threshold, images, mine & images.unseen),
                old=_beyond(head, threshold, images, old),
                accused=_beyond(head, threshold, images, works),
                promoted=promoted,
            )
        )
        known.append(name)
    return found


def labelled(
    images: Images, chosen: NDArray[np.int64], month: int, rng: np.random.Generator
) -> dict[int, str]:
    """The labels of a month, as far as they resolve: of a moderator and of uploaders who deny."""
    at = START + timedelta(days=30 * month)
    place = {images.digests[i]: i for i in chosen.tolist()}
    claims = []
    for digest, i in place.items():
        truth = images.rows[i].label
        wrong = {"ai": "human", "human": "ai"}[truth]
        said = wrong if rng.random() < WRONG else truth
        claims += [
            Claim(digest, "human", "uploader", at, 0.5, Origin.DECLARATION),
            Claim(digest, said, "moderator", at + timedelta(days=30), 1.0, Origin.MODERATOR),
        ]
    return {place[one.label.sha256]: one.label.label for one in resolve(claims).labels}


def _fit(images: Images, labels: dict[int, str], recipe: Recipe) -> tuple[NetworksHead, float]:
    from training.detector.networks import fit_networks  # only here: torch is slow to load

    chosen = np.array(sorted(labels), np.int64)
    positive = np.array([labels[i] == "ai" for i in chosen.tolist()])
    weights = image_weights([images.rows[i] for i in chosen.tolist()], positive, recipe)
    head = fit_networks(images.x[None], chosen, positive, weights, recipe)
    return head, threshold_at(_scores(head, images.x[images.calibrating]), FPR)


def _scores(head: NetworksHead, x: NDArray[np.float32]) -> NDArray[np.float32]:
    none = np.zeros((len(x), 0), np.float32)
    arrays = dict.fromkeys(("embedding", "class_tokens", "patch_mean", "patch_std"), none)
    return head.score(Features(**(arrays | {head.inputs[0]: x}), encoder=""))


def _beyond(head: NetworksHead, threshold: float, images: Images, mask: NDArray[np.bool_]) -> float:
    return float((_scores(head, images.x[mask]) > threshold).mean())


def _change(
    images: Images,
    works: NDArray[np.bool_],
    champion: tuple[NetworksHead, float],
    challenger: tuple[NetworksHead, float],
) -> Change:
    before, after = (
        (_scores(head, images.x[works]) > threshold).astype(float)
        for head, threshold in (champion, challenger)
    )
    groups = [
        images.rows[i].creator or images.rows[i].source for i in np.flatnonzero(works).tolist()
    ]
    found = GroupBootstrap(groups).mean(after - before)
    return Change(value=found.value, low=found.low, high=found.high)


def _read(rows: Sequence[Row], inputs: str) -> Images:
    settings = Settings.of()
    encoder = load_encoder(settings.encoder_cache, precision=settings.precision)
    kept = keep_features(rows, encoder, settings.features)
    once = {digest: row for row, digest in kept.digests.items()}
    digests = list(once)
    x = kept.shards.gather(digests, [inputs])[inputs].reshape(len(digests), -1)
    found = list(once.values())
    # Drawn by the content; of human works by the creator, whose works are alike.
    draw = np.array(
        [
            _draw(digest if row.label == "ai" else row.creator or digest)
            for row, digest in zip(found, digests, strict=True)
        ]
    )
    ai = np.array([row.label == "ai" for row in found])
    unseen = np.where(ai, draw < TEST, draw < 0.25)
    return Images(found, digests, x, unseen, ~ai & ~unseen & (draw < 0.5))


def _draw(text: str) -> float:
    """A number from 0 to 1 that a text stands for."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) / 2**64


def main(
    data: Data,
    out: Out = None,
    inputs: Annotated[
        str, typer.Option("--inputs", help="What the heads read: class_tokens, or embedding.")
    ] = "class_tokens",
    networks: Annotated[int, typer.Option("--networks", help="Of each head.")] = 3,
    epochs: Annotated[int, typer.Option("--epochs", help="How often an image is met.")] = 20,
    seed: Annotated[int, typer.Option("--seed", help="Of everything random.")] = 0,
) -> None:
    """Let a year pass, and say how each new generator was learnt."""
    require_extra("train", "training networks", "torch")
    rows = in_split(read_manifest(data / "manifest.csv"), "train")
    images = _read(rows, inputs)
    recipe = Recipe(inputs=(inputs,), networks=networks, epochs=epochs, seed=seed)
    months = year(images, recipe, np.random.default_rng(seed))
    for one in months:
        typer.echo(
            f"{one.generator}: {one.labels} labels, caught {one.before:.3f} -> {one.after:.3f}; old"
            f" ones {one.old:.3f}; human works accused {one.accused:.4f}"
            f"{'' if one.promoted else '; not promoted'}"
        )
    counts = Counter(row.label for row in images.rows)
    write(
        out,
        {
            "inputs": inputs,
            "networks": networks,
            "epochs": epochs,
            "images": counts,
            "unseen": _sizes(images),
        }
        | {"months": [asdict(one) for one in months]},
    )


def _sizes(images: Images) -> dict[str, int]:
    ai = images.is_ai
    return {
        "human": int((images.unseen & ~ai).sum()),
        "calibrating": int(images.calibrating.sum()),
        **{name: int((images.unseen & (images.generator == name)).sum()) for name in YEAR},
    }


if __name__ == "__main__":
    run(main)
