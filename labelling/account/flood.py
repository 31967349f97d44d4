"""Far more posts than is usual for the service and for the account."""

from datetime import datetime, timedelta
from statistics import median_low

from evidence import reason
from labelling.account.finder import about_works
from labelling.account.signals import AccountSignal, AccountSignalName
from labelling.account.window import posts_within
from labelling.context import Context
from labelling.history import History, Post
from labelling.policy.document import FloodSetting


def flood(
    upload: Post, context: Context, history: History, setting: FloodSetting
) -> AccountSignal | None:
    """At least `times` posts within the days, and more than `norms` times both norms.

    The service's norm is known from its accounts, the account's own from what it posted before
    these days. Where either is not known, nothing is said.
    """
    days = setting.within_days
    if history.norm is None:
        return None
    posts = posts_within(upload, history, days)
    if len(posts) < setting.times:
        return None
    before = usual(history, upload.at, days)
    if before is None:
        return None
    of_service = history.norm.posts_a_day * days
    if len(posts) <= setting.norms * max(of_service, before):
        return None
    why = reason("account_flood", posts=len(posts), days=days, usual=of_service, own=before)
    return about_works(AccountSignalName.FLOOD, posts, history, why)


def usual(history: History, until: datetime, days: float) -> int | None:
    """How many works the account posts in so many days: the median over its past.

    The past is cut into spans of these days, back from where the last of them began; those without
    a post count, too.

    Returns:
        None where not one whole span is known.
    """
    # Of a history that leaves out older parts, only what it still holds is known to be whole.
    oldest = min((post.at for post in history.posts), default=history.since)
    since = max(history.since, oldest) if history.truncated else history.since
    span = max(timedelta(days=days), timedelta.resolution)
    spans = max(0, (until - since) // span - 1)
    if spans == 0:
        return None
    counts: dict[int, set[str]] = {}
    for post in history.posts:
        # As `within`: exactly so many days ago still belongs to the last of them.
        place = -((post.at - until) // span) - 1
        if 1 <= place <= spans:
            counts.setdefault(place, set()).add(post.work)
    empty = spans - len(counts)
    # The median without a list of what may be a million empty spans.
    if 2 * empty > spans:
        return 0
    return median_low([0] * empty + [len(works) for works in counts.values()])
