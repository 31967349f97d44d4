"""Uploads that are like enrolled creators' works, and what people say of them."""

from dataclasses import replace
from datetime import datetime

from evidence import (
    CopyMatch,
    CopyVerdict,
    CreatorMatch,
    CreatorVerdict,
    Judgement,
    Reason,
    SimilarityEvidence,
)
from moderation.desk import answer_review, claim_review
from moderation.people import Moderator
from moderation.record import Recorded, record
from moderation.reviews import Answer
from storage import Store
from tests.moderation.telling import MIA, human, later, policy, upload

RULES = policy(
    {
        "id": "near",
        "when": [{"style": "review"}],
        "actions": ["review"],
        "on_confirmation": ["delist"],
    },
    {
        "id": "copy",
        "when": [{"copy_of_work": "copy"}],
        "actions": ["hide_from_search", "review"],
        "on_confirmation": ["delist"],
    },
    {"id": "ai", "when": [{"ai": {"at_least": "inferred"}}], "actions": ["review"]},
)
"""People are asked about what is near, about copies, and about what an AI made."""


def near(creator: str, verdict: str = "close", p_value: float = 0.01) -> CreatorMatch:
    why = Reason("style_near", "Near.")
    return CreatorMatch(creator, 0.5, 3.0, p_value, CreatorVerdict(verdict), 9, (), why, 1)


def copied(creator: str, verdict: str = "copy") -> CopyMatch:
    why = Reason("copy", "Copied.")
    where = (None, None, False, "0" * 64, why, 1, 1)
    return CopyMatch("work", creator, 0.9, CopyVerdict(verdict), *where)


def like(work: str, *found: CreatorMatch | CopyMatch) -> Judgement:
    """A picture by a person, and what a search found."""
    copies = tuple(one for one in found if isinstance(one, CopyMatch))
    creators = tuple(one for one in found if isinstance(one, CreatorMatch))
    return replace(human(work), similarity=SimilarityEvidence(copies, creators, "index"))


def posted(store: Store, judgement: Judgement, work: str, account: str = "ann") -> Recorded:
    return record(store, judgement, upload(work, account), RULES, at=later(), key=work)


def answered(
    store: Store,
    decision: str,
    confirmed: bool,
    *,
    row: str = "near",
    by: Moderator = MIA,
    at: datetime | None = None,
) -> None:
    """A moderator answers the review that a row of a decision asked for."""
    at = at or later(hours=1)
    with store.reading() as reader:
        review = next(one for one in reader.reviews(decision=decision) if one.rows == (row,))
    claim_review(store, review.id, by, at=at, key=f"claim {review.id}")
    answer = Answer(confirmed, "I looked at it.")
    answer_review(store, review.id, by, answer, at=at, key=f"answer {review.id}")
