"""Delistings in bulk out of finished scans: whoever asks, a program or a person at the console."""

from collections.abc import Mapping
from contextlib import closing
from datetime import datetime

from api.service import Service
from moderation import archive
from scan.jobs import JobQueue
from scan.journal import Journal
from scan.journal_file import NAME as JOURNAL
from scan.posts import Post, posted_works


def propose(
    service: Service,
    queue: JobQueue,
    scan: str,
    policy: str,
    *,
    by: str,
    at: datetime,
    key: str,
    posts: Mapping[str, Post] | None = None,
) -> str:
    """Propose to delist what a policy does not allow of a finished scan; the proposal's id.

    Args:
        service: With the records, the policies and the index.
        queue: That the scan lies in.
        scan: Its name.
        policy: Name of the service whose policy decides.
        by: Who proposes it.
        at: Now, with a time zone.
        key: Idempotency key.
        posts: What the platform knows of the images, by path; None for a path that names a work.

    Raises:
        ScanNotFoundError: There is no such scan.
        ScanUnfinished: It has not ended, or failed.
        UnknownPolicy: There is no such policy.
    """
    rules = service.policy(policy)
    folder = queue.result(scan, JOURNAL).parent
    with closing(Journal.reopen(folder)) as journal:
        made = archive.propose(
            service.store,
            posted_works(journal, rules.id.name, at, posts),
            rules,
            by=by,
            at=at,
            key=key,
            creators=service.owners,
        )
    return made.proposal
