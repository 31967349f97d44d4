"""Works posted and deleted, again and again."""

from evidence import reason
from labelling.account.finder import about_works
from labelling.account.signals import AccountSignal, AccountSignalName
from labelling.account.window import posts_within, within
from labelling.context import Context
from labelling.history import History, Post
from labelling.policy.document import Repeated


def post_and_delete(
    upload: Post, context: Context, history: History, setting: Repeated
) -> AccountSignal | None:
    """At least `times` works were both posted and deleted within the days."""
    days = setting.within_days
    posts = posts_within(upload, history, days)
    deleted = [post for post in posts if within(post.deleted_at, upload.at, days)]
    if len(deleted) < setting.times:
        return None
    why = reason("account_post_and_delete", works=len(deleted), posts=len(posts), days=days)
    return about_works(AccountSignalName.POST_AND_DELETE, deleted, history, why)
