"""The one function from evidence to a decision: pure, and total.

    judgement, context, history -> account signals -> facts -> rows that hold -> decision

All rows in force that hold count, but those that yield to others that do; the severest of their
actions is the decision's. Two things stand above every policy: what only inference supports never
leads to an irrevocable action (a moderator is asked instead), and what is not known never makes a
decision harsher.
"""

from dataclasses import dataclass

from evidence import Judgement, Reason, reason
from labelling.account.find import account_signals
from labelling.actions import IRREVOCABLE, ON_ACCOUNT, Action, mildest_first, severest
from labelling.conditions import RowOutcome, examine
from labelling.context import Context
from labelling.decision import Decided, Decision
from labelling.facts import Facts, facts
from labelling.history import History
from labelling.policy.document import Policy, Row
from labelling.policy.resolved import ResolvedPolicy


@dataclass(frozen=True)
class Examined:
    """A row that is in force.

    Attributes:
        document: Where it stands.
        row: The row.
        outcome: What became of its conditions.
    """

    document: Policy
    row: Row
    outcome: RowOutcome


def decide(
    judgement: Judgement, context: Context, history: History | None, policy: ResolvedPolicy
) -> Decision:
    """Decide about an upload.

    Args:
        judgement: What is said of the image.
        context: What its platform says of it.
        history: Of its account, up to the upload; None where it is not known, and then nothing
            that asks for it holds.
        policy: With all that it inherits.
    """
    return decide_on(judgement, find(judgement, context, history, policy), policy)


def decide_on(judgement: Judgement, found: Facts, policy: ResolvedPolicy) -> Decision:
    """Decide on what was found about an upload; see `find`.

    Args:
        judgement: What is said of the image.
        found: What conditions ask about, found in it, its context and its account's history.
        policy: With all that it inherits.
    """
    examined = examine_rows(found, policy, whole=False)
    holding = [one for one in examined if one.outcome.holding]
    unknown = [one for one in examined if one.outcome.unknown]
    # What was withheld of a row leaves those that would yield to it in their place.
    whole = {held.row.id for held in holding if not _decided(held.row, held.outcome).capped}
    holding = [held for held in holding if not whole & set(held.row.yields_to)]
    rows = tuple(_decided(held.row, held.outcome) for held in holding)
    actions = mildest_first(action for row in rows for action in row.actions)
    labels = [row.label for row in rows if Action.LABEL in row.actions]
    return Decision(
        # Of several, that of the most specific document, and of its last row.
        label=labels[-1] if labels else None,
        action=severest(action for action in actions if action not in ON_ACCOUNT),
        actions=actions or (Action.PUBLISH,),
        rows=rows,
        reasons=(
            *(Reason(f"{held.document.name}:{held.row.id}", held.row.rule.en) for held in holding),
            *_evidence(judgement, holding, found),
            *_notes(rows, unknown, policy),
        ),
        signals=found.signals or (),
        policy=policy.id,
        acts=policy.acts,
        at=found.context.at,
    )


def examine_rows(
    found: Facts, policy: ResolvedPolicy, *, whole: bool = True
) -> tuple[Examined, ...]:
    """Hold every row that is in force against what was found, in the order of the documents.

    Args:
        found: About an upload.
        policy: With all that it inherits.
        whole: As in `labelling.conditions.examine`.
    """
    return tuple(
        Examined(document, row, examine(row, found, whole=whole))
        for document, row in policy.rows_in_force(found.context)
    )


def find(
    judgement: Judgement, context: Context, history: History | None, policy: ResolvedPolicy
) -> Facts:
    """What a policy's conditions ask about, found about an upload; see `decide`."""
    signals = (
        None if history is None else account_signals(judgement, context, history, policy.signals)
    )
    return facts(judgement, context, history, signals)


def _decided(row: Row, outcome: RowOutcome) -> Decided:
    asked = mildest_first(row.actions)
    capped = tuple(action for action in asked if action in IRREVOCABLE)
    if not capped or any(case.objective for case in outcome.holding):
        return Decided(row.id, asked, (), row.on_confirmation, row.label)
    left = tuple(action for action in asked if action not in IRREVOCABLE)
    # What was withheld is what a moderator's confirmation leads to.
    after = mildest_first((*row.on_confirmation, *capped))
    return Decided(row.id, mildest_first((*left, Action.REVIEW)), capped, after, row.label)


def _evidence(judgement: Judgement, holding: list[Examined], found: Facts) -> tuple[Reason, ...]:
    """The evidence that the rows rest on, in words."""
    cases = [case for held in holding for case in held.outcome.holding]
    names = {leaf.name for case in cases for leaf in case.leaves}
    said: list[Reason] = []
    if names & _ABOUT_MAKING:
        said += judgement.ai.reasons
    if found.near is not None and "copy_of_work" in names:
        said += [one.reason for one in found.near.copies]
    if found.near is not None and "style" in names:
        said += [one.reason for one in found.near.creators if one.verdict is found.style]
    if found.near is not None and "stated_artist" in names:
        said += [one.reason for one in found.near.prompted]
    asked_for = {name for held in holding for case in held.row.when for name in case.account or ()}
    said += [one.reason for one in found.signals or () if one.name in asked_for]
    return tuple(dict.fromkeys(said))


_ABOUT_MAKING = {"ai", "human", "edited", "photo", "plain", "codes", "stated_artist"}


def _notes(
    rows: tuple[Decided, ...], unknown: list[Examined], policy: ResolvedPolicy
) -> tuple[Reason, ...]:
    """What stands above the policy, and what was not known."""
    notes = []
    if any(row.capped for row in rows):
        notes.append(reason("capped_to_review"))
    undeclared = [one.row.id for one in unknown if "declared" in one.outcome.unknown_conditions]
    others = [one.row.id for one in unknown if one.outcome.unknown_conditions - {"declared"}]
    for code, left_out in (("declaration_missing", undeclared), ("history_missing", others)):
        if left_out:
            notes.append(reason(code, rules=", ".join(left_out)))
    if not policy.acts:
        notes.append(reason("policy_in_shadow"))
    return tuple(notes)
