"""Recording a decision, and all that follows from it at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.errors import RakkanError
from evidence import Judgement
from labelling import Context, Decision, Moment, decide
from labelling.policy.resolved import ResolvedPolicy
from moderation import notices
from moderation.case import Case
from moderation.effects import effects, first_time, history
from moderation.errors import CaseErased, KeyReused, NotHeld
from moderation.events import LabelSource, MadeBy
from moderation.findings import Finding, training_label
from moderation.people import RAKKAN, Act
from storage import Reader, Store
from storage.accepted import AcceptedUpload
from storage.decisions import RecordedDecision, decided
from storage.events import Event, EventType

DECLARED = 0.5
"""How sure a declaration is as a training label: somebody says so who may gain by it. It is a
rank below what moderators say, and no measured share."""


REUSED = "This idempotency key was used for another upload: take a new one."


@dataclass(frozen=True)
class Recorded:
    """A decision that is kept.

    Attributes:
        id: Of the decision.
        decision: What the policy asks for.
    """

    id: str
    decision: Decision


def record(
    store: Store,
    judgement: Judgement,
    context: Context,
    policy: ResolvedPolicy,
    *,
    at: datetime,
    key: str,
    creators: Sequence[str] = (),
    late: Callable[[], bool] = lambda: False,
    worker: str = "",
) -> Recorded:
    """Decide about an upload, keep the decision, and begin what it asks for.

    The account's history is read, and the decision made. In one transaction, the decision is
    appended, reviews opened, strikes given, and what is to leave the system put into the outbox;
    where the history has changed meanwhile, it is read there once more, and decided anew. A policy
    in shadow is recorded, and does nothing else.

    Args:
        store: Where.
        judgement: What is said of the image.
        context: What the platform says of the upload.
        policy: With all that it inherits.
        at: Now, with a time zone.
        key: Idempotency key: with the same key the same is answered.
        creators: Names of enrolled creators who own the account.
        late: Whether it was answered as undecided, so that it leaves the accepted uploads and a
            message tells of it; asked once, within the transaction.
        worker: Id of the process that has it among them.

    Raises:
        KeyReused: The key was used for another upload.
        NotHeld: It was erased since it was accepted, or another process decides about it.
    """
    act = Act(at, RAKKAN, key)

    def decided_on(reader: Reader) -> Decision:
        past = history(reader, context, policy, creators)
        return decide(judgement, context, past, policy)

    # Before the transaction, beside which nobody writes: it is most of the work.
    with store.reading() as reader:
        seen = reader.head()
        decision = decided_on(reader)
    with store.transaction() as tx:
        accepted = late()
        settled = accepted and tx.accepted.settle(act.id("decision"), worker)
        if not first_time(tx, act, EventType.DECIDED):
            return _earlier(tx.decision(act.id("decision")), judgement, context)
        if accepted and not settled:
            raise NotHeld("This upload was erased, or another process decides about it.")
        if context.account is not None and tx.history_changed(context.account, seen):
            decision = decided_on(tx)
        case = Case(
            act.id("decision"),
            judgement.image.sha256,
            decision,
            context,
            policy,
            tuple(creators),
        )
        tx.keep_policy(policy)
        tx.append(*recorded(act, case, judgement))
        if decision.acts:
            effects(tx, act, case, judgement)
        if accepted:
            tx.append(notices.decided(act, case))
        return Recorded(case.id, decision)


def accept(
    store: Store,
    upload: AcceptedUpload,
    image: bytes,
    worker: str,
    gives_up: Callable[[], bool],
    *,
    at: datetime,
    until: datetime,
) -> bool:
    """Keep an upload that is being judged, so that it may be answered as undecided.

    Args:
        store: Where.
        upload: The upload.
        image: Its file.
        worker: Id of the process that judges it.
        gives_up: Whether nobody needs to wait any more; asked once, within the transaction.
        at: Now, with a time zone.
        until: When the lease of the process ends.

    Returns:
        False where its decision is recorded, or about to be.

    Raises:
        KeyReused: Another upload was accepted with the same key.
        BadText: A name that no database can keep.
    """
    with store.transaction() as tx:
        if not first_time(tx, Act(at, RAKKAN, upload.key), EventType.DECIDED) or not gives_up():
            return False
        found = tx.accepted.find(upload.id)
        if found is None or found.code is not None:
            tx.accepted.keep(upload, image, worker, at=at, until=until)
        elif not _same(found, upload):
            raise KeyReused(REUSED)
        return True


def tell_undecided(
    store: Store, upload: AcceptedUpload, worker: str, error: RakkanError, *, at: datetime
) -> None:
    """Keep that an accepted upload cannot be judged, and tell the platform; said once.

    Args:
        store: Where.
        upload: The upload.
        worker: Id of the process that has it; nothing is done where another has.
        error: Why not.
        at: Now, with a time zone.
    """
    # With the time: tried again under its key, it may fail again.
    act = Act(at, RAKKAN, f"{upload.id}/undecided/{at.isoformat()}")
    with store.transaction() as tx:
        if tx.accepted.fail(upload.id, worker, error.code, str(error), at=at):
            told = notices.undecided(act, upload.id, upload.context, error.code, str(error))
            tx.append(told)


def _same(one: AcceptedUpload, other: AcceptedUpload) -> bool:
    # When it was posted may be told otherwise by a second try.
    return one.sha256 == other.sha256 and replace(one.context, at=other.context.at) == other.context


def _earlier(found: RecordedDecision, judgement: Judgement, context: Context) -> Recorded:
    """What the same act decided before."""
    if found.decision is None or found.judgement is None:
        raise CaseErased("What this decision was made of was erased: it cannot be told again.")
    # When it was posted may be told otherwise by a second try.
    before = found.judgement.image.sha256, found.service, found.account, found.work
    now = judgement.image.sha256, context.service, context.account, context.work
    if before != now:
        raise KeyReused(REUSED)
    return Recorded(found.id, found.decision)


def recorded(act: Act, case: Case, judgement: Judgement) -> tuple[Event, ...]:
    """The events of a decision itself, and of the label that a declaration is.

    Args:
        act: Who decided, and when.
        case: The decision.
        judgement: That it was made of.
    """
    decision = decided(
        case.id,
        judgement,
        case.context,
        case.decision,
        at=act.at,
        actor=act.by,
        key=act.key,
        creators=case.creators,
    )
    declared = case.context.declared_ai
    if declared is None or case.context.moment is Moment.ARCHIVE:
        return (decision,)
    made_by = MadeBy.AI if declared else MadeBy.HUMAN
    label = training_label(act, case, Finding(made_by, DECLARED), LabelSource.DECLARATION)
    return decision, label
