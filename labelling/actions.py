"""What a policy can ask for, from the mildest to the severest."""

from collections.abc import Iterable
from enum import StrEnum


class Action(StrEnum):
    """What is to be done, the mildest first.

    The platform carries actions out, or a moderator does; see `IRREVOCABLE` for those that no
    inference from pixels may lead to by itself.
    """

    PUBLISH = "publish"
    """Nothing stands against it."""
    REVIEW = "review"
    """A moderator is to look at it; it stays where it is, and harms nobody meanwhile."""
    LABEL = "label"
    """Publish it with the decision's label."""
    HIDE_FROM_SEARCH = "hide_from_search"
    """Whoever has its address sees it, nobody is led there."""
    HOLD = "hold"
    """Nobody sees it until a moderator has looked at it."""
    REJECT = "reject"
    """It is not taken in."""
    DELIST = "delist"
    """It is taken away, whenever it was posted."""
    WARN = "warn"
    """The account is told that it broke a rule."""
    STRIKE = "strike"
    """The account gets a strike, which expires as the policy says."""
    SUSPEND_REVIEW = "suspend_review"
    """Two moderators are to decide whether the account is suspended."""


ON_ACCOUNT = frozenset({Action.WARN, Action.STRIKE, Action.SUSPEND_REVIEW})
"""What is done to the account, and not to the work."""

IRREVOCABLE = frozenset({Action.REJECT, Action.DELIST, Action.WARN, Action.STRIKE})
"""What harms an innocent whom nobody looked at: only objective evidence, or a moderator who
confirmed it, leads here. `SUSPEND_REVIEW` itself asks two moderators."""

_SEVERITY = {action: severity for severity, action in enumerate(Action)}


def mildest_first(actions: Iterable[Action]) -> tuple[Action, ...]:
    """Each action once, the mildest first."""
    return tuple(sorted(set(actions), key=_SEVERITY.__getitem__))


def severest(actions: Iterable[Action]) -> Action:
    """The severest of some actions; `PUBLISH` of none."""
    return max(actions, key=_SEVERITY.__getitem__, default=Action.PUBLISH)


def milder_or_equal(one: Action, other: Action) -> bool:
    """Whether an action is no severer than another."""
    return _SEVERITY[one] <= _SEVERITY[other]
