"""Cases for tests of pages: works and objections, with names that would like to be markup."""

from datetime import UTC, datetime

from moderation.desk import open_appeal
from moderation.record import Recorded, record
from storage import Store
from storage.attachments import NewAttachment
from tests.moderation.telling import PROVEN, SUSPECTED, inferred, policy, stated, upload

HOSTILE = "<script>alert(1)</script>"
"""A name that must never be markup."""

RULES = policy(SUSPECTED, PROVEN)


def decided(store: Store, work: str, account: str = "ann", *, proven: bool = True) -> Recorded:
    """A work that was just delisted, or that a moderator is to look at."""
    now = datetime.now(UTC)
    judged = stated(work) if proven else inferred(work)
    return record(store, judged, upload(work, account, at=now), RULES, at=now, key=work)


def objected(
    store: Store, work: str, account: str = "ann", files: tuple[NewAttachment, ...] = ()
) -> str:
    """The id of an appeal that was just made against a delisting."""
    done = decided(store, work, account)
    now = datetime.now(UTC)
    return open_appeal(
        store,
        done.id,
        account,
        f"I drew {work} myself.",
        files=files,
        at=now,
        key=f"appeal {work}",
    ).id
