"""Decisions as JSON, both ways.

The document has the shape of the service's answers: `label`, `action`, `reasons`, `policy` and
`policy_sha256`; besides, all that a decision names.
"""

import json
from datetime import datetime
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from evidence import Reason
from labelling.account.signals import AccountSignal
from labelling.actions import Action
from labelling.decision import Decided, Decision, PolicyId
from labelling.errors import BadDecision

SCHEMA: Literal[1] = 1
"""Version of the documents that are written and read."""


class DecisionDocument(BaseModel):
    """What was decided; see `labelling.decision.Decision`."""

    model_config = ConfigDict(frozen=True, serialize_by_alias=True)

    schema_: Literal[1] = Field(alias="schema")
    label: str | None = None
    action: Action
    actions: tuple[Action, ...]
    rows: tuple[Decided, ...] = ()
    reasons: tuple[Reason, ...] = ()
    signals: tuple[AccountSignal, ...] = ()
    policy: str
    policy_sha256: str
    acts: bool
    at: datetime

    @classmethod
    def of(cls, decision: Decision) -> "DecisionDocument":
        """The document of a decision."""
        return cls(
            schema=SCHEMA,
            label=decision.label,
            action=decision.action,
            actions=decision.actions,
            rows=decision.rows,
            reasons=decision.reasons,
            signals=decision.signals,
            policy=decision.policy.name,
            policy_sha256=decision.policy.sha256,
            acts=decision.acts,
            at=decision.at,
        )

    def record(self) -> Decision:
        """The decision of a document."""
        return Decision(
            label=self.label,
            action=self.action,
            actions=self.actions,
            rows=self.rows,
            reasons=self.reasons,
            signals=self.signals,
            policy=PolicyId(self.policy, self.policy_sha256),
            acts=self.acts,
            at=self.at,
        )


_DECISION = TypeAdapter(DecisionDocument)


def decision_document(decision: Decision) -> dict[str, Any]:
    """A decision as a JSON object with all its parts: what is not known is null."""
    written = _DECISION.dump_json(DecisionDocument.of(decision))
    return cast(dict[str, Any], json.loads(written))


def dump_decision(decision: Decision) -> bytes:
    """A decision as JSON to be kept: on one line, without what is null or empty."""
    return _DECISION.dump_json(DecisionDocument.of(decision), exclude_defaults=True)


def load_decision(data: bytes | str) -> Decision:
    """Read a decision, however it was written.

    Raises:
        BadDecision: It is no decision, or is damaged.
    """
    try:
        return _DECISION.validate_json(data).record()
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the whole"
        raise BadDecision(f"The document is no decision: {place}: {first['msg']}.") from error
