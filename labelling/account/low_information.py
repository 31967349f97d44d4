"""Pictures with too little to see, again and again."""

from evidence import reason
from labelling.account.finder import about_works
from labelling.account.signals import AccountSignal, AccountSignalName
from labelling.account.window import posts_within
from labelling.context import Context
from labelling.history import History, Post
from labelling.policy.document import Repeated


def low_information(
    upload: Post, context: Context, history: History, setting: Repeated
) -> AccountSignal | None:
    """This picture shows too little, and so do at least `times` within the days."""
    posts = posts_within(upload, history, setting.within_days)
    plain = [post for post in posts if post.plain]
    if not upload.plain or len(plain) < setting.times:
        return None
    why = reason(
        "account_low_information", works=len(plain), posts=len(posts), days=setting.within_days
    )
    return about_works(AccountSignalName.LOW_INFORMATION, plain, history, why)
