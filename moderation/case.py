"""A decision with all that acts about it need."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from labelling import Action, Context, Decision
from labelling.actions import ON_ACCOUNT, severest
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
            name: Id of the row.
        """
        rows = self.policy.rows_in_force(self.context)
        return next((row for _, row in rows if row.id == name), None)

    def asking(self, actions: Collection[Action]) -> tuple[str, ...]:
        """Ids of the rows that ask for one of some actions, by themselves.

        Args:
            actions: Which.
        """
        return tuple(
            one.row for one in self.decision.rows if not set(actions).isdisjoint(one.actions)
        )

    def told(self, rows: Iterable[str]) -> bool:
        """Whether the uploader is told what is done under some rows.

        One that lets people be told is enough; where ill will is suspected, only those count that
        let people be told even then.

        Args:
            rows: Their ids.
        """
        found = [row for name in rows if (row := self.row(name)) is not None]
        return any(
            row.notice and (row.notice_if_malice or not self.context.malice_suspected)
            for row in found
        )


def on_work(actions: Iterable[Action]) -> Action:
    """The severest of some actions that is about the work; `PUBLISH` where none is."""
    return severest(one for one in actions if one not in ON_ACCOUNT and one is not Action.REVIEW)
