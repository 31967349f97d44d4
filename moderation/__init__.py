"""What happens to uploads and accounts: each act one transaction, from a command to its events."""

from moderation.archive import approve, carry_out, propose, undo
from moderation.delivery import deliver
from moderation.desk import (
    answer_appeal,
    answer_review,
    claim_appeal,
    claim_review,
    open_appeal,
    release_appeal,
    release_review,
)
from moderation.events import MadeBy
from moderation.findings import Finding
from moderation.labels import label
from moderation.people import Moderator
from moderation.record import Recorded, record
from moderation.replay import replay
from moderation.reports import report, report_purchasers
from moderation.reviews import Answer

__all__ = [
    "Answer",
    "Finding",
    "MadeBy",
    "Moderator",
    "Recorded",
    "answer_appeal",
    "answer_review",
    "approve",
    "carry_out",
    "claim_appeal",
    "claim_review",
    "deliver",
    "label",
    "open_appeal",
    "propose",
    "record",
    "release_appeal",
    "release_review",
    "replay",
    "report",
    "report_purchasers",
    "undo",
]
