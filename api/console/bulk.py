"""Several cases answered together: looked at first, and each an answer of its own."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Query, Response
from fastapi.responses import RedirectResponse

from api.console.queue import claim
from api.console.visit import Answering, Visit
from core.errors import RakkanError
from labelling import Action
from labelling.wording import action_word
from moderation.reviews import Answer
from moderation.submitting import submit
from storage.cases import Review

router = APIRouter(prefix="/bulk")

MOST = 100
"""Cases that are answered together."""

Ids = Annotated[list[str], Query(max_length=MOST)]


@router.get("")
async def preview(visit: Answering, review: Ids = []) -> Response:  # noqa: B006 - never changed
    """What would be answered."""
    return await _shown(visit, await _read(visit, review))


@router.post("")
async def answer(
    visit: Answering,
    review: Annotated[list[str], Form(max_length=MOST)],
    form_key: Annotated[str, Form(max_length=100)],
    confirmed: Annotated[bool, Form()],
    reason: Annotated[str, Form(max_length=10_000)] = "",
    action: Annotated[Sequence[Action], Form()] = (),
) -> Response:
    """Take and answer each; those that could not be are shown again, with why."""
    said = Answer(confirmed, reason, tuple(action) if confirmed else ())
    wrong: dict[str, RakkanError] = {}
    for one in review:
        try:
            await claim(visit, one, form_key)
            await visit.act(submit, one, form_key, answer=said, undo=visit.service.undo)
        except RakkanError as error:
            wrong[one] = error
    if wrong:
        return await _shown(visit, await _read(visit, list(wrong)), wrong=wrong, reason=reason)
    return RedirectResponse("/console/queue", 303)


async def _read(visit: Visit, ids: Sequence[str]) -> tuple[Review, ...]:
    return await visit.read(lambda reader: tuple(map(reader.review, dict.fromkeys(ids))))


async def _shown(
    visit: Visit,
    reviews: tuple[Review, ...],
    *,
    wrong: dict[str, RakkanError] | None = None,
    reason: str = "",
) -> Response:
    """The reviews, with those choices that all of them have."""
    common = [Action(one) for one in (reviews[0].choices if reviews else ())]
    common = [one for one in common if all(one in review.choices for review in reviews)]
    return visit.page(
        "bulk",
        409 if wrong else 200,
        reviews=reviews,
        wrong=wrong or {},
        choices=[(one.value, action_word(one, visit.language)) for one in common],
        reason=reason,
    )
