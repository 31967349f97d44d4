"""What is not looked at changes nothing."""

from hypothesis import given
from hypothesis import strategies as st

from evidence import Judgement
from labelling import Context, History, ResolvedPolicy
from labelling.conditions import examine
from labelling.decide import find
from labelling.policy.library import PolicyLibrary, open_policy
from tests.labelling.building import NOW, contexts, judgements

shipped = st.sampled_from([open_policy(name) for name in PolicyLibrary()])


@given(judgements, contexts, shipped)
def test_a_decision_needs_nothing_behind_what_does_not_hold(
    upload: Judgement, context: Context, rules: ResolvedPolicy
) -> None:
    for history in (None, History(context.account or "ann", NOW, NOW)):
        found = find(upload, context, history, rules)
        for _, row in rules.rows_in_force(context):
            whole, quick = examine(row, found), examine(row, found, whole=False)
            assert quick.holding == whole.holding
            assert (quick.exempt, quick.unknown) == (whole.exempt, whole.unknown)
            assert quick.unknown_conditions == whole.unknown_conditions
