"""The rules under which the images of an archive are decided about."""

from dataclasses import dataclass

from evidence import Judgement
from labelling import Context, Decision, ResolvedPolicy, decide


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

    def decide(self, judgement: Judgement) -> Decision:
        """Decide about an image."""
        return decide(judgement, self.context, None, self.policy)
