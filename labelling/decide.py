"""The one function from evidence to a decision: pure, and total.

    judgement, context, history -> account signals -> facts -> rows that hold -> decision

All rows in force that hold count, and the severest of their actions is the decision's. Two things
stand above every policy: what only inference supports never leads to an irrevocable action (a
moderator is asked instead), and what is not known never makes a decision harsher.
"""

from evidence import Judgement, Reason, reason
from labelling.account import account_signals
from labelling.account.signals import AccountSignal
from labelling.actions import IRREVOCABLE, ON_ACCOUNT, Action, mildest_first, severest
from labelling.conditions import Leaf, RowOutcome, examine
from labelling.context import Context
from labelling.decision import Decided, Decision
from labelling.facts import Facts, facts
from labelling.history import History
from labelling.policy.document import Policy, Row
from labelling.policy.resolved import ResolvedPolicy


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
    found = find(judgement, context, history, policy)
    holding: list[tuple[Policy, Row, RowOutcome]] = []
    unknown: list[Row] = []
    for document, row in policy.rows_in_force(context.at):
        outcome = examine(row, found)
        if outcome.holding:
            holding.append((document, row, outcome))
        elif outcome.unknown:
            unknown.append(row)
    rows = tuple(_decided(row, outcome) for _, row, outcome in holding)
    actions = mildest_first(action for row in rows for action in row.actions)
    return Decision(
        label=next((row.label for _, row, _ in reversed(holding) if row.label), None),
        action=severest(action for action in actions if action not in ON_ACCOUNT),
        actions=actions or (Action.PUBLISH,),
        rows=rows,
        reasons=(
            *(Reason(f"{document.name}:{row.id}", row.rule.en) for document, row, _ in holding),
            *_evidence(judgement, holding, found.signals),
            *_notes(rows, unknown, policy),
        ),
        signals=found.signals or (),
        policy=policy.id,
        acts=policy.acts,
        at=context.at,
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
    if any(case.objective for case in outcome.holding):
        return Decided(row.id, asked, (), row.on_confirmation)
    capped = tuple(action for action in asked if action in IRREVOCABLE)
    left = tuple(action for action in asked if action not in IRREVOCABLE)
    if not capped:
        return Decided(row.id, asked, (), row.on_confirmation)
    # What was withheld is what a moderator's confirmation leads to.
    after = mildest_first((*row.on_confirmation, *capped))
    return Decided(row.id, mildest_first((*left, Action.REVIEW)), capped, after)


def _evidence(
    judgement: Judgement,
    holding: list[tuple[Policy, Row, RowOutcome]],
    signals: tuple[AccountSignal, ...] | None,
) -> tuple[Reason, ...]:
    """The evidence that the rows rest on, in words."""
    names = {leaf.name for leaf in _leaves(holding)}
    said: list[Reason] = []
    if names & _ABOUT_MAKING:
        said += judgement.ai.reasons
    near = judgement.similarity
    if near is not None and "copy_of_work" in names:
        said += [one.reason for one in near.copies]
    if near is not None and "style" in names:
        said += [one.reason for one in near.creators[:1]]
    if signals and "account" in names:
        said += [one.reason for one in signals]
    return tuple(dict.fromkeys(said))


_ABOUT_MAKING = {"ai", "human", "edited", "photo", "plain", "codes"}


def _leaves(holding: list[tuple[Policy, Row, RowOutcome]]) -> list[Leaf]:
    return [leaf for _, _, outcome in holding for case in outcome.holding for leaf in case.leaves]


def _notes(
    rows: tuple[Decided, ...], unknown: list[Row], policy: ResolvedPolicy
) -> tuple[Reason, ...]:
    """What stands above the policy, and what was not known."""
    notes = []
    if any(row.capped for row in rows):
        notes.append(reason("capped_to_review"))
    if unknown:
        notes.append(reason("history_missing", rules=", ".join(row.id for row in unknown)))
    if not policy.acts:
        notes.append(reason("policy_in_shadow"))
    return tuple(notes)
