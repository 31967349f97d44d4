"""What thresholds cost a platform: works wrongly called `ai`, AI pictures missed, moderators' time.

An upload that scores above the upper threshold is called `ai`, one that scores no more than the
lower threshold is let through, and a moderator looks at what lies between and decides rightly.
Where both thresholds are the same nobody looks at anything.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from training.evaluation.figures import Answers
from training.evaluation.intervals import Estimate, GroupBootstrap, share

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Costs:
    """What a platform pays for each outcome, in one currency.

    Attributes:
        accusation: Of a human work that is called `ai`.
        miss: Of an AI picture that is let through.
        review: Of a moderator's look at one upload.
        ai_share: Share of AI pictures among uploads, 0 to 1.
    """

    accusation: float
    miss: float
    review: float
    ai_share: float

    def __post_init__(self) -> None:
        """Refuse what is no cost or no share.

        Raises:
            ValueError: A cost is negative, or the share is not in 0 to 1.
        """
        if min(self.accusation, self.miss, self.review) < 0 or not 0 <= self.ai_share <= 1:
            raise ValueError("costs are not negative, and the share of AI pictures is 0 to 1")


@dataclass(frozen=True)
class Band:
    """Two thresholds and what comes of them.

    Attributes:
        lower: Raw score up to which an upload is let through.
        upper: Raw score above which it is called `ai`.
        cost: Expected cost of one upload. The interval resamples whole groups, and reaches at
            least as far as what the upper end of `accused` would cost: that nobody is accused in a
            sample does not say that nobody ever is.
        reviewed: Share of uploads that a moderator looks at.
        accused: Share of human works that are called `ai`, with the wider of the intervals that
            resample groups and that take images as independent.
        missed: Share of AI pictures that are let through, likewise.
    """

    lower: float
    upper: float
    cost: Estimate
    reviewed: Estimate
    accused: Estimate
    missed: Estimate


class CostModel:
    """Expected costs of thresholds on answers to images of known origin.

    The images weigh as uploads do: those of each class together as much as its share.
    """

    def __init__(self, answers: Answers, costs: Costs) -> None:
        """Draw the resamples once, so that all thresholds are compared on the same ones.

        Raises:
            ValueError: A class is missing.
        """
        is_ai = answers.is_ai
        if is_ai.all() or not is_ai.any():
            raise ValueError("costs need both classes")
        self.scores = answers.scores
        self.is_ai = is_ai
        self.costs = costs
        self._bootstrap = GroupBootstrap(answers.groups, is_ai)

    def band(self, lower: float, upper: float) -> Band:
        """What two thresholds come to.

        Raises:
            ValueError: The upper one is below the lower one.
        """
        if upper < lower:
            raise ValueError(f"the upper threshold {upper} is below the lower one {lower}")
        above, below = self.scores > upper, self.scores <= lower
        between = ~(above | below)
        pay = np.where(self.is_ai, self.costs.miss * below, self.costs.accusation * above)
        cost = self._of_uploads(pay + self.costs.review * between)
        accused = self._of_class(above, ~self.is_ai)
        more = (1 - self.costs.ai_share) * self.costs.accusation * (accused.high - accused.value)
        return Band(
            lower,
            upper,
            replace(cost, high=max(cost.high, cost.value + more)),
            self._of_uploads(between),
            accused,
            self._of_class(below, self.is_ai),
        )

    def curve(self, thresholds: ArrayLike) -> list[Band]:
        """Without any review: each threshold (float [T]) is both the lower and the upper one."""
        return [self.band(t, t) for t in np.asarray(thresholds, np.float64).tolist()]

    def cheapest(self, thresholds: ArrayLike, *, most_reviewed: float) -> Band:
        """The cheapest pair of thresholds under which moderators have no more to do than they can.

        Args:
            thresholds: float [T], from which both are taken.
            most_reviewed: Share of uploads that they can look at, 0 to 1; 0 for no review.
        """
        grid = np.unique(np.asarray(thresholds, np.float64))
        share, costs = self.costs.ai_share, self.costs
        ai, human = np.sort(self.scores[self.is_ai]), np.sort(self.scores[~self.is_ai])
        ai_below = np.searchsorted(ai, grid, "right") / ai.size
        human_below = np.searchsorted(human, grid, "right") / human.size
        let_through = share * ai_below + (1 - share) * human_below
        # By lower threshold (rows) and upper threshold (columns).
        reviewed = let_through[None, :] - let_through[:, None]
        total = (
            costs.miss * share * ai_below[:, None]
            + costs.accusation * (1 - share) * (1 - human_below)[None, :]
            + costs.review * reviewed
        )
        allowed = (reviewed <= most_reviewed + 1e-12) & (grid[:, None] <= grid[None, :])
        lower, upper = np.unravel_index(np.where(allowed, total, np.inf).argmin(), total.shape)
        return self.band(float(grid[lower]), float(grid[upper]))

    def _of_class(self, chosen: NDArray[np.bool_], side: NDArray[np.bool_]) -> Estimate:
        resampled, exact = self._bootstrap.mean(chosen, side), share(chosen[side])
        low, high = min(resampled.low, exact.low), max(resampled.high, exact.high)
        return Estimate(exact.value, low, high, exact.n)

    def _of_uploads(self, values: ArrayLike) -> Estimate:
        """The mean of a value (float or bool [N]) over uploads, with its interval."""
        x = np.asarray(values, np.float64)
        share = self.costs.ai_share
        weight = np.where(self.is_ai, share, 1 - share)
        times = self._bootstrap.times
        mean: Floats = np.zeros(len(times))
        value = 0.0
        for side in (self.is_ai, ~self.is_ai):
            drawn = times[:, side]
            mean += float(weight[side][0]) * (drawn @ x[side]) / drawn.sum(axis=1)
            value += float(weight[side][0] * x[side].mean())
        return self._bootstrap.estimate(value, mean)
