"""A year in which a new generator comes every month, and labels come late and are partly wrong.

    RAKKAN_DATA=... python -m benchmarks.simulated_year --inputs class_tokens --out out/year.json

Real images of the split `train`, by features that are kept. The year begins with a head that knows
human works and the old generators. Every month the next generator comes. It is met by the head in
use first; a month later 200 of its pictures and 100 human works have labels: a moderator's, of
which 1 in 20 is wrong, and the uploader's own, who always denies it. What holds is resolved by
the rule of `training.labels.resolve`; the head is fitted anew on all labels so far, so that old
data is replayed. Whether it takes over is said by several rules, each of which lives through the
year with the same challengers, so that they can be compared:

- `no gate`: it always does;
- `champion`: unless it is surely worse than the head in use, and by more than the margin;
- `champion and anchor`: nor by more than the margin than the first head, sure or not;
- `gate`: as the product has it: it must be proven to be no worse, as well;
- `gate and standing set`: the same, by twice as many human works: those that a platform keeps apart
  once and for all (`rakkan models regression-set`).

Images are drawn into five parts, human works by their creator: learnt from,
calibrated on (the threshold is the score that 1 % of these human works exceed), seen by the gate,
seen by the gate with a standing set alone, and seen by nobody but the figures.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from benchmarks.command import Data, Out, run, write
from core.extras import require_extra
from evidence import Verdict
from imaging.perturbations.web import Tier
from models import load_encoder
from models.artefact.gate import Against, Compared, Standing
from models.encoder.features import ARRAYS, Features
from models.heads import NetworksHead
from serving.settings import Settings
from training.data.features import keep_features
from training.data.manifest import Row, in_split, read_manifest
from training.detector.recipe import Recipe, image_weights
from training.evaluation.figures import Answers
from training.evaluation.metrics import threshold_at
from training.gate.compare import ALL, Margins, compare, reasons
from training.labels.claim import Claim, Origin
from training.labels.resolve import resolve

FPR = 0.01
LABELS, OF_HUMANS = 200, 100
WRONG = 0.05
MARGINS = Margins()

LEARN, CALIBRATE, GATE, STANDING, FIGURES = "learn", "calibrate", "gate", "standing", "figures"
PARTS = {
    "ai": ((FIGURES, 0.25), (GATE, 0.4), (LEARN, 1.0)),
    "human": (
        *((FIGURES, 0.12), (GATE, 0.3), (STANDING, 0.52)),
        *((CALIBRATE, 0.72), (LEARN, 1.0)),
    ),
}
"""Of each class the parts, each with the draw below which an image is in it."""

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
        before: Share of its pictures beyond the threshold when it came.
        after: The same once the labels were learnt from, by the head in use then.
        old: Share of the pictures of all earlier generators beyond the threshold, likewise.
        accused: Share of human works beyond the threshold, likewise.
        promoted: Whether the challenger took over.
    """

    generator: str
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
        part: N texts, what each is for.
    """

    rows: Sequence[Row]
    digests: Sequence[str]
    x: NDArray[np.float32]
    part: NDArray[np.str_]

    @property
    def is_ai(self) -> NDArray[np.bool_]:
        """The truth, bool [N]."""
        return np.array([row.label == "ai" for row in self.rows], bool)

    @property
    def generator(self) -> NDArray[np.str_]:
        """Of each, empty for human works."""
        return np.array([row.generator for row in self.rows])


@dataclass(frozen=True)
class Head:
    """A head, by what it says of all images.

    Attributes:
        scores: float32 [N].
        threshold: Beyond which an image counts as by an AI.
    """

    scores: NDArray[np.float32]
    threshold: float

    def beyond(self, mask: NDArray[np.bool_]) -> float:
        """Share of the images of a mask (bool [N]) beyond the threshold."""
        return float((self.scores[mask] > self.threshold).mean())


def _no_worse(compared: Collection[Compared], *against: Against) -> bool:
    return not any(
        one.gates and one.what == ALL and one.standing is Standing.WORSE and one.against in against
        for one in compared
    )


@dataclass(frozen=True)
class Rule:
    """By what a challenger takes over.

    Attributes:
        promotes: Whether it does, by how it compares.
        sees: The parts of the images on which it is compared.
    """

    promotes: Callable[[Collection[Compared]], bool]
    sees: tuple[str, ...] = (GATE,)


def _proven(compared: Collection[Compared]) -> bool:
    return not reasons(compared, MARGINS)


RULES = {
    "no gate": Rule(lambda _: True, ()),
    "champion": Rule(lambda compared: _no_worse(compared, Against.CHAMPION)),
    "champion and anchor": Rule(lambda compared: _no_worse(compared, *Against)),
    "gate": Rule(_proven),
    "gate and standing set": Rule(_proven, (GATE, STANDING)),
}


def heads_of_the_year(images: Images, recipe: Recipe, rng: np.random.Generator) -> list[Head]:
    """The head at the beginning, and the challenger of each month."""
    ai, learnable = images.is_ai, images.part == LEARN
    future = ai & np.isin(images.generator, YEAR)
    arriving = rng.permutation(np.flatnonzero(learnable & ~ai))[: OF_HUMANS * len(YEAR)]
    at_first = learnable & ~future
    at_first[arriving] = False
    labels = {i: images.rows[i].label for i in np.flatnonzero(at_first).tolist()}
    heads = [_fit(images, labels, recipe)]
    for month, name in enumerate(YEAR):
        mine = np.flatnonzero(ai & learnable & (images.generator == name))
        chosen = rng.permutation(mine)[:LABELS]
        humans = arriving[month * OF_HUMANS : (month + 1) * OF_HUMANS]
        labels |= labelled(images, np.concatenate([chosen, humans]), month, rng)
        heads.append(_fit(images, labels, recipe))
        typer.echo(f"{name}: {len(chosen)} labels", err=True)
    return heads


def year(images: Images, heads: Sequence[Head], rule: Rule) -> list[Month]:
    """Let the year pass under one rule."""
    ai, seen = images.is_ai, images.part == FIGURES
    current = heads[0]
    future = np.isin(images.generator, YEAR)
    known = np.unique(images.generator[ai & ~future]).tolist()
    found = []
    for name, challenger in zip(YEAR, heads[1:], strict=True):
        mine = seen & ai & (images.generator == name)
        before = current.beyond(mine)
        promoted = rule.promotes(compared(images, rule.sees, current, challenger, heads[0]))
        if promoted:
            current = challenger
        found.append(
            Month(
                generator=name,
                before=before,
                after=current.beyond(mine),
                old=current.beyond(seen & ai & np.isin(images.generator, known)),
                accused=current.beyond(seen & ~ai),
                promoted=promoted,
            )
        )
        known.append(name)
    return found


def compared(
    images: Images, parts: Sequence[str], champion: Head, challenger: Head, anchor: Head
) -> tuple[Compared, ...]:
    """How a challenger compares, by the product's own gate, on the images that it may see."""
    chosen = np.flatnonzero(np.isin(images.part, parts)).tolist()
    if not chosen:
        return ()
    rows = [images.rows[i] for i in chosen]
    groups = [row.creator or row.source for row in rows]
    before, after, fixed = (
        {Tier.CLEAN: _answers(one, chosen, rows, groups)} for one in (champion, challenger, anchor)
    )
    other = None if anchor is champion else fixed
    return compare(before, after, np.zeros(len(rows), bool), MARGINS, other)


