"""Accounts of artists who imitate nobody, and of people who post in one creator's style.

And accounts of pictures by AIs, which imitate nobody as far as anybody knows, or one creator.

What `labelling.account.imitation` is measured on. A deal enrols half of the creators that a head
has not seen; the others are strangers, each with an account of their works, and then they change
places. Works of enrolled creators that are kept back stand for an imitator's account: the easy
case, as nobody imitates as well as the creator.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from labelling.account.innocent import InnocentAccounts, Measured
from labelling.account.surprise import surprise
from similarity.artefact import Heads
from similarity.search import TOP
from similarity.styles.open_set import Cohort
from training.data.manifest import Row
from training.data.splits import assign_folds
from training.similarity.style_comparison import compare
from training.similarity.style_fit import StyleRecipe
from training.similarity.train import BY_AI
from training.similarity.trials import (
    FEWEST,
    FOLDS,
    MOST_ENROLLED,
    TrainingSet,
    Trial,
    fit_style_head,
)

LEAST = 3
"""Works below which nothing is repeated."""

SIZES = (3, 5, 8, 12)
"""Numbers of works for which innocent accounts are measured."""

MOST_WORKS = 32
"""Works of one creator that are looked at."""

DRAWN = 8
"""How often works are drawn from an account for each size."""

KEPT_BACK = 0.5
"""Share of an enrolled creator's works that stand for an imitator's account."""

Numbers = NDArray[np.int64]
Values = NDArray[np.float64]

_NOTHING = np.empty(0, np.int64)


@dataclass(frozen=True, eq=False)
class Account:
    """The works of one account, compared with all who are enrolled.

    Attributes:
        person: Who made them.
        p_values: float64 [n, E]; 1 for creators who are not among the nearest.
        creators: Of the E columns.
        imitates: The creator in whose style they are; None for a stranger's.
    """

    person: str
    p_values: Values
    creators: tuple[str, ...]
    imitates: str | None = None

    def nats(self, works: Numbers, least: int) -> Values:
        """How much some of the works surprise, float64 [E], against each creator.

        Args:
            works: int64 [k], which.
            least: How many must be near for any surprise.
        """
        return np.array([surprise(one.tolist(), least) for one in self.p_values[works].T])


def deal_accounts(
    works: TrainingSet,
    imitations: TrainingSet,
    recipe: StyleRecipe,
    seeds: Iterable[int],
    correction: float = 1.0,
) -> Iterator[Account]:
    """Accounts of every deal: of strangers, of enrolled creators, and of AIs asked for their style.

    Args:
        works: Human works whose creators are named.
        imitations: Pictures by AIs in the styles of named artists: learnt from, but for those of
            artists whom the head must not have seen.
        recipe: How heads are made.
        seeds: One round of deals for each.
        correction: Of the cohort's shares, as of the heads that ship.
    """
    asked = np.array([row.prompted_artist for row in imitations.rows], object)
    for one in _unseen(works, imitations, recipe, seeds):
        count = len(one.names)
        by_ai = {name: count + places for name, places in _places(asked, ~one.learnt).items()}
        cohort = Cohort(one.vectors[:count][one.seen], one.people[one.seen], correction)
        yield from deal_halves(one.vectors, _places(one.names, ~one.seen), by_ai, cohort, one.rng)


def deal_by_ai(
    works: TrainingSet,
    by_ai: TrainingSet,
    recipe: StyleRecipe,
    seeds: Iterable[int],
    correction: float = 1.0,
    enrolled_most: int | None = None,
) -> Iterator[Account]:
    """Accounts of pictures by AIs, against creators of whom no head has seen a work.

    What one source has of one generator is an account, with pictures that are of one make, as those
    of one uploader are. Those that were asked for in an enrolled creator's style are an imitator's.
    P-values are shares of pictures by AIs, of other sources than those that are asked about.

    Args:
        works: Human works whose creators are named.
        by_ai: Pictures by AIs; those in the styles of artists whom the head may see are learnt
            from.
        recipe: How heads are made.
        seeds: One round of deals for each.
        correction: Of the cohort's shares, as of the heads that ship.
        enrolled_most: Creators who are enrolled in each deal: those in whose styles pictures were
            asked for, and others by lot. None enrols everybody who has enough works.
    """
    after = {row.prompted_artist for row in by_ai.rows}
    sources = [row.source for row in by_ai.rows]
    for one in _unseen(works, by_ai, recipe, seeds):
        count = len(one.names)
        large = {
            name: one.rng.permutation(mine)[:MOST_ENROLLED]
            for name, mine in sorted(_places(one.names, ~one.seen).items())
            if len(mine) >= FEWEST
        }
        by_lot = sorted(
            one.rng.permutation(list(large)).tolist(), key=lambda name: name not in after
        )
        enrolled = {name: large[name] for name in sorted(by_lot[:enrolled_most])}
        part_of = assign_folds(sources, [""] * len(sources), FOLDS, one.seed)
        for part in range(FOLDS):
            others = one.rng.permutation(np.flatnonzero(part_of != part))[:BY_AI]
            cohort = Cohort(
                np.concatenate([one.vectors[:count][one.seen], one.vectors[count + others]]),
                np.concatenate([one.people[one.seen], np.full(len(others), -1, np.int64)]),
                correction,
            )
            asked = np.flatnonzero(part_of == part)
            trial = Trial(enrolled, _NOTHING, _NOTHING)
            compared = compare(one.vectors, count + asked, trial, cohort)
            shares = _p_values(compared.like, compared.imitated, compared.nulls.by_ai.p_value)
            yield from _grouped([by_ai.rows[place] for place in asked], shares, tuple(enrolled))


@dataclass(frozen=True, eq=False)
class _Unseen:
    """A head, by what it makes of all pictures, and whom it has not seen.

    Attributes:
        seed: Of the round of deals.
        rng: Of this deal.
        names: object [N], whose works come first.
        people: int64 [N], the same as numbers.
        seen: bool [N], works that the head has learnt from.
        learnt: bool [M], pictures by AIs that it has learnt from.
        vectors: float32 [N + M, S].
    """

    seed: int
    rng: np.random.Generator
    names: NDArray[np.object_]
    people: Numbers
    seen: NDArray[np.bool_]
    learnt: NDArray[np.bool_]
    vectors: NDArray[np.float32]


def _unseen(
    works: TrainingSet, by_ai: TrainingSet, recipe: StyleRecipe, seeds: Iterable[int]
) -> Iterator[_Unseen]:
    """Heads that have not seen a third of the creators, nor pictures in the styles of these."""
    names = works.authors()
    people = np.unique(names.astype(str), return_inverse=True)[1].astype(np.int64)
    artists = [row.prompted_artist for row in by_ai.rows]
    for seed in seeds:
        fold_of = assign_folds(names.astype(str).tolist(), [""] * len(names), FOLDS, seed)
        for fold in range(FOLDS):
            seen = fold_of != fold
            unseen = set(names[~seen].tolist())
            learnt = np.array([bool(one) and one not in unseen for one in artists])
            style = fit_style_head(works, _where(by_ai, learnt), recipe, seen)
            vectors = np.concatenate([style(works.views[0]), style(by_ai.views[0])])
            rng = np.random.default_rng([seed, fold])
            yield _Unseen(seed, rng, names, people, seen, learnt, vectors)


def _grouped(rows: Sequence[Row], p_values: Values, creators: tuple[str, ...]) -> Iterator[Account]:
    """Accounts of pictures by AIs, p-values float64 [n, E]."""
    accounts: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        accounts[row.source, row.generator, row.prompted_artist].append(place)
    for (source, _, artist), places in accounts.items():
        yield Account(source, p_values[places], creators, artist if artist in creators else None)


def deal_unseen(works: TrainingSet, heads: Heads, seeds: Iterable[int]) -> Iterator[Account]:
    """Accounts of creators whom heads that are given have not seen; see `deal_accounts`."""
    names = works.authors()
    vectors = heads.style(works.views[0])
    by_name = _places(names, np.ones(len(names), bool))
    for seed in seeds:
        yield from deal_halves(vectors, by_name, {}, heads.cohort, np.random.default_rng(seed))


def deal_halves(
    vectors: NDArray[np.float32],
    by_name: Mapping[str, Numbers],
    by_ai: Mapping[str, Numbers],
    cohort: Cohort,
    rng: np.random.Generator,
) -> Iterator[Account]:
    """Enrol one half of the creators, the others being strangers, and then the other half.

    Args:
        vectors: float32 [N, S], of all pictures.
        by_name: The places of each creator's works.
        by_ai: The places of the pictures by AIs after each.
        cohort: Of other people.
        rng: Divides the creators, and their works.
    """
    large = [name for name in sorted(by_name) if len(by_name[name]) >= FEWEST]
    shuffled = rng.permutation(large).tolist()
    halves = shuffled[: len(large) // 2], shuffled[len(large) // 2 :]
    for enrolled, strangers in (halves, halves[::-1]):
        yield from _accounts(
            vectors,
            {name: rng.permutation(by_name[name]) for name in enrolled},
            {name: by_name[name] for name in strangers},
            {name: places for name, places in by_ai.items() if name in enrolled},
            cohort,
        )


def some_works(rows: Iterable[Row], most: int = MOST_WORKS) -> tuple[Row, ...]:
    """Human works whose creators are named, of creators with enough, evenly spaced ones of many."""
    mine: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.label == "human" and row.creator:
            mine[row.creator].append(row)
    return tuple(
        own[place]
        for _, own in sorted(mine.items())
        if len(own) >= FEWEST
        for place in np.linspace(0, len(own) - 1, min(most, len(own))).astype(np.int64)
    )


def innocent_accounts(
    accounts: Sequence[Account], origin: Mapping[str, object], sizes: Sequence[int] = SIZES
) -> InnocentAccounts:
    """What strangers' accounts show, by the number of their works.

    However few are near: of three works hardly ever all are, of twelve more often three, so that
    few works would else bound many wrongly.

    Args:
        accounts: Of several deals; an artist counts once, however many accounts stand for them.
        origin: What they were made of.
        sizes: Numbers of works.
    """
    measured = {}
    for size in sizes:
        strangers = [one for one in accounts if one.imitates is None and len(one.p_values) >= size]
        if strangers:
            nats = sorted(
                float(top) for one in strangers for top in _drawn(one, size, 0).max(axis=1)
            )
            people = len({one.person for one in strangers})
            measured[size] = Measured(people, tuple(round(value, 4) for value in nats))
    return InnocentAccounts(LEAST, measured, origin)


@dataclass(frozen=True)
class Naming:
    """How often an account is named as somebody's imitator.

    Attributes:
        right: Share of draws of its works in which it is named as the right creator's.
        anybody: In which it is named as anybody's.
    """

    right: float
    anybody: float


def naming(account: Account, innocent: InnocentAccounts, size: int, rate: float) -> Naming:
    """How often an account is named at a rate by so many works, which it has."""
    nats = _drawn(account, size, LEAST)
    first = nats.argmax(axis=1)
    accused = np.array([innocent.share(size, top).p_value <= rate for top in nats.max(axis=1)])
    right = np.array([account.creators[one] == account.imitates for one in first])
    return Naming(float((accused & right).mean()), float(accused.mean()))


@cache
def _drawn(account: Account, size: int, least: int) -> Values:
    """Surprise of works drawn without replacement, float64 [DRAWN, E]; once if that is all."""
    count = len(account.p_values)
    rng = np.random.default_rng([size, count])
    draws = DRAWN if count > size else 1
    return np.array([account.nats(rng.permutation(count)[:size], least) for _ in range(draws)])


def _accounts(
    vectors: NDArray[np.float32],
    enrolled: Mapping[str, Numbers],
    strangers: Mapping[str, Numbers],
    by_ai: Mapping[str, Numbers],
    cohort: Cohort,
) -> Iterator[Account]:
    back = {name: mine[: int(KEPT_BACK * len(mine))] for name, mine in enrolled.items()}
    kept = {name: mine[len(back[name]) :][:MOST_ENROLLED] for name, mine in enrolled.items()}
    trial = Trial(kept, _NOTHING, _NOTHING)
    creators = tuple(kept)
    parts = [
        *((name, places, None) for name, places in strangers.items()),
        *((name, places, name) for name, places in back.items()),
        *((f"an AI, as {name}", places, name) for name, places in by_ai.items()),
    ]
    compared = compare(vectors, np.concatenate([places for _, places, _ in parts]), trial, cohort)
    p_values = _p_values(compared.like, compared.accepted, compared.nulls.p_value)
    begin = 0
    for person, places, imitates in parts:
        yield Account(person, p_values[begin : begin + len(places)], creators, imitates)
        begin += len(places)


def _p_values(
    likeness: NDArray[np.float32], scores: Values, share: Callable[[float], float]
) -> Values:
    """As a search tells them: of the nearest creators alone, who is less like never surer.

    Args:
        likeness: float32 [Q, E], of pictures to creators.
        scores: float64 [Q, E], of the same.
        share: Of innocent pictures that score as high.

    Returns:
        float64 [Q, E].
    """
    found = np.ones(likeness.shape)
    for place, like in enumerate(likeness):
        surest = np.inf
        for creator in np.argsort(-like)[:TOP]:
            surest = min(surest, float(scores[place, creator]))
            found[place, creator] = share(surest)
    return found


def _where(pictures: TrainingSet, mask: NDArray[np.bool_]) -> TrainingSet:
    rows = tuple(row for row, kept in zip(pictures.rows, mask, strict=True) if kept)
    return TrainingSet(rows, tuple(view[mask] for view in pictures.views))


def _places(names: NDArray[np.object_], mask: NDArray[np.bool_]) -> dict[str, Numbers]:
    found: dict[str, list[int]] = defaultdict(list)
    for place in np.flatnonzero(mask):
        found[names[place]].append(int(place))
    return {name: np.array(places, np.int64) for name, places in found.items()}
