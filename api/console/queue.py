"""What waits for moderators: pages of the queue, and taking the next."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Response
from fastapi.responses import RedirectResponse

from api.console.visit import Answering, SignedIn, Visit
from api.service import now
from evidence import EvidenceKind
from labelling.wording import action_word
from moderation import claims, people, staff
from moderation.desk import claim_review
from moderation.errors import (
    AlreadyAnswered,
    AlreadyClaimed,
    OwnCase,
    SameModerator,
    SeniorNeeded,
)
from moderation.events import About
from storage import Reader
from storage.waiting import Place, Waiting, Wanted

router = APIRouter()

PAGE = 50
"""Reviews on a page of the queue."""

NEXT = 20
"""Reviews among which the next one is looked for: some may be the moderator's own."""

MOST = 1000
"""Up to so many are counted."""

Name = Annotated[str, Query(max_length=300)]


def _wanted(
    service: Name = "", evidence: Name = "", account: Name = "", creator: Name = ""
) -> Wanted:
    return Wanted(service or None, evidence or None, account or None, creator or None)


Chosen = Annotated[Wanted, Depends(_wanted)]


def chosen_by(wanted: Wanted) -> str:
    """What is wanted, as the query of an address: `?service=comics`, or nothing."""
    given = {name: value for name, value in asdict(wanted).items() if value}
    return f"?{urlencode(given)}" if given else ""


@dataclass(frozen=True)
class Listed:
    """A review in the queue, as its page shows it.

    Attributes:
        waiting: The review.
        holder: Who looks at it now.
        choices: Actions that may follow, in words.
        minutes: For how long it waits.
        late: Whether it should be answered by now.
    """

    waiting: Waiting
    holder: str | None
    choices: tuple[str, ...]
    minutes: int
    late: bool


def listed(waiting: Waiting, at: datetime, language: str) -> Listed:
    """A review in the queue at a time, in words of a language."""
    held = waiting.claimed_until is not None and at < waiting.claimed_until
    return Listed(
        waiting,
        waiting.claimed_by if held else None,
        tuple(action_word(one, language) for one in waiting.choices),
        int((at - waiting.opened_at).total_seconds() // 60),
        waiting.due_at <= at,
    )


@router.get("/")
async def begin(_: SignedIn) -> Response:
    """Begin where one works."""
    return RedirectResponse("/console/queue", 303)


@router.get("/queue")
async def queue(
    visit: SignedIn,
    wanted: Chosen,
    after: Annotated[str, Query(max_length=100)] = "",
    due: datetime | None = None,
) -> Response:
    """What waits, in the order in which it is due."""
    place = Place(due, after) if after and due is not None and due.tzinfo is not None else None

    def found(reader: Reader) -> tuple[tuple[Waiting, ...], int, tuple[str, ...], frozenset[str]]:
        waiting = reader.waiting.page(PAGE + 1, wanted, place)
        decisions = [one.decision or "" for one in waiting]
        pictures = reader.previews.among(decisions)
        return waiting, reader.waiting.count(wanted, MOST), reader.waiting.services(), pictures

    waiting, count, services, pictures = await visit.read(found)
    at = now()
    return visit.page(
        "queue",
        rows=[listed(one, at, visit.language) for one in waiting[:PAGE]],
        more=waiting[PAGE - 1].place if len(waiting) > PAGE else None,
        first=place is None,
        count=count,
        most=MOST,
        wanted=wanted,
        query=chosen_by(wanted),
        services=services,
        kinds=[kind.value for kind in EvidenceKind],
        pictures=pictures,
    )


@router.post("/queue/next")
async def take_next(visit: Answering, wanted: Chosen) -> Response:
    """Take the first review that nobody holds."""
    return await go_on(visit, wanted)


@router.post("/cases/{review}/claim")
async def take(
    visit: Answering, wanted: Chosen, review: str, form_key: Annotated[str, Form()] = ""
) -> Response:
    """Take a review."""
    await claim(visit, review, form_key)
    return RedirectResponse(f"/console/cases/{review}{chosen_by(wanted)}", 303)


async def claim(visit: Visit, review: str, form_key: str = "") -> None:
    """Take a review; a suspension, and a second opinion, is for seniors.

    Args:
        visit: Of who takes it.
        review: Its id.
        form_key: That the form carried.

    Raises:
        SeniorNeeded: The person is none.
        ModerationError: See `moderation.desk.claim_review`.
    """
    found = await visit.read(lambda reader: reader.review(review))
    if visit.person is not None and (found.about == About.SUSPENSION or found.seconded_by):
        people.senior(staff.moderator(visit.person))
    await visit.act(claim_review, review, form_key)


async def go_on(visit: Visit, wanted: Wanted) -> Response:
    """Take the next review, and go there; to the queue where there is none.

    Args:
        visit: Of who takes it.
        wanted: Among which.
    """
    some = await visit.read(lambda reader: reader.waiting.free(wanted, now(), NEXT))
    for one in some:
        try:
            await claim(visit, one.id)
        except (AlreadyClaimed, AlreadyAnswered, OwnCase, SameModerator, SeniorNeeded):
            continue  # somebody was faster, or it is not theirs to answer
        return RedirectResponse(f"/console/cases/{one.id}{chosen_by(wanted)}", 303)
    return RedirectResponse(f"/console/queue{chosen_by(wanted)}", 303)


def holds(visit: Visit, review: claims.Claimable) -> bool:
    """Whether the person holds a review now."""
    return visit.person is not None and claims.holder(review, now()) == visit.person.name
