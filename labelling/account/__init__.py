"""What an account's history says, over time and over many works."""

from evidence import Judgement
from labelling.account.signals import AccountSignal
from labelling.context import Context
from labelling.history import History
from labelling.policy.document import SignalSettings


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
    return ()
