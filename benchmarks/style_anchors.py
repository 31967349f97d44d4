"""How do published ways to tell whose style it is do, beside the shipped heads, in the same trials?

    python -m benchmarks.style_anchors --data FOLDER [--split dev] [--out FILE]
    python -m benchmarks.style_anchors --data FOLDER --held-out creators [--out FILE]

All read the same features. Single works, sets of works by one account, and the retrieval of works
are judged by what `training.similarity.trials` draws, with creators whom the heads have not seen:
those of a split that is not `train`, or, by `--held-out`, those of `train` whom heads of the
shipped recipe were not fitted to. `--split train` only shows that it runs. Intervals resample
creators: few creators give wide ones.

Papers: Moayeri et al., "Rethinking artistic copyright infringements in the era of text-to-image
generative models", 2024 (ArtSavant) - https://arxiv.org/abs/2404.08030; Somepalli et al.,
"Measuring style similarity in diffusion models", 2024 (CSD) - https://arxiv.org/abs/2404.01292.
CSD's own weights cannot be had here, so its protocol is asked of other features than its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.command import Data, Out, run, write
from benchmarks.styles import written
from models import Encoder, Features, Kind, Registry, load_encoder
from serving.settings import Settings
from similarity.artefact import SimilarityArtefact
from similarity.vectors.base import unit
from training.data.features import compute_features
from training.data.manifest import Row, in_split, read_manifest, read_training_rows
from training.evaluation.intervals import Estimate, GroupBootstrap
from training.similarity.style_comparison import compare
from training.similarity.style_figures import (
    StyleAnswers,
    answers_of,
    nearest_works,
    style_figures,
)
from training.similarity.style_fit import RECIPE
from training.similarity.style_sets import (
    SIZES,
    answers_of_sets,
    draw_sets,
    searched,
    series,
    voted,
)
from training.similarity.train import imitations_of, named_works
from training.similarity.trials import (
    Ground,
    HeldOut,
    TrainingSet,
    Trial,
    draw_trial,
    unseen_grounds,
)

RETRIEVED = 10
"""Works that a retrieval looks at."""

Floats = NDArray[np.float32]
Values = NDArray[np.float64]
Numbers = NDArray[np.int64]
Names = NDArray[np.object_]


def all_blocks(features: Features) -> Floats:
    """The class tokens of all blocks, each of unit norm, side by side: float32 [N, L * C]."""
    tokens = features.class_tokens
    return unit(unit(tokens.reshape(-1, tokens.shape[2])).reshape(len(tokens), -1))


def classified(embedding: Floats, trial: Trial) -> Values:
    """How probable each enrolled creator is, by a classifier that the enrolled works train.

    After DeepMatch of ArtSavant, a classifier of artists over frozen features; logistic regression
    stands in place of its network.

    Args:
        embedding: float32 [N, D], of all works of the table.
        trial: Who plays which part.

    Returns:
        float64 [Q, E].
    """
    enrolled = list(trial.enrolled.values())
    owner = np.repeat(np.arange(len(enrolled)), [len(mine) for mine in enrolled])
    classifier = make_pipeline(
        StandardScaler(), LogisticRegression(class_weight="balanced", max_iter=1000)
    )
    classifier.fit(embedding[np.concatenate(enrolled)], owner)
    return np.asarray(classifier.predict_proba(embedding[trial.asked]), np.float64)


def retrieved(vectors: Floats, names: Names, trial: Trial) -> dict[str, Values]:
    """What CSD's protocol counts, of each known work: enrolled works by its creator are right.

    Works are ranked by cosine. As CSD's own code computes it, the average precision at k is the
    mean of the precision at 1, 2, ... k, and recall at k tells whether any of the k is right, so
    that both are one at 1. Whose creator has fewer works enrolled than k cannot reach 1.

    Args:
        vectors: float32 [N, S], unit norm.
        names: object [N], the creators.
        trial: Who plays which part.
    """
    enrolled = np.concatenate(list(trial.enrolled.values()))
    cosine = vectors[trial.known] @ vectors[enrolled].T
    nearest = np.argsort(-cosine, axis=1, kind="stable")[:, :RETRIEVED]
    right = names[enrolled][nearest] == names[trial.known][:, None]
    precision = np.cumsum(right, axis=1) / np.arange(1, right.shape[1] + 1)
    return {
        "map_at_1 = recall_at_1": precision[:, 0],
        f"map_at_{RETRIEVED}": precision.mean(axis=1),
        f"recall_at_{RETRIEVED}": right.any(axis=1).astype(np.float64),
    }


@dataclass(frozen=True, eq=False)
class Trialled:
    """What all contestants say in one trial.

    Attributes:
        singles: By contestant, of single works.
        sets: By size and contestant, of sets.
        retrieval: By features, each count of `retrieved`.
        makers: object [K], of the known works, as in `retrieval`.
    """

    singles: Mapping[str, StyleAnswers]
    sets: Mapping[int, Mapping[str, StyleAnswers]]
    retrieval: Mapping[str, Mapping[str, Values]]
    makers: Names


OURS = "our heads"


def tried(features: Features, names: Names, ground: Ground) -> Trialled:
    """Ask all contestants about one trial.

    Args:
        features: Of all N works of the table.
        names: object [N], their creators.
        ground: The trial.
    """
    trial, last, blocks = ground.trial, features.embedding, all_blocks(features)
    compared = compare(ground.styles, trial.asked, trial, ground.cohort)
    likes: dict[str, NDArray[np.floating]] = {
        "last layer": nearest_works(last, trial),
        "all blocks": nearest_works(blocks, trial),
        "classifier": classified(last, trial),
    }
    scores = {name: like.max(axis=1).astype(np.float64) for name, like in likes.items()}
    p_values = {name: np.full(len(trial.asked), np.nan) for name in likes}
    likes[OURS], scores[OURS] = compared.like, compared.scores
    p_values[OURS] = compared.p_values

    creators, images = names[trial.asked], searched(compared)
    sets: dict[int, dict[str, StyleAnswers]] = {}
    for size in SIZES:
        drawn = draw_sets(creators, size, np.random.default_rng([*ground.seed, size]))
        named = {
            f"{name}, vote": [voted(like.argmax(axis=1)[one], scores[name][one]) for one in drawn]
            for name, like in likes.items()
        }
        named[f"{OURS}, as one"] = [series([images[i] for i in one]) for one in drawn]
        sets[size] = {
            name: answers_of_sets(drawn, found, creators, trial) for name, found in named.items()
        }
    perfect = (names[:, None] == np.array(list(trial.enrolled), object)).astype(np.float32)
    return Trialled(
        singles={
            name: answers_of(like, scores[name], p_values[name], names, trial)
            for name, like in likes.items()
        },
        sets=sets,
        retrieval={
            name: retrieved(vectors, names, trial)
            for name, vectors in (
                ("last layer", last),
                ("all blocks", blocks),
                (OURS, ground.styles),
                ("a perfect ranking", perfect),
            )
        },
        makers=names[trial.known],
    )


def shipped_grounds(
    artefact: SimilarityArtefact, features: Features, names: Names, trials: int
) -> Iterator[Ground]:
    """The shipped heads, in as many trials."""
    styles, everybody = artefact.heads.style(features), np.ones(len(names), bool)
    for seed in range(trials):
        trial = draw_trial(names, everybody, np.random.default_rng(seed), max(SIZES))
        yield Ground((seed, 0), trial, styles, artefact.heads.cohort)


def open_grounds(
    rows: Sequence[Row],
    encoder: Encoder,
    settings: Settings,
    held_out: HeldOut | None,
    trials: int,
) -> tuple[Features, Names, Iterator[Ground]]:
    """The works, their creators, and the trials."""
    table = compute_features(rows, encoder, settings.features)
    works = named_works(table)
    known = TrainingSet(works.rows, (works.features,))
    if held_out is None:
        path = Registry(settings.models).in_use(Kind.SIMILARITY, encoder.id)
        artefact = SimilarityArtefact.load(path)
        grounds = shipped_grounds(artefact, works.features, known.authors(), trials)
    else:
        after = imitations_of(table)
        imitations = TrainingSet(after.rows, (after.features,))
        by_ai = table.features[table.is_ai]
        grounds = unseen_grounds(known, imitations, by_ai, RECIPE, held_out, max(SIZES))
    return works.features, known.authors(), grounds


Figures = Mapping[str, Mapping[str, Estimate]]
"""By contestant and name."""


def figures(found: Sequence[Trialled]) -> dict[str, Figures]:
    """By what is asked, over all trials; a vote names one creator or nobody, so has no five."""
    asked: dict[str, dict[str, dict[str, Estimate]]] = {
        "single works": {
            name: style_figures(StyleAnswers.of_all([one.singles[name] for one in found]))
            for name in found[0].singles
        }
    }
    for size in SIZES:
        asked[f"sets of {size}"] = {
            name: style_figures(StyleAnswers.of_all([one.sets[size][name] for one in found]))
            for name in found[0].sets[size]
        }
        for name, vote in asked[f"sets of {size}"].items():
            if name.endswith("vote"):
                del vote["recall_at_5"]
    makers = np.concatenate([one.makers for one in found]).astype(str).tolist()
    drawn = GroupBootstrap(makers)
    asked["retrieval of works"] = {
        features: {
            name: drawn.mean(np.concatenate([one.retrieval[features][name] for one in found]))
            for name in counts
        }
        for features, counts in found[0].retrieval.items()
    }
    return dict(asked)


def main(
    data: Data,
    split: Annotated[str, typer.Option("--split", help="Whose creators are asked for.")] = "dev",
    held_out: Annotated[
        HeldOut | None,
        typer.Option("--held-out", help="Of `train`, instead: what no head has seen."),
    ] = None,
    number: Annotated[int, typer.Option("--trials", min=1, help="Of the shipped heads.")] = 20,
    out: Out = None,
) -> None:
    """Judge, print and write."""
    settings = Settings.of()
    manifest = data / "manifest.csv"
    if held_out is None:
        rows = in_split(read_manifest(manifest), split)
    else:
        rows = read_training_rows(manifest)
    encoder = load_encoder(settings.encoder_cache)
    features, names, grounds = open_grounds(rows, encoder, settings, held_out, number)
    found = []
    for ground in grounds:
        found.append(tried(features, names, ground))
        typer.echo(f"{ground.seed}: {len(ground.trial.enrolled)} creators enrolled", err=True)
    shown = figures(found)
    console = Console(width=150)
    for asked, contestants in shown.items():
        columns = list(dict.fromkeys(name for one in contestants.values() for name in one))
        columns = [name for name in columns if "stated" not in name]
        table = Table("", *columns, title=asked)
        for contestant, one in contestants.items():
            table.add_row(contestant, *(written(one.get(name)) for name in columns))
        console.print(table)
    write(
        out,
        {
            asked: {
                contestant: {name: vars(one) for name, one in found.items()}
                for contestant, found in contestants.items()
            }
            for asked, contestants in shown.items()
        },
    )


if __name__ == "__main__":
    run(main)
