"""A decision with all that acts about it need."""

from collections.abc import Iterable
from dataclasses import dataclass

from labelling import Action, Context, Decision
from labelling.actions import ON_ACCOUNT, severest
from labelling.decision import Decided
from labelling.policy.document import Row
from labelling.policy.resolved import ResolvedPolicy


@dataclass(frozen=True)
class Case:
    """A decision with all that acts about it need.

    Attributes:
        id: Of the decision.
        image: Hex SHA-256 digest of the file that it is about.
        decision: What the policy asks for.
        context: What the platform says of the upload.
        policy: By which it was decided.
        creators: Names of enrolled creators who own the account.
    """

    id: str
    image: str
    decision: Decision
    context: Context
    policy: ResolvedPolicy
    creators: tuple[str, ...] = ()

    def row(self, name: str) -> Row | None:
        """A row of the policy as it was in force; None for none of that name.

        Args:
            name: Of the row.
        """
        rows = self.policy.rows_in_force(self.context)
        return next((row for _, row in rows if row.id == name), None)

    def decided(self, name: str) -> Decided | None:
        """What a row that decided asked for; None where it did not decide.

        Args:
            name: Of the row.
        """
        return next((one for one in self.decision.rows if one.row == name), None)

    def told(self) -> bool:
        """Whether the uploader is told what is done.

        Not where no row that decided lets people be told; where ill will is suspected, only the
        rows that let people be told even then count.
        """
        rows = [self.row(one.row) for one in self.decision.rows]
        return any(
            row.notice and (row.notice_if_malice or not self.context.malice_suspected)
            for row in rows
            if row is not None
        )


def on_work(actions: Iterable[Action]) -> Action:
    """The severest of some actions that is about the work; `PUBLISH` where none is."""
    return severest(one for one in actions if one not in ON_ACCOUNT and one is not Action.REVIEW)
