"""Open-set trials: who plays which part when heads are judged, and what a head learns from.

A trial enrols some creators with most of their works, asks for the rest of these, and then for
works of creators who are not enrolled. No head has seen any of them.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from models import Features
from models.encoder.features import join
from similarity.heads import StyleHead
from similarity.styles.open_set import Cohort
from training.data.manifest import Row
from training.data.splits import assign_folds
from training.errors import TooFewImages
from training.similarity.style_fit import StyleRecipe, fit_style

FOLDS = 3
SEEDS = (0, 1)
"""The creators are assigned to the folds once for each."""

FEWEST = 4
"""Works from which a creator may be enrolled in a trial."""

ENROLLED = 0.75
"""Share of those that are."""

MOST_KNOWN, MOST_UNKNOWN, MOST_ENROLLED = 4, 8, 16
"""Works of one creator that are asked for, if enrolled, if not, and that are enrolled."""

DRAWS = 4
"""Trials of one head: who is enrolled, and with which works, moves figures as much as the head."""

Numbers = NDArray[np.int64]


class HeldOut(StrEnum):
    """What a head has not seen of those who play a part in a trial.

    `CREATORS`: their works. `SOURCES`: anything of the collections from which their works come,
    as on a platform whose works are of a kind that nobody trained on.
    """

    CREATORS = "creators"
    SOURCES = "sources"


@dataclass(frozen=True, eq=False)
class Deal:
    """Who is learnt from, and who is asked about.

    Attributes:
        seed: Of what is random in it, by which it is told from others.
        seen: bool [N], the works that a head learns from.
        held: bool [N], the works of creators whom it has not seen.
    """

    seed: tuple[int, int]
    seen: NDArray[np.bool_]
    held: NDArray[np.bool_]


@dataclass(frozen=True)
class Trial:
    """Who plays which part; positions in a table.

    Attributes:
        enrolled: By creator: the works that are enrolled.
        known: Other works of these creators.
        unknown: Works of creators who are not enrolled.
    """

    enrolled: Mapping[str, Numbers]
    known: Numbers
    unknown: Numbers

    @property
    def asked(self) -> Numbers:
        """All works that are asked for: the known ones first."""
        return np.concatenate([self.known, self.unknown])


@dataclass(frozen=True, eq=False)
class Ground:
    """A trial, and what a head that has seen nobody of it makes of the works.

    Attributes:
        seed: Of what is random in it, by which it is told from others: of its deal, and its number.
        trial: Who plays which part.
        styles: float32 [N, S], unit norm, of all works of the table.
        cohort: Of other people.
    """

    seed: tuple[int, ...]
    trial: Trial
    styles: NDArray[np.float32]
    cohort: Cohort


@dataclass(frozen=True)
class TrainingSet:
    """Pictures whose authors are known, in every view that is learnt from.

    Attributes:
        rows: Whose pictures they are.
        views: Features of all rows, one for each view; the first is the plain one.
    """

    rows: tuple[Row, ...]
    views: tuple[Features, ...]

    def authors(self) -> NDArray[np.object_]:
        """Who made each, object [N]; of AI pictures in whose style they were asked for."""
        return np.array(
            [row.creator or f"after {row.prompted_artist}" for row in self.rows], object
        )


def fit_style_head(
    works: TrainingSet,
    imitations: TrainingSet,
    recipe: StyleRecipe,
    seen: NDArray[np.bool_] | None = None,
) -> StyleHead:
    """Fit a head to human works (bool [N]: to these) and to imitations.

    What differs between two generators' pictures after one artist is not style either: learnt from
    both, a head finds the artist behind an imitation more often.
    """
    if seen is None:
        seen = np.ones(len(works.rows), bool)
    own = [view[seen] for view in works.views]
    pairs = zip(own, imitations.views, strict=True)
    views = [join(mine, other) for mine, other in pairs] if imitations.rows else own
    authors = np.concatenate([works.authors()[seen], imitations.authors()]).astype(str)
    numbers = np.unique(authors, return_inverse=True)[1].astype(np.int64)
    return fit_style(views, numbers, own[0], recipe)


def deals(rows: Sequence[Row], held_out: HeldOut, seeds: Sequence[int] = SEEDS) -> Iterator[Deal]:
    """Hold every creator out once for each seed.

    Args:
        rows: N human works whose creators are named.
        held_out: What of theirs is not seen.
        seeds: One round of folds for each.
    """
    names = np.array([row.creator for row in rows], str)
    sources = [row.source for row in rows]
    groups = names.tolist() if held_out is HeldOut.CREATORS else sources
    for seed in seeds:
        # Of no stratum: large and small groups are spread evenly.
        fold_of = assign_folds(groups, [""] * len(rows), FOLDS, seed)
        for fold in range(FOLDS):
            held = fold_of == fold
            # A creator with works in several sources is seen in none.
            yield Deal((seed, fold), ~np.isin(names, names[held]), held)


def unseen_grounds(
    works: TrainingSet,
    imitations: TrainingSet,
    by_ai: Features,
    recipe: StyleRecipe,
    held_out: HeldOut,
    most_known: int = MOST_KNOWN,
) -> Iterator[Ground]:
    """Fit a head for each deal, and give those whom it has not seen their parts, several times.

    Args:
        works: Human works whose creators are named.
        imitations: Pictures by AIs in the styles of named artists: always learnt from.
        by_ai: Plain features of pictures by AIs, for the cohort.
        recipe: How heads are made.
        held_out: What of the creators who are judged on no head has seen.
        most_known: As `draw_trial` has it.

    Raises:
        TooFewImages: Too few creators have enough works.
    """
    names = works.authors()
    numbers = np.unique(names.astype(str), return_inverse=True)[1].astype(np.int64)
    for deal in deals(works.rows, held_out):
        style = fit_style_head(works, imitations, recipe, deal.seen)
        styles = style(works.views[0])
        others = np.concatenate([styles[deal.seen], style(by_ai)])
        people = np.concatenate([numbers[deal.seen], np.full(len(by_ai), -1, np.int64)])
        cohort = Cohort(others, people)
        for draw in range(DRAWS):
            seed = (*deal.seed, draw)
            trial = draw_trial(names, deal.held, np.random.default_rng(seed), most_known)
            yield Ground(seed, trial, styles, cohort)


def draw_trial(
    names: NDArray[np.object_],
    chosen: NDArray[np.bool_],
    rng: np.random.Generator,
    most_known: int = MOST_KNOWN,
) -> Trial:
    """Give the creators of the chosen works their parts.

    Args:
        names: object [N], the creators.
        chosen: bool [N], the works that play a part.
        rng: Draws.
        most_known: Works of one enrolled creator that are asked for, at most.

    Raises:
        TooFewImages: Nobody has enough works.
    """
    by_name: dict[str, list[int]] = defaultdict(list)
    for i in np.flatnonzero(chosen):
        by_name[names[i]].append(int(i))
    large = [name for name in sorted(by_name) if len(by_name[name]) >= FEWEST]
    enrolled: dict[str, Numbers] = {}
    known: list[int] = []
    unknown: list[int] = []
    take = set(rng.permutation(large)[: int(ENROLLED * len(large))].tolist())
    for name in sorted(by_name):
        mine = rng.permutation(by_name[name])
        if name in take:
            asked = min(most_known, len(mine) // 3)
            known += mine[:asked].tolist()
            enrolled[name] = mine[asked : asked + MOST_ENROLLED]
        else:
            unknown += mine[:MOST_UNKNOWN].tolist()
    if not enrolled or not known or not unknown:
        raise TooFewImages(f"styles need creators with at least {FEWEST} works, in every fold")
    return Trial(enrolled, np.array(known, np.int64), np.array(unknown, np.int64))
