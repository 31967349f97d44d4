"""What stands above every policy."""

from datetime import UTC, datetime

from hypothesis import given

from evidence import Judgement
from labelling import Action, Context, History, decide
from labelling.actions import IRREVOCABLE
from tests.evidence.building import built
from tests.labelling.making import policy

WHEN = datetime(2026, 11, 28, 12, tzinfo=UTC)


@given(built(Judgement))
def test_inference_alone_never_leads_to_what_cannot_be_undone(judgement: Judgement) -> None:
    everything = [action for action in Action if action is not Action.PUBLISH]
    strict = policy({"when": [{"ai": {"at_least": "suspected"}}], "actions": everything})
    decided = decide(judgement, Context(service="comics", at=WHEN), None, strict)
    if judgement.ai.evidence == "inferred":
        assert not IRREVOCABLE & set(decided.actions)


@given(built(Judgement))
def test_without_rows_everything_is_published(judgement: Judgement) -> None:
    context = Context(service="comics", at=WHEN, account="ann")
    decided = decide(judgement, context, History("ann", WHEN, WHEN), policy())
    assert decided.action is Action.PUBLISH
    assert decided.actions == (Action.PUBLISH,)
    assert decided.label is None
