"""Figures of the search for copies: what is found at which precision, each with its interval.

A search answers a query with matches, each a work and a score. The best match of every query, of
copies and innocent pictures alike, goes into one pool, and one threshold cuts it: as Douze et al.,
The 2021 Image Similarity Dataset and Challenge - https://arxiv.org/abs/2106.09672, do with all
matches.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from training.evaluation.metrics import Estimate, share

PRECISION = 0.99

DRAWS = 500
"""Resamples behind an interval."""


class Truth(StrEnum):
    """What a match is.

    `RIGHT`: the work was copied. `EXCUSED`: it was not, but the pictures show the same: put
    together from the same drawn parts, or near-duplicates; counts neither way. `SIBLING`: another
    work of the same creator, who may have used a drawing twice: wrong, but accuses nobody who
    copies from others. `WRONG`: an accusation.
    """

    RIGHT = "right"
    EXCUSED = "excused"
    SIBLING = "sibling"
    WRONG = "wrong"


STRICT = frozenset({Truth.SIBLING, Truth.WRONG})
LENIENT = frozenset({Truth.WRONG})
"""What counts against precision."""


@dataclass(frozen=True)
class Scored:
    """One match of an answer.

    Attributes:
        work: Name of the work.
        score: The higher, the surer.
        truth: What the match is.
        proven: Whether the search itself calls it a copy.
    """

    work: str
    score: float
    truth: Truth
    proven: bool = False


@dataclass(frozen=True)
class Answer:
    """What a search says of one picture.

    Attributes:
        query: Name of the picture.
        group: What it belongs together with: its creator, or its source.
        edit: How it was copied; empty for an innocent picture.
        matches: Best first.
        plain: The nearest works by the cosine of the last layer alone, best first.
        candidate: Whether the right work was among those looked at closely; None if not known.
        milliseconds: CPU time of the search, without the encoder.
    """

    query: str
    group: str
    edit: str
    matches: tuple[Scored, ...]
    plain: tuple[Scored, ...]
    candidate: bool | None
    milliseconds: float


Ranking = Callable[[Answer], Sequence[Scored]]
"""Picks the matches of an answer that are judged."""


def full(answer: Answer) -> Sequence[Scored]:
    """The matches of the search that is judged."""
    return answer.matches


def plain(answer: Answer) -> Sequence[Scored]:
    """The matches of the search that it is compared with."""
    return answer.plain


@dataclass(frozen=True)
class EditFigures:
    """How copies of one kind are found.

    Attributes:
        edit: Which; `all` for all together.
        found: Share whose work is the best match, at or above the pooled threshold.
        found_leniently: The same, where siblings are passed over.
        proven: Share whose work the search itself calls copied.
        first: Share whose work is the best match, whatever its score.
        candidate: Share whose work was looked at closely; None if not known.
        plain: Share that the plain cosine finds at its own threshold of the same precision.
        plain_first: Share whose work is the nearest by the plain cosine.
    """

    edit: str
    found: Estimate
    found_leniently: Estimate
    proven: Estimate
    first: Estimate
    candidate: Estimate | None
    plain: Estimate
    plain_first: Estimate


@dataclass(frozen=True)
class CopyFigures:
    """How well copies are found, and how often innocent pictures are accused.

    Attributes:
        threshold: The lowest score at which the pool has the precision; inf if none has.
        lenient_threshold: The same, where siblings are passed over.
        plain_threshold: The strict one for the plain cosine.
        edits: By edit; `all` comes last.
        precision: Of what the search itself calls copies; None if it calls none.
        lenient_precision: The same, where siblings are passed over.
        accused: Share of innocent pictures of which the search says they copy a work.
        accused_of_others: Share of which it says they copy a work of another creator.
        milliseconds: Median CPU time of a search, and the 95th percentile.
        mistakes: Wrong matches, siblings too, worst first: the answer, and the match.
    """

    threshold: float
    lenient_threshold: float
    plain_threshold: float
    edits: tuple[EditFigures, ...]
    precision: Estimate | None
    lenient_precision: Estimate | None
    accused: Estimate
    accused_of_others: Estimate
    milliseconds: tuple[float, float]
    mistakes: tuple[tuple[Answer, Scored], ...]


def judge(answers: Sequence[Answer], *, precision: float = PRECISION, seed: int = 0) -> CopyFigures:
    """All figures of a search.

    Args:
        answers: To copies and to innocent pictures; some of each.
        precision: At which the thresholds are set.
        seed: Of the resampling.

    Raises:
        ValueError: There are no copies, or no innocent pictures.
    """
    copies = [answer for answer in answers if answer.edit]
    innocent = [answer for answer in answers if not answer.edit]
    if not copies or not innocent:
        raise ValueError("figures need copies and innocent pictures")
    thresholds = _Thresholds(
        threshold_at(answers, full, precision),
        threshold_at(answers, full, precision, against=LENIENT),
        threshold_at(answers, plain, precision),
    )
    edits = list(dict.fromkeys(answer.edit for answer in copies))
    by_edit = [
        _figures(name, [a for a in copies if name in (a.edit, "all")], thresholds, seed)
        for name in (*edits, "all")
    ]
    times = np.array([answer.milliseconds for answer in answers])
    wrong = [(a, m) for a in answers for m in a.matches if m.truth in STRICT]
    return CopyFigures(
        threshold=thresholds.strict,
        lenient_threshold=thresholds.lenient,
        plain_threshold=thresholds.plain,
        edits=tuple(by_edit),
        precision=_precision(answers, STRICT),
        lenient_precision=_precision(answers, LENIENT),
        accused=_accused(innocent, STRICT),
        accused_of_others=_accused(innocent, LENIENT),
        milliseconds=(float(np.median(times)), float(np.percentile(times, 95))),
        mistakes=tuple(sorted(wrong, key=lambda pair: -pair[1].score)),
    )


def threshold_at(
    answers: Sequence[Answer],
    ranking: Ranking,
    precision: float,
    *,
    against: frozenset[Truth] = STRICT,
) -> float:
    """The lowest score at and above which the best matches have a precision; inf if none."""
    pool = [m for a in answers if (m := best(ranking(a), against)) is not None]
    if not pool:
        return float("inf")
    scores = np.array([m.score for m in pool])
    order = np.argsort(-scores, kind="stable")
    scores, right = scores[order], np.array([m.truth is Truth.RIGHT for m in pool])[order]
    reached = np.cumsum(right) / np.arange(1, len(pool) + 1)
    # Matches of one score stand or fall together.
    last = np.append(scores[:-1] != scores[1:], True)
    enough = np.flatnonzero(last & (reached >= precision))
    return float(scores[enough[-1]]) if enough.size else float("inf")


def best(matches: Sequence[Scored], against: frozenset[Truth] = STRICT) -> Scored | None:
    """The first match that counts for or against precision."""
    return next((m for m in matches if m.truth in against | {Truth.RIGHT}), None)


def share_by_group(chosen: ArrayLike, groups: Sequence[str], seed: int = 0) -> Estimate:
    """The share of true values, with a bootstrap interval (95 %) that resamples whole groups.

    Args:
        chosen: bool [N], at least one.
        groups: What belongs together, of each of N.
        seed: Of the resampling.
    """
    values = np.asarray(chosen, np.float64)
    _, place = np.unique(np.asarray(groups), return_inverse=True)
    totals, counts = np.bincount(place, values), np.bincount(place)
    rng = np.random.default_rng(seed)
    times: NDArray[np.int64] = rng.multinomial(
        counts.size, np.full(counts.size, 1 / counts.size), DRAWS
    )
    low, high = np.percentile(times @ totals / (times @ counts), [2.5, 97.5])
    return Estimate(float(values.mean()), float(low), float(high), values.size)


@dataclass(frozen=True)
class _Thresholds:
    strict: float
    lenient: float
    plain: float


def _precision(answers: Sequence[Answer], against: frozenset[Truth]) -> Estimate | None:
    called = [m.truth for a in answers for m in a.matches if m.proven]
    counted = [truth is Truth.RIGHT for truth in called if truth in against | {Truth.RIGHT}]
    return share(counted) if counted else None


def _accused(innocent: Sequence[Answer], against: frozenset[Truth]) -> Estimate:
    return share([any(m.proven and m.truth in against for m in a.matches) for a in innocent])


def _figures(
    edit: str, copies: Sequence[Answer], thresholds: _Thresholds, seed: int
) -> EditFigures:
    groups = [answer.group for answer in copies]

    def of(holds: Callable[[Answer], bool]) -> Estimate:
        return share_by_group([holds(answer) for answer in copies], groups, seed)

    def right(match: Scored | None, threshold: float = -np.inf) -> bool:
        return match is not None and match.truth is Truth.RIGHT and match.score >= threshold

    known = all(answer.candidate is not None for answer in copies)
    return EditFigures(
        edit,
        found=of(lambda a: right(best(a.matches), thresholds.strict)),
        found_leniently=of(lambda a: right(best(a.matches, LENIENT), thresholds.lenient)),
        proven=of(lambda a: any(m.proven and right(m) for m in a.matches)),
        first=of(lambda a: right(best(a.matches))),
        candidate=of(lambda a: bool(a.candidate)) if known else None,
        plain=of(lambda a: right(best(a.plain), thresholds.plain)),
        plain_first=of(lambda a: right(best(a.plain))),
    )
