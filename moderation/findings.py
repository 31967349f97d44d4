"""How somebody says that an image was made: what training learns from."""

from dataclasses import dataclass

from moderation import events
from moderation.case import Case
from moderation.events import LabelSource, MadeBy
from moderation.people import Act
from storage import Event


@dataclass(frozen=True)
class Finding:
    """How somebody says that an image was made.

    Attributes:
        label: How.
        certainty: How sure that is, 0 to 1.
    """

    label: MadeBy
    certainty: float


def training_label(act: Act, case: Case, finding: Finding, source: LabelSource) -> Event:
    """A finding as a label for training.

    Args:
        act: Of whoever says so.
        case: The decision about the image.
        finding: What is said.
        source: Where it comes from.
    """
    return events.labelled(
        act,
        account=case.context.account,
        work=case.context.work,
        image=case.image,
        label=finding.label,
        certainty=finding.certainty,
        source=source,
        decision=case.id,
    )
