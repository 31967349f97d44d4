"""Acts of moderators over HTTP: once under their keys, and by the person whom the body names."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, TypeVar

from fastapi import Depends
from starlette.concurrency import run_in_threadpool

from api.access import IdempotencyKey, Serving, act_key, needs
from api.schemas.acting import Acting
from api.service import Service, now
from storage.keys import Key, Scope

Done = TypeVar("Done")


@dataclass(frozen=True)
class Desk:
    """Where one request acts.

    Attributes:
        service: Keeps what is done.
        key: Of the program that asks.
        given: The request's idempotency key.
    """

    service: Service
    key: Key
    given: str | None

    async def act(
        self,
        act: Callable[..., Done],
        case: str,
        said: Acting,
        *,
        senior: bool = False,
        **more: Any,
    ) -> Done:
        """Carry out an act in a thread.

        Args:
            act: Of `moderation`: from the records, the case and the moderator.
            case: Id of the review, appeal or proposal.
            said: Who acts.
            senior: Whether the key vouches that this is a senior moderator.
            more: What else the act takes.
        """
        own = act_key(self.key, f"{act.__name__}:{case}", self.given)
        person = said.person(senior=senior)
        done = partial(act, self.service.store, case, person, at=now(), key=own, **more)
        return await run_in_threadpool(done)


def desk(scope: Scope) -> Callable[..., Awaitable[Desk]]:
    """A dependency that lets keys with a scope act; see `api.access.needs`."""

    async def found(
        service: Serving,
        key: Annotated[Key, Depends(needs(scope))],
        idempotency_key: IdempotencyKey = None,
    ) -> Desk:
        return Desk(service, key, idempotency_key)

    return found
