"""Deciding about an upload that is judged, and recording that."""

from collections.abc import Callable

from api.previews import keep_preview
from api.service import Service, now
from evidence import Judgement
from labelling import Context, Decision, ResolvedPolicy
from moderation.record import record


def decide(
    service: Service,
    judgement: Judgement,
    context: Context,
    policy: ResolvedPolicy,
    key: str,
    *,
    image: Callable[[], bytes],
    late: Callable[[], bool],
) -> Decision:
    """Decide, record and count, in this thread.

    Args:
        service: With the records.
        judgement: What is said of the image.
        context: What the platform says of the upload.
        policy: Under which it is decided.
        key: Idempotency key of the act.
        image: Reads the upload's file.
        late: See `record`.

    Raises:
        RakkanError: See `record`.
    """
    owners = service.owners(context.account)
    with service.stages.timed("record"):
        recorded = record(
            service.store,
            judgement,
            context,
            policy,
            at=now(),
            key=key,
            creators=owners,
            late=late,
            worker=service.accepted.worker,
        )
    service.metrics.decided(judgement, recorded.decision)
    keep_preview(service, recorded, context.account, image)
    return recorded.decision
