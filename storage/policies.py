"""Policies whole, by their digest: every decision can be made again."""

import json

from sqlalchemy import Connection, bindparam, insert, select

from core.text import printable
from labelling.policy.document import Policy
from labelling.policy.resolved import ResolvedPolicy, dump_policy
from storage.errors import BrokenRecords, UnknownRecord
from storage.tables import POLICIES

_KEPT = select(POLICIES.c.name).where(POLICIES.c.sha256 == bindparam("sha256"))
_DOCUMENTS = select(POLICIES.c.documents).where(POLICIES.c.sha256 == bindparam("sha256"))


def keep_policy(connection: Connection, policy: ResolvedPolicy) -> None:
    """Keep a policy, if it is not kept yet.

    Args:
        connection: Within a transaction that nobody writes beside.
        policy: With all that it inherits.
    """
    if connection.scalar(_KEPT, {"sha256": policy.id.sha256}) is None:
        documents = [json.loads(dump_policy(one)) for one in policy.documents]
        row = {
            "sha256": policy.id.sha256,
            "name": policy.id.name,
            "documents": json.dumps(documents),
        }
        connection.execute(insert(POLICIES), row)


def read_policy(connection: Connection, sha256: str) -> ResolvedPolicy:
    """A policy by its digest.

    Raises:
        UnknownRecord: It was never recorded.
        BrokenRecords: It is not what was recorded.
    """
    found = connection.scalar(_DOCUMENTS, {"sha256": sha256})
    if found is None:
        raise UnknownRecord(f"there is no policy {printable(sha256)} in the records")
    policy = ResolvedPolicy.of(tuple(map(Policy.model_validate, json.loads(found))))
    if policy.id.sha256 != sha256:
        raise BrokenRecords(f"the policy {sha256} is not what was recorded: restore a back-up")
    return policy
