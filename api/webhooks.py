"""The messages that the platform gets, as the OpenAPI document describes them: `webhooks`.

Nothing is served here. What is sent, `moderation.webhooks` makes.
"""

from typing import Annotated

from fastapi import APIRouter, Header

from moderation.webhooks.documents import (
    DecisionMessage,
    InstructionMessage,
    NoticeMessage,
    RefundMessage,
)

router = APIRouter()

Id = Annotated[
    str, Header(alias="webhook-id", description="The same in each attempt: act once for each.")
]
Timestamp = Annotated[
    int, Header(alias="webhook-timestamp", description="Of this attempt, in seconds since 1970.")
]
Signature = Annotated[
    str,
    Header(alias="webhook-signature", description="`v1,` and base64; several are apart by spaces."),
]


@router.post("instruction", summary="The platform is to do something", status_code=204)
def instruction(said: InstructionMessage, id_: Id, at: Timestamp, signature: Signature) -> None:
    """Of two about one work or account, the one with the higher `sequence` counts."""


@router.post("notice", summary="Somebody is to be told something", status_code=204)
def notice(said: NoticeMessage, id_: Id, at: Timestamp, signature: Signature) -> None:
    """To the account that `data` names: an uploader, a purchaser or a downloader."""


@router.post("refund", summary="Somebody gets points back", status_code=204)
def refund(said: RefundMessage, id_: Id, at: Timestamp, signature: Signature) -> None:
    """Once for each work and account."""


@router.post("decision", summary="An upload is decided about", status_code=204)
def decision(said: DecisionMessage, id_: Id, at: Timestamp, signature: Signature) -> None:
    """Of an upload that was answered as undecided (202)."""
