"""Small pictures of uploads that a person may have to look at; for some days, and no longer."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, delete, exists, insert, select

from storage.tables import PREVIEWS


class PreviewReader:
    """Questions about them."""

    def __init__(self, connection: Connection) -> None:
        """Within a transaction."""
        self._connection = connection

    def image(self, decision: str) -> bytes | None:
        """The picture of the upload that a decision is about, a JPEG; None where none is kept."""
        found = self._connection.scalar(
            select(PREVIEWS.c.image).where(PREVIEWS.c.decision == decision)
        )
        return None if found is None else bytes(found)

    def among(self, decisions: Collection[str]) -> frozenset[str]:
        """Those of some decisions of which one is kept.

        Args:
            decisions: At most some thousands.
        """
        mine = PREVIEWS.c.decision.in_(decisions)
        return frozenset(self._connection.scalars(select(PREVIEWS.c.decision).where(mine)))

    def has(self, decision: str) -> bool:
        """Whether one is kept."""
        mine = exists().where(PREVIEWS.c.decision == decision)
        return bool(self._connection.scalar(select(mine)))


class Previews(PreviewReader):
    """What is done with them, within a transaction that nobody writes beside."""

    def keep(self, decision: str, account: str | None, image: bytes, *, at: datetime) -> None:
        """Keep a picture, in the place of an earlier one.

        Args:
            decision: Id of the decision.
            account: Whose upload it is: on erasure of the account, it goes.
            image: A JPEG without metadata.
            at: Now.
        """
        self._connection.execute(delete(PREVIEWS).where(PREVIEWS.c.decision == decision))
        row = {"decision": decision, "account": account, "image": image, "at": at}
        self._connection.execute(insert(PREVIEWS).values(**row))

    def erase(self, account: str) -> int:
        """Delete all of an account; says how many."""
        mine = delete(PREVIEWS).where(PREVIEWS.c.account == account)
        return self._connection.execute(mine).rowcount

    def expire(self, before: datetime) -> int:
        """Delete those that were kept before a time; says how many."""
        old = delete(PREVIEWS).where(PREVIEWS.c.at < before)
        return self._connection.execute(old).rowcount
