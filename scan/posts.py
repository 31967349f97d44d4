"""What a platform knows of the images of an archive: whose they are, and as what posted."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, field_validator

from evidence import Judgement
from labelling import Context, Moment
from moderation.reported import Count, Flag, Name, When
from moderation.rows import read_rows
from scan.journal import Journal


class Post(BaseModel):
    """One row of what the platform knows.

    Attributes:
        path: Of the image, as the scan's table shows it.
        work: As the platform names it.
        account: Whose it is; None where that is not known.
        posted_at: When it was posted: the rules of that day apply; None for those of today.
        kind: What it is, as policies name kinds.
        declared_ai: What its uploader declares; None for nothing.
        categories: What else the platform says that it is; in CSV with semicolons between.
        paid: Whether people paid for it.
        outside_links: Links to elsewhere beside it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str
    work: Name
    account: Name | None = None
    posted_at: When | None = None
    kind: Name = "work"
    declared_ai: Flag | None = None
    categories: frozenset[str] = frozenset()
    paid: Flag = False
    outside_links: Count = 0

    @field_validator("categories", mode="before")
    @classmethod
    def _cell(cls, value: object) -> object:
        if isinstance(value, str):
            return [one.strip() for one in value.split(";") if one.strip()]
        return value

    def context(self, service: str, now: datetime) -> Context:
        """The same as what is decided about.

        Args:
            service: Of the platform.
            now: The time, with its zone.
        """
        known = {name: value for name, value in self if name not in ("path", "posted_at")}
        at = self.posted_at or now
        return Context(service=service, at=at, moment=Moment.ARCHIVE, **known)


_POST = TypeAdapter(Post)


def read_posts(path: Path) -> Mapping[str, Post]:
    """What a platform knows, by the paths of images.

    Args:
        path: Of a CSV file, or of JSON lines (`.jsonl`).

    Raises:
        BadRow: A row is not as described; names its line.
        OSError: The file cannot be read.
    """
    return {post.path: post for _, post in read_rows(path, _POST)}


def posted_works(
    journal: Journal, service: str, now: datetime, posts: Mapping[str, Post] | None = None
) -> Iterator[tuple[Judgement, Context]]:
    """The judged images of a scan, each with what the platform says of it.

    Args:
        journal: Of a finished scan.
        service: Of the platform.
        now: The time, with its zone.
        posts: What the platform knows: images of which it knows nothing are passed over; None where
            the path of an image is the name of its work, and nothing else is known.

    Raises:
        JournalError: It cannot be read.
    """
    for entry in journal.entries():
        if entry.judgement is None:
            continue
        if posts is None:
            yield entry.judgement, Post(path=entry.path, work=entry.path).context(service, now)
        elif entry.path in posts:
            yield entry.judgement, posts[entry.path].context(service, now)
