"""Works, one after the other, near to one enrolled creator who does not own the account.

What no single picture proves, many may: every work of the account within the days counts, near or
not, and what they show together is held against accounts of artists who imitate nobody here.
"""

from collections.abc import Mapping

from evidence import reason
from labelling.account.finder import about_works
from labelling.account.innocent import InnocentAccounts, shipped
from labelling.account.signals import AccountSignal, AccountSignalName
from labelling.account.surprise import NEAR, surprise
from labelling.account.window import own, posts_within
from labelling.context import Context
from labelling.history import History, Post
from labelling.policy.document import ImitationSetting


def imitation(
    upload: Post,
    context: Context,
    history: History,
    setting: ImitationSetting,
    innocent: InnocentAccounts | None = None,
) -> AccountSignal | None:
    """This work and others, `times` at least, are nearer to one creator than innocent accounts.

    Args:
        upload: The work that is being decided about.
        context: What its platform says of it.
        history: Of its account.
        setting: Of the policy. A `rate` that is smaller than so many innocent accounts can tell is
            never reached.
        innocent: What innocent accounts show; what ships by default.
    """
    # Most uploads are near to nobody: their account's past need not be looked at.
    if all(p > NEAR for p in nearness(upload, history).values()):
        return None
    innocent = innocent or shipped()
    posts = posts_within(upload, history, setting.within_days)
    near = [nearness(post, history) for post in posts]
    least = max(setting.times, innocent.least)
    found = []
    for creator, mine in nearness(upload, history).items():
        if mine > NEAR:
            continue
        nats = surprise([one.get(creator, 1.0) for one in near], least)
        share = innocent.share(len(posts), nats)
        if nats > 0 and share.p_value <= setting.rate:
            found.append((share.p_value, -nats, creator, share.accounts))
    if not found:
        return None
    p_value, _, creator, accounts = min(found)
    works = [post for post, one in zip(posts, near, strict=True) if one.get(creator, 1.0) <= NEAR]
    why = reason(
        "account_imitation",
        works=len(works),
        posts=len(posts),
        days=setting.within_days,
        creator=creator,
        p_value=p_value,
        accounts=accounts,
    )
    name = AccountSignalName.IMITATION
    return about_works(name, works, history, why, creator=creator, p_value=p_value)


def nearness(post: Post, history: History) -> Mapping[str, float]:
    """The p-values of a work's likeness to creators, those who own the account left out.

    A work that was not searched for, that shows too little to tell by, or that is by a creator who
    owns the account is near to nobody, and still one of the account's works.
    """
    if not post.searched or post.plain or own(post, history):
        return {}
    if not history.creators:
        return post.nearness
    return {name: p for name, p in post.nearness.items() if name not in history.creators}
