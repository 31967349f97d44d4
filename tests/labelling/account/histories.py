"""Accounts with a past, made in a line."""

from datetime import UTC, datetime, timedelta
from typing import Any

from evidence import CreatorVerdict
from labelling import Context, History, Likeness, Post, ServiceNorm
from labelling.account.find import FINDERS
from labelling.account.signals import AccountSignal, AccountSignalName

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
NORM = ServiceNorm(posts_a_day=10, accounts=1000)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def near(creator: str, p_value: float, id_: int = 1) -> Likeness:
    close = p_value <= 0.01
    return Likeness(id_, creator, p_value, CreatorVerdict.CLOSE if close else CreatorVerdict.NONE)


def post(work: str, days: float = 0, **more: Any) -> Post:
    return Post(work, ago(days), **more)


def posts(count: int, days: float = 1, name: str = "work", **more: Any) -> tuple[Post, ...]:
    """Some alike, a second after each other."""
    return tuple(post(f"{name}-{n}", days - n / 86_400, **more) for n in range(count))


def history(*past: Post, **more: Any) -> History:
    return History("ann", **{"since": ago(1000), "until": NOW, "posts": past, **more})


def found(
    name: AccountSignalName,
    upload: Post,
    past: History,
    setting: Any,
    request: str | None = None,
) -> AccountSignal | None:
    context = Context(service="comics", at=upload.at, account="ann", request=request)
    return FINDERS[name](upload, context, past, setting)
