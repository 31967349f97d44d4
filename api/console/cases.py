"""One case: what is known of it, and the moderator's answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import anyio
from fastapi import APIRouter, Form, Query, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from api.console.queue import Chosen, chosen_by, go_on, holds
from api.console.visit import Answering, SignedIn, Visit
from api.service import now
from evidence import Judgement
from evidence.wording import ai, similarity
from evidence.wording.catalogue import languages, translated
from evidence.wording.judgement import reasons
from labelling import Action
from labelling.announcement import in_language
from labelling.statement import statement
from labelling.wording import action_word
from moderation import claims
from moderation.casefile import CaseFile, case_file
from moderation.desk import release_review
from moderation.events import MadeBy
from moderation.findings import Finding
from moderation.reading import read_case
from moderation.reviews import Answer
from moderation.submitting import submit, take_back
from serving.heat import drawn_heat_map
from storage.errors import UnknownRecord

router = APIRouter()

_DRAWN_TOGETHER = anyio.Semaphore(1)

JPEG = "image/jpeg"
"""Of all pictures here, whatever was uploaded."""


@dataclass(frozen=True)
class Words:
    """What is known of an upload, in words of one language.

    Attributes:
        answer: The verdict.
        caution: How far to trust it.
        reasons: Why, one sentence each.
        statements: What the file and its uploader say, each with its details by heading.
        asked: The rules that ask, in words.
        decided: Why the policy decided as it did.
    """

    answer: str
    caution: str
    reasons: tuple[str, ...]
    statements: tuple[tuple[str, dict[str, str]], ...]
    asked: tuple[str, ...]
    decided: tuple[str, ...]


def words(file: CaseFile, judgement: Judgement, language: str) -> Words:
    """What is known of a case, in words.

    Args:
        file: The case.
        judgement: Of its image.
        language: Of the words.
    """
    decision = file.recorded.decision
    rows = () if file.case is None else file.case.policy.rows_in_force(file.case.context)
    return Words(
        ai.answer(judgement.ai, language),
        ai.caution(judgement.ai, language),
        reasons(judgement, language),
        tuple(
            (ai.statement(one, language), ai.details(one, language)) for one in judgement.ai.signals
        ),
        tuple(in_language(row.rule, language) for _, row in rows if row.id in file.review.rows),
        () if decision is None else tuple(translated(one, language) for one in decision.reasons),
    )


@router.get("/cases/{review}")
async def case(visit: SignedIn, wanted: Chosen, review: str) -> Response:
    """A case."""
    file = await visit.read(lambda reader: case_file(reader, review))
    await run_in_threadpool(read_case, visit.service.store, review, _name(visit), at=now())
    return _shown(visit, file, chosen_by(wanted))


@router.post("/cases/{review}/release")
async def release(
    visit: Answering, wanted: Chosen, review: str, form_key: Annotated[str, Form()] = ""
) -> Response:
    """Give a case back to the queue."""
    await visit.act(release_review, review, form_key)
    return RedirectResponse(f"/console/queue{chosen_by(wanted)}", 303)


@router.post("/cases/{review}/answer")
async def answer(
    visit: Answering,
    wanted: Chosen,
    review: str,
    form_key: Annotated[str, Form(max_length=100)],
    confirmed: Annotated[bool, Form()],
    reason: Annotated[str, Form(max_length=10_000)] = "",
    action: Annotated[Sequence[Action], Form()] = (),
    label: Annotated[MadeBy | None, Form()] = None,
    certainty: Annotated[float, Form(ge=0, le=1)] = 0.9,
) -> Response:
    """Submit an answer, and take the next case."""
    finding = None if label is None else Finding(label, certainty)
    said = Answer(confirmed, reason, tuple(action) if confirmed else (), finding)
    await visit.act(submit, review, form_key, answer=said, undo=visit.service.undo)
    return await go_on(visit, wanted)


@router.post("/cases/{review}/undo")
async def undo(visit: Answering, review: str) -> Response:
    """Take an answer back; what was written in it stands in its form again."""
    await visit.act(take_back, review)
    return RedirectResponse(f"/console/cases/{review}", 303)


@router.get("/cases/{review}/statement")
async def told(
    visit: SignedIn,
    review: str,
    action: Annotated[Sequence[Action], Query()] = (),
    language: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """The statement of reasons that the uploader will get, as a part of a page."""
    file = await visit.read(lambda reader: case_file(reader, review))
    wanted = language if language in languages() else visit.language
    return visit.page(
        "statement", paragraphs=_statement(file, tuple(action), wanted), spoken=wanted
    )


@router.get("/previews/{decision}")
async def preview(visit: SignedIn, decision: str) -> Response:
    """The picture that is kept of an upload."""
    image = await visit.read(lambda reader: reader.previews.image(decision))
    if image is None:
        raise UnknownRecord("no picture is kept of this upload")
    kept = {"Cache-Control": "private, max-age=600"}
    return Response(image, media_type=JPEG, headers=kept)


@router.get("/cases/{review}/heat")
async def heat(visit: SignedIn, review: str) -> Response:
    """Which regions of the kept picture look like those of AI pictures, to the model in use."""
    file = await visit.read(lambda reader: reader.review(review))
    image = await visit.read(lambda reader: reader.previews.image(file.decision or ""))
    if image is None:
        raise UnknownRecord("no picture is kept of this upload")

    def drawn() -> bytes:
        # Uploads go before.
        with visit.service.online.lent_patiently() as judge:
            return drawn_heat_map(judge.examine(image), judge)

    kept = {"Cache-Control": "private, max-age=600"}
    async with _DRAWN_TOGETHER:
        return Response(await run_in_threadpool(drawn), media_type="image/png", headers=kept)


def _shown(visit: Visit, file: CaseFile, query: str) -> HTMLResponse:
    language = visit.language
    judgement = file.recorded.judgement
    choices = tuple(map(Action, file.review.choices))
    return visit.page(
        "case",
        file=file,
        review=file.review,
        judgement=judgement,
        words=None if judgement is None else words(file, judgement, language),
        choices=[(one.value, action_word(one, language)) for one in choices],
        done=_done(file.recorded.decision.actions, language) if file.recorded.decision else (),
        copies=()
        if judgement is None or judgement.similarity is None
        else judgement.similarity.copies,
        creators=_creators(judgement),
        copy_word=lambda one: similarity.copy_word(one, language),
        in_words=lambda reason: translated(reason, language),
        creator_word=lambda one: similarity.creator_word(one, language),
        paragraphs=_statement(file, choices, language),
        spoken=language,
        held=holds(visit, file.review),
        holder=claims.holder(file.review, now()),
        given=None if file.submitted is None else file.submitted.answer,
        query=query,
    )


def _creators(judgement: Judgement | None) -> tuple[object, ...]:
    if judgement is None or judgement.similarity is None:
        return ()
    return tuple(one for one in judgement.similarity.creators if one.verdict != "none")


def _done(actions: Sequence[Action], language: str) -> tuple[str, ...]:
    return tuple(action_word(one, language) for one in actions if one is not Action.REVIEW)


def _statement(file: CaseFile, chosen: tuple[Action, ...], language: str) -> tuple[str, ...]:
    """What the uploader is told where some actions follow; nothing after an erasure."""
    if file.case is None or not chosen:
        return ()
    found = statement(
        file.case.decision,
        file.case.policy,
        done=chosen,
        decided_at=now(),
        by_a_person=True,
        language=language,
    )
    return found.paragraphs()


def _name(visit: Visit) -> str:
    return "" if visit.person is None else visit.person.name
