"""What was decided about one upload, and all by which it can be decided again."""

from dataclasses import dataclass
from datetime import datetime

from evidence import Reason
from labelling.account.signals import AccountSignal
from labelling.actions import Action


@dataclass(frozen=True)
class PolicyId:
    """Names a policy so that no other is taken for it.

    Attributes:
        name: Of the service's policy.
        sha256: Hex digest of its rows with all that they inherit.
    """

    name: str
    sha256: str

    def __str__(self) -> str:
        """For people: the name, and enough of the digest to tell versions apart."""
        return f"{self.name}@{self.sha256[:12]}"


@dataclass(frozen=True)
class Decided:
    """A row of the policy that led to a decision.

    Attributes:
        row: Its id.
        actions: What it asks for, the mildest first.
        capped: Actions that it asks for, and that nothing but inference supports: withheld, and a
            moderator asked instead.
        on_confirmation: What follows if a moderator confirms it.
        label: The label that goes with `label` among either of them.
    """

    row: str
    actions: tuple[Action, ...]
    capped: tuple[Action, ...] = ()
    on_confirmation: tuple[Action, ...] = ()
    label: str | None = None


@dataclass(frozen=True)
class Decision:
    """What a policy asks for about one upload.

    Attributes:
        label: The label that it is to carry; None for none.
        action: The severest action on the work.
        actions: All, the mildest first, those on the account last; `publish` alone where no row
            asks for more.
        rows: The rows that decided, in the order of the policy.
        reasons: Why: of each row its words, then the evidence that it rests on, then notes such as
            that no history was known. The code of a row's reason is `POLICY:ROW`.
        signals: What the account's history says, whether or not a row asks for it.
        policy: By which policy.
        acts: False for a policy in shadow: nothing of this is carried out.
        at: The date whose rules were applied: that of the upload.
    """

    label: str | None
    action: Action
    actions: tuple[Action, ...]
    rows: tuple[Decided, ...]
    reasons: tuple[Reason, ...]
    signals: tuple[AccountSignal, ...]
    policy: PolicyId
    acts: bool
    at: datetime
