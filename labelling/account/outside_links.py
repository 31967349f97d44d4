"""Links to elsewhere beside many works."""

from evidence import reason
from labelling.account.finder import about_works
from labelling.account.signals import AccountSignal, AccountSignalName
from labelling.account.window import posts_within
from labelling.context import Context
from labelling.history import History, Post
from labelling.policy.document import Repeated


def outside_links(
    upload: Post, context: Context, history: History, setting: Repeated
) -> AccountSignal | None:
    """Links stand beside this work, and beside at least `times` within the days."""
    posts = posts_within(upload, history, setting.within_days)
    linked = [post for post in posts if post.outside_links > 0]
    if upload not in linked or len(linked) < setting.times:
        return None
    why = reason(
        "account_outside_links",
        works=len(linked),
        posts=len(posts),
        days=setting.within_days,
        links=sum(post.outside_links for post in linked),
    )
    return about_works(AccountSignalName.OUTSIDE_LINKS, linked, history, why)