def _answers(
    head: Head, chosen: Sequence[int], rows: Sequence[Row], groups: Sequence[str]
) -> Answers:
    scores = head.scores[chosen].astype(np.float64)
    verdicts = [Verdict.AI if one > head.threshold else Verdict.HUMAN for one in scores]
    return Answers(rows, groups, scores, scores, verdicts)


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


def _fit(images: Images, labels: dict[int, str], recipe: Recipe) -> Head:
    from training.detector.networks import fit_networks  # only here: torch is slow to load

    chosen = np.array(sorted(labels), np.int64)
    positive = np.array([labels[i] == "ai" for i in chosen.tolist()])
    weights = image_weights([images.rows[i] for i in chosen.tolist()], positive, recipe)
    head = fit_networks(images.x[None], chosen, positive, weights, recipe)
    scores = _scores(head, images.x)
    return Head(scores, threshold_at(scores[images.part == CALIBRATE], FPR))


def _scores(head: NetworksHead, x: NDArray[np.float32]) -> NDArray[np.float32]:
    none = np.zeros((len(x), 0), np.float32)
    arrays = dict.fromkeys(ARRAYS, none) | {head.inputs[0]: x}
    return head.score(Features(**arrays, patch_tokens=None, encoder=""))


def _read(rows: Sequence[Row], inputs: str) -> Images:
    settings = Settings.of()
    encoder = load_encoder(settings.encoder_cache, precision=settings.precision)
    kept = keep_features(rows, encoder, settings.features)
    once = {digest: row for row, digest in kept.digests.items()}
    digests = list(once)
    x = kept.shards.gather(digests, [inputs])[inputs].reshape(len(digests), -1)
    found = list(once.values())
    return Images(found, digests, x, parts(found, digests, 0))


