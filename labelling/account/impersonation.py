"""An enrolled creator's own works, posted by an account that is not the creator's."""

from evidence import reason
from labelling.account.finder import about_works
from labelling.account.signals import AccountSignal, AccountSignalName
from labelling.account.window import posts_within
from labelling.context import Context
from labelling.history import History, Post
from labelling.policy.document import Repeated


def impersonation(
    upload: Post, context: Context, history: History, setting: Repeated
) -> AccountSignal | None:
    """This work is a proven copy, and so are at least `times` within the days, of one creator's.

    Where that holds of several creators, it is about the one with the most works.
    """
    if not upload.copies:
        return None
    owners = set(history.creators)
    posts = posts_within(upload, history, setting.within_days)
    foreign = [post for post in posts if not owners & set(post.copies)]
    if upload not in foreign:
        return None
    copies = {name: [post for post in foreign if name in post.copies] for name in upload.copies}
    creator, mine = min(copies.items(), key=lambda one: (-len(one[1]), one[0]))
    if len(mine) < setting.times:
        return None
    why = reason(
        "account_impersonation",
        works=len(mine),
        posts=len(posts),
        days=setting.within_days,
        creator=creator,
    )
    return about_works(AccountSignalName.IMPERSONATION, mine, history, why, creator=creator)
