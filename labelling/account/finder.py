"""What every signal is found by, and a finding made whole."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from evidence import Reason
from labelling.account.signals import AccountSignal, AccountSignalName
from labelling.account.window import confirmed, names
from labelling.context import Context
from labelling.history import History, Post

Setting = TypeVar("Setting", contravariant=True)


class Finder(Protocol[Setting]):
    """Looks for one signal in an account's history: pure, and total."""

    def __call__(
        self, upload: Post, context: Context, history: History, setting: Setting, /
    ) -> AccountSignal | None:
        """What the history says, with this upload counted in; None where it says nothing.

        Args:
            upload: The work that is being decided about.
            context: What its platform says of it.
            history: Of its account, before it; in any order.
            setting: Of the policy.
        """
        ...


def about_works(
    name: AccountSignalName,
    posts: Iterable[Post],
    history: History,
    reason: Reason,
    *,
    creator: str | None = None,
    p_value: float | None = None,
) -> AccountSignal:
    """A signal that rests on works, confirmed where a moderator confirmed it for all of them."""
    works = names(posts)
    return AccountSignal(
        name, reason, works, creator, p_value, confirmed(history, name, works, creator)
    )
