"""Declarations that the files themselves contradict, either way."""

from evidence import EvidenceKind, Verdict, reason
from labelling.account.finder import about_works
from labelling.account.signals import AccountSignal, AccountSignalName
from labelling.account.window import posts_within
from labelling.context import Context
from labelling.history import History, Post
from labelling.policy.document import Repeated

_OBJECTIVE = (EvidenceKind.PROVEN, EvidenceKind.STATED)


def false_declaration(
    upload: Post, context: Context, history: History, setting: Repeated
) -> AccountSignal | None:
    """What is declared of this work is contradicted, and of at least `times` within the days."""
    if not _contradicted(upload):
        return None
    posts = posts_within(upload, history, setting.within_days)
    false = [post for post in posts if _contradicted(post)]
    if len(false) < setting.times:
        return None
    hidden = sum(post.declared_ai is False for post in false)
    why = reason(
        "account_false_declaration",
        works=len(false),
        posts=len(posts),
        days=setting.within_days,
        hidden=hidden,
        claimed=len(false) - hidden,
    )
    return about_works(AccountSignalName.FALSE_DECLARATION, false, history, why)


def _contradicted(post: Post) -> bool:
    """By a proof or a statement alone: pixels prove nobody a liar."""
    contrary = {True: Verdict.HUMAN, False: Verdict.AI}
    return (
        post.declared_ai is not None
        and post.verdict is contrary[post.declared_ai]
        and post.evidence in _OBJECTIVE
    )
