"""An appeal with all that whoever answers it should see."""

from collections.abc import Sequence
from dataclasses import dataclass

from moderation.appeals import stands_on_work
from moderation.desk import decided_by
from moderation.people import Moderator
from storage import Reader, RecordedDecision
from storage.attachments import Attachment
from storage.cases import Appeal, Message, Review
from storage.trail import TrailEntry

ENTRIES = 50
"""Of the trail of the work that are shown, at most."""


@dataclass(frozen=True)
class AppealCase:
    """An appeal with all that whoever answers it should see.

    Attributes:
        appeal: What the uploader says.
        decision: Against which it is; without its parts where they were erased.
        statement: What the uploader was told, paragraph by paragraph; nothing after an erasure.
        stands: What is done to the work now: an action's value.
        reviews: What moderators said about the decision.
        decided_by: The moderators who had a part in it, and cannot answer.
        pictured: Whether a small picture of the upload is kept.
        evidence: Files that were handed in and are still kept.
        elsewhere: Digests of what was named as evidence and is not kept here.
        trail: What happened about the work, the newest first.
    """

    appeal: Appeal
    decision: RecordedDecision
    statement: tuple[str, ...]
    stands: str
    reviews: tuple[Review, ...]
    decided_by: frozenset[str]
    pictured: bool
    evidence: tuple[Attachment, ...]
    elsewhere: tuple[str, ...]
    trail: tuple[TrailEntry, ...]

    def for_another(self, moderator: Moderator) -> bool:
        """Whether somebody else must answer it: the moderator had a part in it, or it is theirs."""
        own = moderator.account is not None and moderator.account == self.appeal.account
        return own or moderator.id in self.decided_by


def appeal_case(reader: Reader, appeal: str, language: str) -> AppealCase:
    """An appeal with all that whoever answers it should see.

    Args:
        reader: Of the records.
        appeal: Its id.
        language: Of the statement, as `ja`.

    Raises:
        UnknownRecord: There is none of that id.
    """
    found = reader.appeal(appeal)
    decision = reader.decision(found.decision)
    messages = reader.messages(decision=decision.id)
    evidence = reader.attachments.of(decision.id)
    kept = {one.sha256 for one in evidence}
    return AppealCase(
        appeal=found,
        decision=decision,
        statement=told(messages, language),
        stands=stands_on_work(messages),
        reviews=reader.reviews(decision=decision.id),
        decided_by=decided_by(reader, decision.id),
        pictured=reader.previews.has(decision.id),
        evidence=evidence,
        elsewhere=tuple(one for one in found.evidence if one not in kept),
        trail=() if found.work is None else reader.trail.page(ENTRIES, work=found.work),
    )


def told(messages: Sequence[Message], language: str) -> tuple[str, ...]:
    """The statement of reasons that the uploader was sent last, in a language.

    Args:
        messages: What was sent because of a decision, the oldest first.
        language: As `ja`.

    Returns:
        Paragraph by paragraph; nothing where nobody was told, or after an erasure.
    """
    statements = [one.body["statement"] for one in messages if one.body and "statement" in one.body]
    return tuple(statements[-1].get(language, ())) if statements else ()
