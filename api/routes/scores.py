"""`POST /v1/scores`: an upload is judged, decided about and recorded."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Depends, Header, Request, Response
from starlette.concurrency import run_in_threadpool

from api.access import Serving, needs
from api.deciding import decide
from api.errors import BadForm, InWork
from api.forms import described, file_form
from api.schemas.scores import Score, problems
from api.service import SERVICE, Service, now
from api.uploads import Form
from api.waiter import Waiter
from evidence import Judgement
from evidence.document import to_document
from labelling import Context, Decision, ResolvedPolicy
from labelling.document import DecisionDocument
from moderation.errors import KeyReused
from moderation.people import RAKKAN, Act
from serving.errors import Overloaded
from serving.online import Upload
from storage.accepted import AcceptedUpload
from storage.errors import UnknownRecord
from storage.keys import Key, Scope

router = APIRouter(tags=["scores"])

FORM, FIELDS = described(
    service={"type": "string", "examples": ["pixiv"], "description": "Whose policy decides."},
    account_id={"type": "string", "examples": ["ann"], "description": "Whose upload it is."},
    work_id={"type": "string", "examples": ["17"], "description": "Of which work."},
    declared_ai={
        "type": "string",
        "enum": ["true", "false"],
        "examples": ["false"],
        "description": "What the uploader declares; left out for nothing.",
    },
    kind={"type": "string", "examples": ["work"], "description": "What it is, as policies say."},
)

_IN_WORK = "a request with this idempotency key is being answered: wait for it"

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
    # Before the body is read: what cannot be accepted costs next to nothing.
    service.online.require_room()
    own = f"{key.id}:{idempotency_key or uuid4()}"
    decision_id = _id(own)
    with _once(service, own, decision_id), ExitStack() as held:
        with service.stages.timed("read"):
            form = held.enter_context(await file_form(request, service, FIELDS))
        context = _context(form)
        with service.stages.timed("policy"):
            begun = await run_in_threadpool(_begin, service, form, context, own)
        if not isinstance(begun, _Deciding):
            return answered(decision_id, *begun)
        task = service.begin(decision_id, begun.decided())
        # From here on the form is the task's too, which whoever gives up waiting does not end.
        held.pop_all()
        try:
            judgement, decision = await asyncio.wait_for(asyncio.shield(task), service.seconds)
        except TimeoutError:
            if await run_in_threadpool(begun.kept):
                response.status_code = 202
                return Score(id=decision_id, status="undecided", undecided=begun.policy.undecided)
            judgement, decision = await task
        finally:
            task.add_done_callback(lambda _: form.__exit__())
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


Answer = tuple[Judgement, Decision]


@dataclass(frozen=True)
class _Deciding:
    """An upload that is decided about, whether or not its request waits for it.

    Attributes:
        service: Judges and records.
        form: With the image.
        context: What the platform says.
        policy: Under which it is decided.
        key: Idempotency key of the act.
        waiter: Its request.
    """

    service: Service
    form: Form
    context: Context
    policy: ResolvedPolicy
    key: str
    waiter: Waiter = field(default_factory=Waiter)

    async def decided(self) -> Answer:
        """Judge, decide and record; where nobody waits any more, it is said what went wrong."""
        try:
            upload = Upload(self.form.read, self.context.declared_ai, self.context.account)
            judgement = await asyncio.wrap_future(self.service.online.submit(upload))
            decision = await run_in_threadpool(
                decide,
                self.service,
                judgement,
                self.context,
                self.policy,
                self.key,
                image=self.form.read,
                late=self.waiter.is_gone,
            )
        except Exception as error:
            if self.waiter.is_gone():
                await run_in_threadpool(self.service.accepted.failed, self._accepted(), error)
            raise
        self.service.accepted.left(_id(self.key))
        return judgement, decision

    def kept(self) -> bool:
        """Keep the upload so that it may be answered as undecided; False: an answer is near."""
        return self.service.accepted.keep(self._accepted(), self.form.read(), self.waiter.gives_up)

    def _accepted(self) -> AcceptedUpload:
        return AcceptedUpload(_id(self.key), self.key, self.context, self.form.sha256())


def _id(key: str) -> str:
    """Of the decision that an act makes."""
    return Act(now(), RAKKAN, key).id("decision")


def _begin(service: Service, form: Form, context: Context, key: str) -> Answer | _Deciding:
    """What was answered under the key before, or what is to be decided."""
    policy = service.policy(context.service)
    with service.store.reading() as reader:
        try:
            found = reader.decision(_id(key))
        except UnknownRecord:
            accepted = reader.accepted.find(_id(key))
            if accepted is not None and accepted.code is None:
                raise InWork(_IN_WORK) from None
            return _Deciding(service, form, context, policy, key)
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
        raise InWork(_IN_WORK)
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
