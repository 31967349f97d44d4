"""The rules under which the images of an archive are decided about."""

from dataclasses import dataclass
from datetime import UTC, datetime

from evidence import Judgement
from labelling import Context, Decision, Moment, ResolvedPolicy, decide


@dataclass(frozen=True)
class Rules:
    """A policy, and what is known of all images of an archive.

    Attributes:
        policy: With all that it inherits.
        context: Of every image. No history is known: an archive does not say who posted what,
            when.
    """

    policy: ResolvedPolicy
    context: Context

    @classmethod
    def of_today(cls, policy: ResolvedPolicy, account: str | None = None) -> "Rules":
        """The rules that are in force now.

        Args:
            policy: With all that it inherits.
            account: Whose uploads all of the images are; None where that is not known.
        """
        service, now = policy.own.name, datetime.now(UTC)
        return cls(policy, Context(service=service, at=now, moment=Moment.ARCHIVE, account=account))

    def decide(self, judgement: Judgement) -> Decision:
        """Decide about an image."""
        return decide(judgement, self.context, None, self.policy)
