"""After a back-up was restored: whoever had withdrawn since is in the index again.

The index itself cannot know. So the list of withdrawals is kept apart from the back-ups, and they
are done again by it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ValidationError

from similarity.errors import BadWithdrawals
from similarity.gallery.creators import Withdrawal
from similarity.gallery.gallery import Gallery


class _Listed(BaseModel):
    creator: str
    at: AwareDatetime


class _List(BaseModel):
    withdrawn: tuple[_Listed, ...]


def read_withdrawals(data: bytes) -> tuple[Withdrawal, ...]:
    """Read what `rakkan creators list --withdrawn --json` wrote.

    Raises:
        BadWithdrawals: It is no such list.
    """
    try:
        listed = _List.model_validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise BadWithdrawals(
            "it is no list of withdrawals, as `rakkan creators list --withdrawn --json` writes it: "
            + ": ".join(part for part in (place, first["msg"]) if part)
        ) from None
    return tuple(Withdrawal(one.creator, one.at) for one in listed.withdrawn)


@dataclass(frozen=True)
class WithdrawnAgain:
    """What was done by a list of withdrawals.

    Attributes:
        gone: By creator, how many works were taken out.
        images: Hex digests of their files.
        anew: Who was enrolled anew after the withdrawal, and stays.
    """

    gone: dict[str, int]
    images: frozenset[str]
    anew: tuple[str, ...]


def withdraw_again(gallery: Gallery, withdrawals: Sequence[Withdrawal]) -> WithdrawnAgain:
    """Withdraw everybody on a list whose consent is older than their withdrawal.

    Raises:
        IndexBusy: Another process is changing the index, or keeps us from clearing the files.
        IndexReadOnly: It was opened for reading.
    """
    newest: dict[str, datetime] = {}
    for one in withdrawals:
        newest[one.creator] = max(one.at, newest.get(one.creator, one.at))
    state = gallery.state(newest=True)
    listed = [one for one in state.creators() if one.name in newest]
    gone: dict[str, int] = {}
    images: set[str] = set()
    for creator in listed:
        if creator.consent.at <= newest[creator.name]:
            images |= {work.sha256 for work in state.works_of(creator.name)}
            gone[creator.name] = gallery.withdraw(creator.name)
    anew = tuple(one.name for one in listed if one.name not in gone)
    return WithdrawnAgain(gone, frozenset(images), anew)
