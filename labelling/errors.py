"""The tree of things that can be wrong with policies and decisions, each with a stable code."""

from core.errors import RakkanError


class LabellingError(RakkanError):
    """A policy or a decision that cannot be used. `str(error)` is one plain line for a person."""

    code = "labelling"


class BadDecision(LabellingError):
    """A document is no decision, or is damaged."""

    code = "bad_decision"
