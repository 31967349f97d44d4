"""How much was decided, how surely, and how soon: figures for whoever answers for it.

    counts of the records -> rates with intervals, agreement, times

Shares carry Wilson's interval, which holds where there are few; agreement between moderators is
Cohen's kappa over images that two people labelled, each without needing the other's.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import sqrt
from statistics import NormalDist, median, quantiles

import numpy as np
from numpy.typing import NDArray

from moderation.events import LabelSource, MadeBy
from storage import Reader
from storage.figures import Answered, Decided

WEEKS = 12
"""That are shown."""

CONFIDENCE = 0.95
"""Of every interval."""

DRAWS = 2_000
"""Resamples behind the interval of kappa."""

_Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)


@dataclass(frozen=True)
class Share:
    """How many of some, with its interval.

    Attributes:
        count: How many.
        n: Of how many, at least 1.
        low: Lower end of the 95 % interval, 0 to 1.
        high: Upper end.
    """

    count: int
    n: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The share, 0 to 1."""
        return self.count / self.n


@dataclass(frozen=True)
class ServiceWeek:
    """What was decided about the uploads of a service in a week.

    Attributes:
        service: Which.
        monday: Its first day, in UTC.
        decisions: How many.
        actions: How many led to each action, by the severest on the work.
        labelled: How many give a label.
        reversed: How many an appeal took back since.
    """

    service: str
    monday: date
    decisions: int
    actions: Mapping[str, int]
    labelled: Share
    reversed: Share


@dataclass(frozen=True)
class Times:
    """How long something took.

    Attributes:
        n: Of how many, at least 1.
        median: Half of them took no longer.
        most: Nine in ten took no longer.
    """

    n: int
    median: timedelta
    most: timedelta


@dataclass(frozen=True)
class Agreement:
    """How far two people agree beyond chance.

    Attributes:
        same: How often they said the same.
        kappa: Cohen's, at most 1; 0 for no more than by chance. None where all said one thing.
        low: Lower end of the 95 % interval; None as `kappa`.
        high: Upper end.
    """

    same: Share
    kappa: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Statistics:
    """Figures of some weeks.

    Attributes:
        weeks: By service and week, the newest week first; none without a decision.
        confirmed: Reviews that were answered with yes; None where none was answered.
        second: Second answers that agree with the first; None where there was none.
        granted: Appeals that were granted, so that the decision was reversed; None for none.
        review_times: From a review's opening to its answer; None for none.
        appeal_times: From an appeal to its answer; None for none.
        agreement: On how images were made; None where no two people said so of one.
    """

    weeks: tuple[ServiceWeek, ...]
    confirmed: Share | None
    second: Share | None
    granted: Share | None
    review_times: Times | None
    appeal_times: Times | None
    agreement: Agreement | None


def statistics(reader: Reader, *, until: datetime, weeks: int = WEEKS) -> Statistics:
    """Figures of the last weeks, this one among them.

    Args:
        reader: Of the records.
        until: Now, with a time zone.
        weeks: How many.
    """
    day = until.astimezone(UTC).date()
    last = day - timedelta(days=day.weekday())
    mondays = [last - timedelta(weeks=back) for back in range(weeks)]
    since, end = _begin(mondays[-1]), _begin(last + timedelta(weeks=1))
    figures = reader.figures
    reviews, appeals = figures.reviews(since, end), figures.appeals(since, end)
    return Statistics(
        weeks=tuple(
            week
            for monday in mondays
            for week in _weeks(
                monday, figures.decided(_begin(monday), _begin(monday + timedelta(weeks=1)))
            )
        ),
        confirmed=share([one.yes for one in reviews]),
        second=share([one.yes for one in reviews if one.others]),
        granted=share([one.yes for one in appeals]),
        review_times=times(reviews),
        appeal_times=times(appeals),
        agreement=agreement(
            figures.labelled_twice(since, end, (LabelSource.MODERATOR, LabelSource.APPEAL))
        ),
    )


def share(told: Sequence[bool]) -> Share | None:
    """The share of yes; None of nothing."""
    return _share(sum(told), len(told)) if told else None


def times(answered: Iterable[Answered]) -> Times | None:
    """How long answers took; None of nothing."""
    waited = sorted(one.waited.total_seconds() for one in answered)
    if not waited:
        return None
    most = quantiles(waited, n=10, method="inclusive")[-1] if len(waited) > 1 else waited[0]
    return Times(len(waited), timedelta(seconds=median(waited)), timedelta(seconds=most))


def agreement(pairs: Sequence[tuple[str, str]], *, seed: int = 0) -> Agreement | None:
    """Cohen's kappa of what two people said; None of nothing.

    Paper: Cohen, A coefficient of agreement for nominal scales, Educational and Psychological
    Measurement 20 (1960). Its interval is resampled.

    Args:
        pairs: The first and the second answer about each image.
        seed: Of the resamples.
    """
    same = share([first == second for first, second in pairs])
    if same is None:
        return None
    answers = list(MadeBy)
    table = np.zeros((len(answers), len(answers)))
    for first, second in pairs:
        table[answers.index(MadeBy(first)), answers.index(MadeBy(second))] += 1
    (found,) = _kappas(table[None])
    if np.isnan(found):
        return Agreement(same, None, None, None)
    drawn = np.random.default_rng(seed).multinomial(len(pairs), table.ravel() / len(pairs), DRAWS)
    kappas = _kappas(drawn.reshape(DRAWS, *table.shape))
    tail = (1 - CONFIDENCE) / 2
    # Where a resample has one answer alone, the two agree.
    low, high = np.quantile(np.nan_to_num(kappas, nan=1.0), (tail, 1 - tail))
    return Agreement(same, float(found), float(low), float(high))


def _kappas(tables: NDArray[np.number]) -> NDArray[np.float64]:
    """Of tables [N, K, K] of counts; NaN where both said one thing throughout."""
    shares = tables / tables.sum(axis=(1, 2), keepdims=True)
    seen = np.trace(shares, axis1=1, axis2=2)
    chance = (shares.sum(axis=1) * shares.sum(axis=2)).sum(axis=1)
    with np.errstate(invalid="ignore"):
        found: NDArray[np.float64] = np.where(chance < 1, (seen - chance) / (1 - chance), np.nan)
    return found


def _share(count: int, n: int) -> Share:
    """With Wilson's interval.

    Paper: Wilson, Probable inference, the law of succession, and statistical inference, Journal of
    the American Statistical Association 22 (1927).
    """
    value, weight = count / n, 1 + _Z**2 / n
    middle = (value + _Z**2 / (2 * n)) / weight
    half = _Z / weight * sqrt(value * (1 - value) / n + _Z**2 / (4 * n**2))
    return Share(count, n, max(0.0, middle - half), min(1.0, middle + half))


def _weeks(monday: date, decided: Sequence[Decided]) -> Iterable[ServiceWeek]:
    by_service: dict[str, list[Decided]] = defaultdict(list)
    for one in decided:
        by_service[one.service].append(one)
    for service, some in by_service.items():
        decisions = sum(one.decisions for one in some)
        yield ServiceWeek(
            service=service,
            monday=monday,
            decisions=decisions,
            actions=Counter({one.action: one.decisions for one in some}),
            labelled=_share(sum(one.labelled for one in some), decisions),
            reversed=_share(sum(one.reversed for one in some), decisions),
        )


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
