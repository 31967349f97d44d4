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

from training.evaluation.intervals import Estimate, GroupBootstrap, share

PRECISION = 0.99


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
class SearchAnswer:
    """What a search says of one picture.

    Attributes:
        query: Name of the picture.
        group: What it belongs together with: its creator, or its source.
        edit: How it was copied; empty for an innocent picture.
        matches: Best first.
        baseline: The nearest works by the cosine of the last layer alone, best first.
        candidate: Whether the right work was among those looked at closely; None if not known.
        milliseconds: CPU time of the search, without the encoder.
    """

    query: str
    group: str
    edit: str
    matches: tuple[Scored, ...]
    baseline: tuple[Scored, ...]
    candidate: bool | None
    milliseconds: float


Ranking = Callable[[SearchAnswer], Sequence[Scored]]
"""Picks the matches of an answer that are judged."""


def full(answer: SearchAnswer) -> Sequence[Scored]:
    """The matches of the search that is judged."""
    return answer.matches


def baseline(answer: SearchAnswer) -> Sequence[Scored]:
    """The matches of the search that it is compared with."""
    return answer.baseline


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
        baseline: Share that the baseline finds at its own threshold of the same precision.
        baseline_first: Share whose work is the nearest by the cosine of the baseline.
    """

    edit: str
    found: Estimate
    found_leniently: Estimate
    proven: Estimate
    first: Estimate
    candidate: Estimate | None
    baseline: Estimate
    baseline_first: Estimate


@dataclass(frozen=True)
class CopyFigures:
    """How well copies are found, and how often innocent pictures are accused.

    Attributes:
        threshold: The lowest score at which the pool has the precision; inf if none has.
        lenient_threshold: The same, where siblings are passed over.
        baseline_threshold: The strict one for the cosine of the baseline.
        edits: By edit; `all` comes last.
        precision: Of what the search itself calls copies; None if it calls none.
        lenient_precision: The same, where siblings are passed over.
        accused: Share of innocent pictures of which the search says they copy a work.
        accused_of_others: Share of which it says they copy a work of another creator.
        milliseconds: Median CPU time of a search, and the 95th percentile.
        errors: Wrong matches, siblings too, worst first: the answer, and the match.
    """

    threshold: float
    lenient_threshold: float
    baseline_threshold: float
    edits: tuple[EditFigures, ...]
    precision: Estimate | None
    lenient_precision: Estimate | None
    accused: Estimate
    accused_of_others: Estimate
    milliseconds: tuple[float, float]
    errors: tuple[tuple[SearchAnswer, Scored], ...]


def copy_figures(
    answers: Sequence[SearchAnswer], *, precision: float = PRECISION, seed: int = 0
) -> CopyFigures:
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
        threshold_at_precision(answers, full, precision),
        threshold_at_precision(answers, full, precision, against=LENIENT),
        threshold_at_precision(answers, baseline, precision),
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
        baseline_threshold=thresholds.baseline,
        edits=tuple(by_edit),
        precision=_precision(answers, STRICT),
        lenient_precision=_precision(answers, LENIENT),
        accused=_accused(innocent, STRICT),
        accused_of_others=_accused(innocent, LENIENT),
        milliseconds=(float(np.median(times)), float(np.percentile(times, 95))),
        errors=tuple(sorted(wrong, key=lambda pair: -pair[1].score)),
    )


def threshold_at_precision(
    answers: Sequence[SearchAnswer],
    ranking: Ranking,
    precision: float,
    *,
    against: frozenset[Truth] = STRICT,
) -> float:
    """The lowest score at and above which the best matches have a precision; inf if none."""
    pool = [m for a in answers if (m := best_match(ranking(a), against)) is not None]
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


def best_match(matches: Sequence[Scored], against: frozenset[Truth] = STRICT) -> Scored | None:
    """The first match that counts for or against precision."""
    return next((m for m in matches if m.truth in against | {Truth.RIGHT}), None)


@dataclass(frozen=True)
class _Thresholds:
    strict: float
    lenient: float
    baseline: float


def _precision(answers: Sequence[SearchAnswer], against: frozenset[Truth]) -> Estimate | None:
    called = [m.truth for a in answers for m in a.matches if m.proven]
    counted = [truth is Truth.RIGHT for truth in called if truth in against | {Truth.RIGHT}]
    return share(counted) if counted else None


def _accused(innocent: Sequence[SearchAnswer], against: frozenset[Truth]) -> Estimate:
    return share([any(m.proven and m.truth in against for m in a.matches) for a in innocent])


def _figures(
    edit: str, copies: Sequence[SearchAnswer], thresholds: _Thresholds, seed: int
) -> EditFigures:
    drawn = GroupBootstrap([answer.group for answer in copies], seed=seed)

    def of(holds: Callable[[SearchAnswer], bool]) -> Estimate:
        return drawn.mean([holds(answer) for answer in copies])

    def right(match: Scored | None, threshold: float = -np.inf) -> bool:
        return match is not None and match.truth is Truth.RIGHT and match.score >= threshold

    known = all(answer.candidate is not None for answer in copies)
    return EditFigures(
        edit,
        found=of(lambda a: right(best_match(a.matches), thresholds.strict)),
        found_leniently=of(lambda a: right(best_match(a.matches, LENIENT), thresholds.lenient)),
        proven=of(lambda a: any(m.proven and right(m) for m in a.matches)),
        first=of(lambda a: right(best_match(a.matches))),
        candidate=of(lambda a: bool(a.candidate)) if known else None,
        baseline=of(lambda a: right(best_match(a.baseline), thresholds.baseline)),
        baseline_first=of(lambda a: right(best_match(a.baseline))),
    )
