"""Statements of reasons: what an uploader is told of a restriction, in their language.

They hold what Article 17 of the Digital Services Act asks for: which restriction, where and for how
long; the facts; whether automated means were used; the ground, a rule of the platform's terms, and
why the content is against it; and how to object. Source: Regulation (EU) 2022/2065, Article 17.
"""

from dataclasses import dataclass
from datetime import datetime

from evidence.reasons import Reason
from evidence.wording.catalogue import ENGLISH, say, translated
from labelling.actions import Action
from labelling.announcement import actions, in_language
from labelling.decision import Decision
from labelling.policy.document import Row
from labelling.policy.resolved import ResolvedPolicy

NOTES = frozenset(
    {"capped_to_review", "history_missing", "declaration_missing", "policy_in_shadow"}
)
"""Reasons that say how was decided, and are no facts about the content."""


@dataclass(frozen=True)
class Ground:
    """A rule that content is against.

    Attributes:
        row: Id of the row.
        rule: What it says.
        since: The first day on which it was in force, as `2023-05-31`.
        why: Why the content is against it.
        source: Where the platform announced it; None where the policy does not say.
    """

    row: str
    rule: str
    since: str
    why: str
    source: str | None


@dataclass(frozen=True)
class StatementOfReasons:
    """What an uploader is told of a restriction.

    Attributes:
        language: Of the texts.
        service: Name of the service as people know it.
        done: What was done, the mildest first.
        label: Words of the label that was given; None for none.
        facts: What it rests on, one sentence each.
        grounds: The rules that the content is against.
        by_a_person: Whether a person decided; it was always found by automated means.
        redress: How to object; None where the policy does not say.
        posted_at: When the content was posted.
        decided_at: When that was decided.
    """

    language: str
    service: str
    done: tuple[Action, ...]
    label: str | None
    facts: tuple[str, ...]
    grounds: tuple[Ground, ...]
    by_a_person: bool
    redress: str | None
    posted_at: datetime
    decided_at: datetime

    def paragraphs(self) -> tuple[str, ...]:
        """The whole as it is read, paragraph by paragraph."""
        language = self.language
        asked = actions(self.done, self.label, language)
        means = "notice_automated_partially" if self.by_a_person else "notice_automated_fully"
        facts = (say("notice_facts", language), *self.facts) if self.facts else ()
        redress = () if self.redress is None else (say("notice_redress", language), self.redress)
        return (
            say("notice_restriction", language, actions=asked),
            say("notice_place", language),
            *(text for ground in self.grounds for text in self._ground(ground)),
            *facts,
            say(means, language),
            *redress,
        )

    def _ground(self, ground: Ground) -> tuple[str, str, str]:
        about = {"service": self.service, "rule": ground.row, "since": ground.since}
        return (
            say("notice_ground", self.language, **about),
            ground.rule,
            say("notice_why", self.language, why=ground.why),
        )


def statement(
    decision: Decision,
    policy: ResolvedPolicy,
    *,
    done: tuple[Action, ...],
    decided_at: datetime,
    by_a_person: bool = False,
    language: str = ENGLISH,
) -> StatementOfReasons:
    """State the reasons of what was done about an upload.

    Args:
        decision: By which it was done.
        policy: By which it was decided.
        done: What was done; that a review was asked for is left out, since it is nothing that was
            done to the uploader.
        decided_at: When.
        by_a_person: Whether a moderator confirmed it; if not, only rules count that lead to what
            was done without one.
        language: As `ja`.
    """
    done = tuple(action for action in done if action is not Action.REVIEW)
    rows = [
        policy.row(one.row)
        for one in decision.rows
        if set(done) & {*one.actions, *(one.on_confirmation if by_a_person else ())}
    ]
    labels = [row.label for _, row in rows if row.label is not None]
    given = Action.LABEL in done and labels
    return StatementOfReasons(
        language=language,
        service=in_language(policy.own.title, language),
        done=done,
        label=in_language(policy.labels[labels[-1]], language) if given else None,
        facts=tuple(translated(one, language) for one in facts(decision)),
        grounds=tuple(_ground(row, language) for _, row in rows),
        by_a_person=by_a_person,
        redress=None if policy.appeals is None else in_language(policy.appeals.words, language),
        posted_at=decision.at,
        decided_at=decided_at,
    )


def facts(decision: Decision) -> tuple[Reason, ...]:
    """The reasons of a decision that are facts: no words of a rule, and no notes."""
    return tuple(one for one in decision.reasons if ":" not in one.code and one.code not in NOTES)


def _ground(row: Row, language: str) -> Ground:
    return Ground(
        row=row.id,
        rule=in_language(row.rule, language),
        since=row.since.isoformat(),
        why=in_language(row.statement or row.rule, language),
        source=row.source,
    )
