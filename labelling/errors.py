"""The tree of things that can be wrong with policies and decisions, each with a stable code."""

from typing import TYPE_CHECKING

from core.errors import RakkanError

if TYPE_CHECKING:
    from labelling.policy.problems import Problem


class LabellingError(RakkanError):
    """Something that cannot be used. `str(error)` is one plain line for a person."""

    code = "labelling"


class BadPolicy(LabellingError):
    """A policy is refused. All that is wrong with it, each with its line and column.

    Attributes:
        problems: What is wrong, in the order of the document; at least one.
    """

    code = "bad_policy"

    def __init__(self, problems: "tuple[Problem, ...]") -> None:
        self.problems = problems
        more = len(problems) - 1
        further = f" ({more} more: `rakkan policy check` tells all)" if more else ""
        super().__init__(f"{problems[0]}{further}")


class UnknownPolicy(LabellingError):
    """No policy has this name."""

    code = "unknown_policy"


class BadDecision(LabellingError):
    """A document is no decision, or is damaged."""

    code = "bad_decision"
