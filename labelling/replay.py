"""What another policy would have decided: counted while it streams, so that memory stays flat."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from labelling.actions import Action, milder_or_equal
from labelling.decision import Decision

EXAMPLES = 10
"""Uploads that are named for each kind of change."""


@dataclass(frozen=True)
class Replayed:
    """One upload under two policies.

    Attributes:
        item: Names the upload: a decision's id, or a path.
        before: What was decided; None where nothing was.
        after: What would be decided.
    """

    item: str
    before: Decision | None
    after: Decision

    @property
    def actions(self) -> "tuple[Action | None, Action]":
        """What was asked for, and what would be."""
        return None if self.before is None else self.before.action, self.after.action

    @property
    def labels(self) -> tuple[str | None, str | None]:
        """The label before, and after."""
        return None if self.before is None else self.before.label, self.after.label

    @property
    def changed(self) -> bool:
        """Whether label or actions differ."""
        if self.before is None:
            return True
        one, other = self.before, self.after
        return (one.label, one.actions) != (other.label, other.actions)


@dataclass
class Replay:
    """What a policy would change, in figures.

    Attributes:
        decided: Uploads that were decided about.
        changed: Of these, those whose label or actions differ.
        harsher: Those of which more is asked.
        milder: Those of which less is asked.
        transitions: How many went from an action to an action; None where nothing was decided.
        labels: How many went from a label to a label, where these differ.
        rows: How often each row of the new policy led to a change.
        examples: Some uploads of each transition that is a change.
    """

    decided: int = 0
    changed: int = 0
    harsher: int = 0
    milder: int = 0
    transitions: "Counter[tuple[Action | None, Action]]" = field(default_factory=Counter)
    labels: Counter[tuple[str | None, str | None]] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    examples: "dict[tuple[Action | None, Action], list[Replayed]]" = field(default_factory=dict)

    def count(self, replayed: Iterable[Replayed]) -> Iterator[Replayed]:
        """Count a stream, and hand on what changes.

        Args:
            replayed: Uploads in any order; consumed as the result is.
        """
        for one in replayed:
            self.decided += 1
            self.transitions[one.actions] += 1
            if not one.changed:
                continue
            self.changed += 1
            before, after = one.actions
            if before is not after:
                milder = before is not None and milder_or_equal(after, before)
                self.milder += milder
                self.harsher += not milder
            if len(set(one.labels)) > 1:
                self.labels[one.labels] += 1
            self.rows.update(row.row for row in one.after.rows)
            shown = self.examples.setdefault(one.actions, [])
            if len(shown) < EXAMPLES:
                shown.append(one)
            yield one
