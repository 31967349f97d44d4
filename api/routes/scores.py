"""`POST /v1/scores`: an upload is judged, decided about and recorded."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Depends, Header, Request, Response
from starlette.concurrency import run_in_threadpool

from api.access import Serving, needs
from api.errors import BadForm, InWork
from api.forms import described, image_form
from api.schemas.scores import Score, problems
from api.service import SERVICE, Service, now
from api.uploads import Form
from api.waiter import Waiter
from core.errors import RakkanError
from evidence import Judgement
from evidence.document import to_document
from labelling import Context, Decision, ResolvedPolicy
from labelling.document import DecisionDocument
from moderation.errors import KeyReused
from moderation.people import RAKKAN, Act
from moderation.record import record, tell_undecided
from serving.errors import Overloaded
from serving.online import Upload
from storage.errors import UnknownRecord
from storage.keys import Key, Scope

router = APIRouter(tags=["scores"])

FORM, FIELDS = described(
    service={"type": "string", "description": "Whose policy decides."},
    account_id={"type": "string", "description": "Whose upload it is."},
    work_id={"type": "string", "description": "Of which work."},
    declared_ai={
        "type": "string",
        "enum": ["true", "false"],
        "description": "What the uploader declares; left out for nothing.",
    },
    kind={"type": "string", "description": "What it is, as policies say."},
)

_FLAGS = {"true": True, "1": True, "false": False, "0": False, "": None}


@router.post(
    "/v1/scores",
    summary="Score an upload",
    openapi_extra=FORM,
    responses=problems(401, 403, 408, 409, 413, 422, 429, 503),
)
async def score(
    request: Request,
    service: Serving,
    key: Annotated[Key, Depends(needs(Scope.SCORE))],
    response: Response,
    idempotency_key: Annotated[str | None, Header(max_length=255)] = None,
) -> Score:
    """Judges an image, decides about it under the policy of its service, and records that.

    The same `Idempotency-Key` gives the same answer again; with another upload it is refused. What
    takes too long is answered as undecided (202), with the id under which the decision will stand.
    """
    if service.draining:
        raise Overloaded("this process is ending: ask again", retry_after=1)
    own = f"{key.id}:{idempotency_key or uuid4()}"
    decision_id = Act(now(), RAKKAN, own).id("decision")
    with _once(service, own, decision_id), ExitStack() as held:
        with service.stages.timed("read"):
            form = held.enter_context(await image_form(request, service, FIELDS))
        context = _context(form)
        with service.stages.timed("policy"):
            policy = await run_in_threadpool(service.policy, context.service)
        # From here on the form is the task's, which whoever gives up waiting does not end.
        waiter = Waiter()
        deciding = _decided(service, form, context, policy, own, held.pop_all(), waiter)
        task = service.begin(decision_id, deciding)
        try:
            judgement, decision = await asyncio.wait_for(asyncio.shield(task), service.seconds)
        except TimeoutError:
            if waiter.gives_up():
                response.status_code = 202
                return Score(id=decision_id, status="undecided", undecided=policy.undecided)
            judgement, decision = await task
    return answered(decision_id, judgement, decision)


def answered(decision_id: str, judgement: Judgement, decision: Decision) -> Score:
    """The answer about a decision.

    Args:
        decision_id: Of the decision.
        judgement: That it was made of.
        decision: What was decided.
    """
    document = to_document(judgement)
    near = document["similarity"] or {"copies": [], "creators": [], "index": None, "notes": []}
    return Score.model_validate(
        {
            **{name: document[name] for name in ("image", "ai", "model")},
            "id": decision_id,
            "status": "decided",
            "similarity": near,
            "decision": DecisionDocument.of(decision),
        }
    )


async def _decided(
    service: Service,
    form: Form,
    context: Context,
    policy: ResolvedPolicy,
    key: str,
    held: ExitStack,
    waiter: Waiter,
) -> tuple[Judgement, Decision]:
    """Judge, decide and record; where nobody waits any more, a message tells what came of it."""
    with held:
        try:
            return await _judged(service, form, context, policy, key, waiter)
        except RakkanError as error:
            if waiter.is_gone():
                decision_id = Act(now(), RAKKAN, key).id("decision")
                await run_in_threadpool(
                    tell_undecided, service.store, decision_id, context, error, at=now()
                )
            raise


async def _judged(
    service: Service,
    form: Form,
    context: Context,
    policy: ResolvedPolicy,
    key: str,
    waiter: Waiter,
) -> tuple[Judgement, Decision]:
    """Judge, decide and record; with a key that was used before, answer as before."""
    earlier = await run_in_threadpool(_earlier, service, form, context, key)
    if earlier is not None:
        return earlier
    upload = Upload(form.read, context.declared_ai, context.account)
    judgement = await asyncio.wrap_future(service.online.submit(upload))
    owners = await run_in_threadpool(service.owners, context.account)
    with service.stages.timed("record"):
        recorded = await run_in_threadpool(
            record,
            service.store,
            judgement,
            context,
            policy,
            at=now(),
            key=key,
            creators=owners,
            late=waiter.is_gone,
        )
    service.metrics.decided(judgement, recorded.decision)
    return judgement, recorded.decision


def _earlier(
    service: Service, form: Form, context: Context, key: str
) -> tuple[Judgement, Decision] | None:
    """What was answered under the key; None where it is new."""
    with service.store.reading() as reader:
        try:
            found = reader.decision(Act(now(), RAKKAN, key).id("decision"))
        except UnknownRecord:
            return None
    same = found.context is not None and _same(found.context, context)
    if found.judgement is None or found.decision is None or not same:
        raise KeyReused("this idempotency key was used for another upload: take a new one")
    if form.sha256() != found.judgement.image.sha256:
        raise KeyReused("this idempotency key was used for another image: take a new one")
    return found.judgement, found.decision


def _same(one: Context, other: Context) -> bool:
    names = ("service", "account", "work", "declared_ai", "kind")
    return all(getattr(one, name) == getattr(other, name) for name in names)


@contextmanager
def _once(service: Service, key: str, decision_id: str) -> Iterator[None]:
    # Pending: its request was answered as undecided, and it is being decided still.
    if key in service.in_work or decision_id in service.pending:
        raise InWork("a request with this idempotency key is being answered: wait for it")
    service.in_work.add(key)
    try:
        yield
    finally:
        service.in_work.discard(key)


def _context(form: Form) -> Context:
    fields = form.fields
    declared = fields.get("declared_ai", "").strip().lower()
    if declared not in _FLAGS:
        raise BadForm("declared_ai is true or false, or left out")
    return Context(
        service=fields.get("service") or SERVICE,
        at=now(),
        account=fields.get("account_id") or None,
        work=fields.get("work_id") or None,
        declared_ai=_FLAGS[declared],
        kind=fields.get("kind") or "work",
    )
