"""Which works of an account count: each once, within so many days, and never its own creators'."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from labelling.account.signals import AccountSignalName
from labelling.history import History, Post


def within(at: datetime | None, until: datetime, days: float) -> bool:
    """Whether something happened in the days up to a time; never for what did not happen."""
    # A difference: the first day less some days would be no date.
    return at is not None and timedelta(0) <= until - at <= timedelta(days=days)


def posts_within(upload: Post, history: History, days: float) -> tuple[Post, ...]:
    """The works posted in the days up to an upload, this one counted in, the oldest first.

    Args:
        upload: What is looked at. A history that knows it already says nothing more of it.
        history: Before it; of a work that it holds twice, the last counts.
        days: How many.
    """
    by_work = {
        post.work: post
        for post in sorted(history.posts, key=in_order)
        if within(post.at, upload.at, days)
    }
    return tuple(sorted((by_work | {upload.work: upload}).values(), key=in_order))


def in_order(post: Post) -> tuple[datetime, str, str]:
    """By time, and of the same time in an order that no shuffling changes."""
    return post.at, post.work, repr(post)


def own(post: Post, history: History) -> bool:
    """Whether a work is by a creator who owns the account, as far as a search tells.

    It is where it holds a copy of a work of theirs, or is nearer to them than to all others.
    """
    nearest = post.likenesses[0].creator if post.likenesses else None
    return nearest in history.creators or bool(set(post.copies) & set(history.creators))


def names(posts: Iterable[Post]) -> tuple[str, ...]:
    """What the platform calls the works."""
    return tuple(post.work for post in posts)


def confirmed(
    history: History, signal: AccountSignalName, works: tuple[str, ...], creator: str | None = None
) -> bool:
    """Whether a moderator confirmed a signal, about a creator, for all of these works."""
    return any(
        one.signal == signal and one.creator == creator and set(works) <= set(one.works)
        for one in history.confirmations
    )
