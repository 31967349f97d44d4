"""All that an account's history says, by one file per signal."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from evidence import Judgement
from labelling.account.false_declaration import false_declaration
from labelling.account.finder import Finder
from labelling.account.flood import flood
from labelling.account.imitation import imitation
from labelling.account.impersonation import impersonation
from labelling.account.low_information import low_information
from labelling.account.outside_links import outside_links
from labelling.account.post_and_delete import post_and_delete
from labelling.account.requests import fast_delivery, same_request
from labelling.account.signals import AccountSignal, AccountSignalName
from labelling.context import Context
from labelling.history import History
from labelling.policy.document import SignalSettings
from labelling.posts import post_of

FINDERS: Mapping[AccountSignalName, Finder[Any]] = MappingProxyType(
    {
        AccountSignalName.IMITATION: imitation,
        AccountSignalName.FLOOD: flood,
        AccountSignalName.POST_AND_DELETE: post_and_delete,
        AccountSignalName.OUTSIDE_LINKS: outside_links,
        AccountSignalName.FAST_DELIVERY: fast_delivery,
        AccountSignalName.SAME_REQUEST: same_request,
        AccountSignalName.FALSE_DECLARATION: false_declaration,
        AccountSignalName.IMPERSONATION: impersonation,
        AccountSignalName.LOW_INFORMATION: low_information,
    }
)
"""What looks for each signal; its setting is the policy's of the same name."""


def account_signals(
    judgement: Judgement, context: Context, history: History, settings: SignalSettings
) -> tuple[AccountSignal, ...]:
    """What the history of an account says, with this upload counted in.

    Args:
        judgement: Of this upload.
        context: Of this upload.
        history: Before it.
        settings: Of the policy; what is absent is not looked for.
    """
    upload = post_of(judgement, context)
    asked = ((find, getattr(settings, name)) for name, find in FINDERS.items())
    found = (find(upload, context, history, one) for find, one in asked if one is not None)
    return tuple(signal for signal in found if signal is not None)