def parts(rows: Sequence[Row], digests: Sequence[str], seed: int) -> NDArray[np.str_]:
    """What each image is for: drawn by its content; human works by creator, whose are alike."""

    def part(row: Row, digest: str) -> str:
        drawn_by = digest if row.label == "ai" else row.creator or digest
        drawn = hashlib.sha256(f"{seed} {drawn_by}".encode()).digest()
        draw = int.from_bytes(drawn[:8]) / 2**64
        return next(name for name, end in PARTS[row.label] if draw < end)

    return np.array([part(row, digest) for row, digest in zip(rows, digests, strict=True)])


def main(
    data: Data,
    out: Out = None,
    inputs: Annotated[
        str, typer.Option("--inputs", help="What the heads read: class_tokens, or embedding.")
    ] = "class_tokens",
    networks: Annotated[int, typer.Option("--networks", help="Of each head.")] = 3,
    epochs: Annotated[int, typer.Option("--epochs", help="How often an image is met.")] = 20,
    seeds: Annotated[
        list[int] | None, typer.Option("--seed", help="Of a year; may be repeated; else 0.")
    ] = None,
) -> None:
    """Let a year pass, and say how each new generator was learnt."""
    require_extra("train", "training networks", "torch")
    rows = in_split(read_manifest(data / "manifest.csv"), "train")
    read = _read(rows, inputs)
    years: dict[str, dict[str, list[dict[str, object]]]] = {}
    for seed in seeds or [0]:
        images = replace(read, part=parts(read.rows, read.digests, seed))
        # As small as those of a challenger: a year fits a dozen heads.
        small = Recipe(inputs=(inputs,), hidden=64)
        recipe = replace(small, networks=networks, epochs=epochs, seed=seed)
        heads = heads_of_the_year(images, recipe, np.random.default_rng(seed))
        of_seed = {name: year(images, heads, rule) for name, rule in RULES.items()}
        _tell(seed, heads[0].beyond((images.part == FIGURES) & ~images.is_ai), of_seed)
        years[str(seed)] = {rule: list(map(asdict, months)) for rule, months in of_seed.items()}
    sizes = Counter(
        f"{row.label} {part}" for row, part in zip(images.rows, images.part, strict=True)
    )
    about = {"inputs": inputs, "networks": networks, "epochs": epochs, "images": sizes}
    write(out, about | {"years": years})


def _tell(seed: int, first: float, years: dict[str, list[Month]]) -> None:
    typer.echo(f"seed {seed}: the first head accuses {first:.4f} of human works")
    for rule, months in years.items():
        accused = [one.accused for one in months]
        typer.echo(
            f"  {rule}: {sum(one.promoted for one in months)} of {len(months)} promoted; caught"
            f" {np.mean([one.before for one in months]):.3f} ->"
            f" {np.mean([one.after for one in months]):.3f}, old ones {months[-1].old:.3f}; accused"
            f" {accused[-1]:.4f} at the end, {max(accused):.4f} at most"
        )


if __name__ == "__main__":
    run(main)
