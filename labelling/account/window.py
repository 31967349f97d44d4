"""Which works of an account count: each once, within so many days, and never its own creators'."""

from collections.abc import Collection, Iterable
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
    # As `within`, which is slower for the thousands of posts of an account.
    until, now, longest = upload.at, timedelta(0), timedelta(days=days)
    recent = [post for post in history.posts if now <= until - post.at <= longest]
    if len({post.work for post in recent}) < len(recent):
        recent = list({post.work: post for post in _in_order(recent)}.values())
    others = [post for post in recent if post.work != upload.work]
    return tuple(sorted([*others, upload], key=_time_and_work))


def _time_and_work(post: Post) -> tuple[datetime, str]:
    return post.at, post.work


def _in_order(posts: Collection[Post]) -> list[Post]:
    """By time, and of the same time in an order that no shuffling changes."""
    # A post in words takes far longer than all else: only where a work stands there twice.
    if len({_time_and_work(post) for post in posts}) == len(posts):
        return sorted(posts, key=_time_and_work)
    return sorted(posts, key=lambda post: (post.at, post.work, repr(post)))


def own(post: Post, history: History) -> bool:
    """Whether a work is by a creator who owns the account, as far as a search tells.

    It is where it holds a copy of a work of theirs, or is nearer to them than to all others.
    """
    if not history.creators:
        return False
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
