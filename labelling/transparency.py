"""Statements of reasons as the DSA Transparency Database takes them.

The fields, their values and their limits are those of the database's interface in version 1, with
the categories that are in force since 2025-07-01. The database must hold no personal data: only
texts of the policy, and facts without names, are given.

Source: https://transparency.dsa.ec.europa.eu/page/api-documentation
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from evidence.reasons import Reason
from evidence.wording.templates import TEMPLATES
from labelling.account.signals import AccountSignalName
from labelling.actions import Action
from labelling.decision import Decision
from labelling.policy.document import Row
from labelling.policy.resolved import ResolvedPolicy
from labelling.statement import StatementOfReasons, facts

EEA = (
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE"),
    *("IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"),
)
"""The countries of the European Economic Area, by ISO 3166."""

Visibility = Literal[
    "DECISION_VISIBILITY_CONTENT_REMOVED",
    "DECISION_VISIBILITY_CONTENT_DISABLED",
    "DECISION_VISIBILITY_CONTENT_DEMOTED",
    "DECISION_VISIBILITY_CONTENT_LABELLED",
]
Category = Literal[
    "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS",
    "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
    "STATEMENT_CATEGORY_OTHER_VIOLATION_TC",
]

_VISIBILITY: Mapping[Action, Visibility] = {
    Action.LABEL: "DECISION_VISIBILITY_CONTENT_LABELLED",
    Action.HIDE_FROM_SEARCH: "DECISION_VISIBILITY_CONTENT_DEMOTED",
    Action.HOLD: "DECISION_VISIBILITY_CONTENT_DISABLED",
    Action.REJECT: "DECISION_VISIBILITY_CONTENT_REMOVED",
    Action.DELIST: "DECISION_VISIBILITY_CONTENT_REMOVED",
}


class TransparencyStatement(BaseModel):
    """One statement, as the database takes it; fields that we never fill are left out.

    Attributes:
        decision_visibility: What is done to the content.
        decision_account: Whether the account is suspended.
        decision_ground: Always the platform's terms: whether something is illegal is not judged.
        decision_ground_reference_url: Where the terms stand.
        incompatible_content_ground: The rule, 500 characters at most.
        incompatible_content_explanation: Why, 2000 characters at most.
        content_type: Always images.
        category: Of the violation.
        territorial_scope: Countries in which it applies.
        content_date: When the content was posted.
        application_date: From when on it applies.
        decision_facts: What it rests on, 5000 characters at most.
        source_type: Always the platform's own look.
        automated_detection: Always.
        automated_decision: Whether a person decided.
        puid: Names the statement within the platform; never used again.
    """

    model_config = ConfigDict(frozen=True)

    decision_visibility: tuple[Visibility, ...] = ()
    decision_account: Literal["DECISION_ACCOUNT_SUSPENDED"] | None = None
    decision_ground: Literal["DECISION_GROUND_INCOMPATIBLE_CONTENT"] = (
        "DECISION_GROUND_INCOMPATIBLE_CONTENT"
    )
    decision_ground_reference_url: str | None = None
    incompatible_content_ground: Annotated[str, Field(min_length=1, max_length=500)]
    incompatible_content_explanation: Annotated[str, Field(min_length=1, max_length=2000)]
    content_type: tuple[Literal["CONTENT_TYPE_IMAGE"]] = ("CONTENT_TYPE_IMAGE",)
    category: Category
    territorial_scope: Annotated[tuple[str, ...], Field(min_length=1)] = EEA
    content_date: date
    application_date: date
    decision_facts: Annotated[str, Field(min_length=1, max_length=5000)]
    source_type: Literal["SOURCE_VOLUNTARY"] = "SOURCE_VOLUNTARY"
    automated_detection: Literal["Yes"] = "Yes"
    automated_decision: Literal["AUTOMATED_DECISION_FULLY", "AUTOMATED_DECISION_PARTIALLY"]
    puid: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,500}$")]

    @model_validator(mode="after")
    def _restricts(self) -> Self:
        if not self.decision_visibility and self.decision_account is None:
            raise ValueError("a statement is of a restriction of content or of an account")
        return self

    def document(self) -> dict[str, Any]:
        """The JSON object that is sent."""
        written = self.model_dump(mode="json", exclude_none=True)
        if not self.decision_visibility:
            del written["decision_visibility"]
        return written


def transparency_statement(
    stated: StatementOfReasons,
    decision: Decision,
    policy: ResolvedPolicy,
    *,
    puid: str,
    suspended: bool = False,
) -> TransparencyStatement:
    """A statement of reasons for the database.

    Args:
        stated: What the uploader is told, in any language that the database takes.
        decision: By which it was done.
        policy: By which it was decided.
        puid: Names the statement, 500 letters, digits, `-` and `_` at most; names nobody.
        suspended: Whether the account is suspended by it.

    Raises:
        ValueError: Nothing of it restricts content or an account, or the `puid` cannot be.
    """
    rows = [policy.row(ground.row)[1] for ground in stated.grounds]
    why = " ".join(ground.why for ground in stated.grounds)
    nameless = [one.text for one in facts(decision) if _names_nobody(one)]
    sources = [row.source for row in rows if row.source and row.source.startswith("https://")]
    return TransparencyStatement(
        decision_visibility=tuple(
            dict.fromkeys(_VISIBILITY[one] for one in stated.done if one in _VISIBILITY)
        ),
        decision_account="DECISION_ACCOUNT_SUSPENDED" if suspended else None,
        decision_ground_reference_url=next(iter(sources), None),
        incompatible_content_ground=" ".join(one.rule for one in stated.grounds)[:500],
        incompatible_content_explanation=why[:2000],
        category=_category(rows),
        content_date=stated.posted_at.date(),
        application_date=stated.decided_at.date(),
        decision_facts=(" ".join(nameless) or why)[:5000],
        automated_decision=(
            "AUTOMATED_DECISION_PARTIALLY" if stated.by_a_person else "AUTOMATED_DECISION_FULLY"
        ),
        puid=puid,
    )


def _names_nobody(one: Reason) -> bool:
    """Whether a reason is a sentence of ours in which nothing but figures was filled in."""
    return one.code in TEMPLATES and not any(isinstance(value, str) for _, value in one.values)


def _category(rows: list[Row]) -> Category:
    cases = [case for row in rows for case in row.when]
    if any(case.copy_of_work for case in cases):
        return "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS"
    if any(AccountSignalName.IMPERSONATION in (case.account or ()) for case in cases):
        return "STATEMENT_CATEGORY_SCAMS_AND_FRAUD"
    return "STATEMENT_CATEGORY_OTHER_VIOLATION_TC"
