"""From a judgement and an account's history to a decision, under a policy: pure, without I/O."""

from labelling.actions import Action
from labelling.context import Context, Moment
from labelling.decide import decide
from labelling.decision import Decision, PolicyId
from labelling.history import (
    Confirmation,
    History,
    Likeness,
    Post,
    Request,
    ServiceNorm,
    Strike,
    Warned,
)
from labelling.policy.document import Policy, Row
from labelling.policy.resolved import ResolvedPolicy

__all__ = [
    "Action",
    "Confirmation",
    "Context",
    "Decision",
    "History",
    "Likeness",
    "Moment",
    "Policy",
    "PolicyId",
    "Post",
    "Request",
    "ResolvedPolicy",
    "Row",
    "ServiceNorm",
    "Strike",
    "Warned",
    "decide",
]
