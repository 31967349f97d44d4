"""Decisions go through JSON unharmed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelling import Decision
from labelling.document import decision_document, dump_decision, load_decision
from labelling.errors import BadDecision
from tests.evidence.building import built


@given(built(Decision))
def test_a_decision_is_read_as_it_was_written(decision: Decision) -> None:
    assert load_decision(dump_decision(decision)) == decision
    assert load_decision(json.dumps(decision_document(decision))) == decision


@given(built(Decision))
def test_the_document_has_what_the_service_answers(decision: Decision) -> None:
    document = decision_document(decision)
    assert document["policy"] == decision.policy.name
    assert document["policy_sha256"] == decision.policy.sha256
    assert document["action"] == decision.action.value
    assert [one["text"] for one in document["reasons"]] == [one.text for one in decision.reasons]


@given(st.text() | st.binary())
def test_what_is_no_decision_is_told(data: str | bytes) -> None:
    with pytest.raises(BadDecision):
        load_decision(data)
