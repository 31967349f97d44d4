"""Commissions: delivered too fast to be made by hand, or offered around."""

from collections import defaultdict
from datetime import datetime
from statistics import median

from evidence import reason
from labelling.account.signals import AccountSignal, AccountSignalName
from labelling.account.window import confirmed, within
from labelling.context import Context
from labelling.history import History, Post, Request
from labelling.policy.document import DeliverySetting, Repeated

_HOUR = 3600.0


def fast_delivery(
    upload: Post, context: Context, history: History, setting: DeliverySetting
) -> AccountSignal | None:
    """This upload delivers a request in less than `share` of the creator's median time.

    The median is of the creator's other deliveries before it, `known` at least. What was delivered
    before it was accepted is left out: clocks disagree.
    """
    placed = {one.request: one for one in _in_order(history) if one.creator == history.account}
    mine = placed.pop(context.request, None) if context.request is not None else None
    if mine is None:
        return None
    # The earlier of what may have begun it: the longer time accuses less.
    took = (upload.at - min(mine.placed_at, mine.accepted_at or mine.placed_at)).total_seconds()
    usual = [
        (one.delivered_at - one.accepted_at).total_seconds()
        for one in placed.values()
        if one.accepted_at is not None
        and one.delivered_at is not None
        and one.accepted_at <= one.delivered_at <= upload.at
    ]
    if took < 0 or len(usual) < setting.known or took >= setting.share * median(usual):
        return None
    name, works = AccountSignalName.FAST_DELIVERY, (upload.work,)
    why = reason(
        "account_fast_delivery",
        hours=took / _HOUR,
        usual=median(usual) / _HOUR,
        deliveries=len(usual),
    )
    return AccountSignal(name, why, works, confirmed=confirmed(history, name, works))


def same_request(
    upload: Post, context: Context, history: History, setting: Repeated
) -> AccountSignal | None:
    """The account placed one request with `times` creators within the days, and one accepted.

    Those count of whom the request was withdrawn at the time of that acceptance or later, and the
    one who accepted first.
    """
    same: dict[str, list[Request]] = defaultdict(list)
    for one in _in_order(history):
        ours = one.client == history.account != one.creator
        if ours and within(one.placed_at, upload.at, setting.within_days):
            same[one.same_as].append(one)
    offered = (_offered_around(requests, upload.at) for requests in same.values())
    found = max(offered, key=_size, default=())
    if len({one.creator for one in found}) < setting.times:
        return None
    name, works = AccountSignalName.SAME_REQUEST, tuple(one.request for one in found)
    why = reason(
        "account_same_request",
        creators=len({one.creator for one in found}),
        days=setting.within_days,
        cancelled=len(found) - 1,
    )
    return AccountSignal(name, why, works, confirmed=confirmed(history, name, works))


def _in_order(history: History) -> list[Request]:
    return sorted(history.requests, key=lambda one: (one.placed_at, one.request, repr(one)))


def _size(requests: tuple[Request, ...]) -> tuple[int, int]:
    return len({one.creator for one in requests}), len(requests)


def _offered_around(requests: list[Request], until: datetime) -> tuple[Request, ...]:
    """Who accepted first, and those of whom it was withdrawn then; nothing if nobody accepted."""
    accepted = [(one.accepted_at, one) for one in requests if one.accepted_at is not None]
    when, first = min(accepted, key=lambda pair: pair[0], default=(None, None))
    if when is None or when > until:
        return ()
    return tuple(
        one
        for one in requests
        if one is first or (one.cancelled_at is not None and when <= one.cancelled_at <= until)
    )
