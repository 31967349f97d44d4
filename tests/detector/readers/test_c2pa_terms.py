"""Every term of C2PA's lists has the consequence that the table gives it; others leave it open."""

import re

import c2pa
import pytest

from detector.readers.c2pa import signal_of
from detector.readers.c2pa_history import history
from detector.readers.c2pa_terms import (
    ACTION_FIELDS,
    ACTIONS,
    ASSERTIONS,
    BROKEN,
    GENERATIVE_LABELS,
    PARAMETERS,
    RELATIONSHIPS,
    RESULTS,
    Action,
    Assertion,
    Relationship,
    Result,
    failed,
)
from detector.vocabularies import SOURCE_TYPES, source_type
from evidence.signals import Claim, EvidenceKind

CV = "http://cv.iptc.org/newscodes/digitalsourcetype/"
TAKEN = {"action": "c2pa.created", "digitalSourceType": CV + "digitalCapture"}
MADE = {"action": "c2pa.created", "digitalSourceType": CV + "trainedAlgorithmicMedia"}


def manifest(*actions, assertions=(), ingredients=(), **data):
    listed = {"label": "c2pa.actions.v2", "data": {"actions": list(actions), **data}}
    return {"assertions": [listed, *assertions], "ingredients": list(ingredients)}


def store(active, failure=(), informational=(), **others):
    results = {
        "success": [{"code": "claimSignature.validated"}],
        "failure": [{"code": code} for code in failure],
        "informational": [{"code": code} for code in informational],
    }
    return {
        "active_manifest": "active",
        "manifests": {"active": active, **others},
        "validation_state": "Invalid" if failure else "Trusted",
        "validation_results": {"activeManifest": results},
    }


def claim(*actions, **more):
    return history(store(manifest(*actions, **more))).claim


def test_a_capture_alone_is_proven():
    found = signal_of(store(manifest(TAKEN)), trust_list=True)
    assert (found.kind, found.claim) == (EvidenceKind.PROVEN, Claim.HUMAN_MADE)


@pytest.mark.parametrize("name", [*ACTIONS, "c2pa.reimagined", "com.example.magic", ""])
def test_actions(name):
    expected = {
        Action.CREATED: Claim.HUMAN_MADE,  # a second one: the first has said it
        Action.OPENED: Claim.HUMAN_MADE,
        Action.EDITED: Claim.HUMAN_MADE,
        Action.KEPT: Claim.HUMAN_MADE,
        Action.UNKNOWN: Claim.UNCLEAR,
    }[ACTIONS.get(name, Action.UNKNOWN)]
    assert claim(TAKEN, {"action": name}) is expected
    by_ai = {"action": name, "digitalSourceType": CV + "compositeWithTrainedAlgorithmicMedia"}
    if name != "c2pa.created":
        assert claim(TAKEN, by_ai) is Claim.AI_EDITED
        assert claim(MADE, {"action": name}) is Claim.AI_MADE


@pytest.mark.parametrize("code", [*SOURCE_TYPES, "dreamt"])
def test_source_types_of_an_edit(code):
    term = source_type(CV + code)
    expected = {
        None: Claim.UNCLEAR,
        Claim.NOTED: Claim.UNCLEAR,
        Claim.AI_MADE: Claim.AI_EDITED,
    }
    told = term.claim if term else None
    edit = {"action": "c2pa.edited", "digitalSourceType": CV + code}
    assert claim(TAKEN, edit) is expected.get(told, told)


@pytest.mark.parametrize("member", c2pa.C2paDigitalSourceType)
def test_the_library_knows_no_source_type_that_is_not_known_here(member):
    assert source_type(CV + member.name.replace("_", "").lower()) is not None


@pytest.mark.parametrize("name", [*RELATIONSHIPS, "cousinOf"])
def test_relationships(name):
    of_ai = {"relationship": name, "active_manifest": "other"}
    found = history(
        store(manifest({"action": "c2pa.edited"}, ingredients=[of_ai]), other=manifest(MADE))
    )
    beside_a_capture = history(
        store(manifest(TAKEN, ingredients=[of_ai]), other=manifest(MADE))
    ).claim
    expected = {
        Relationship.PARENT: (Claim.AI_MADE, Claim.AI_MADE),
        Relationship.COMPONENT: (Claim.AI_EDITED, Claim.AI_EDITED),
        Relationship.INPUT: (Claim.NOTED, Claim.HUMAN_MADE),
        None: (Claim.NOTED, Claim.UNCLEAR),
    }[RELATIONSHIPS.get(name)]
    assert (found.claim, beside_a_capture) == expected


@pytest.mark.parametrize("label", [*ASSERTIONS, "com.example.note", ""])
def test_assertions(label):
    known = ASSERTIONS.get(label, Assertion.ELSEWHERE) is not Assertion.ELSEWHERE
    found = claim(TAKEN, assertions=[{"label": label, "data": {}}])
    assert found is (Claim.HUMAN_MADE if known else Claim.UNCLEAR)
    by_ai = {"label": label, "data": {"Iptc4xmpExt:DigitalSourceType": MADE["digitalSourceType"]}}
    if ASSERTIONS.get(label) is Assertion.METADATA:
        assert claim(TAKEN, assertions=[by_ai]) is Claim.AI_EDITED
        assert claim(assertions=[by_ai]) is Claim.AI_MADE


@pytest.mark.parametrize("word", GENERATIVE_LABELS)
def test_assertions_of_generators(word):
    assert claim(TAKEN, assertions=[{"label": f"com.example.{word}.v1"}]) is Claim.AI_EDITED


@pytest.mark.parametrize("code", [*RESULTS, "com.example.odd", "assertion.new.mismatch"])
def test_results_of_failed_checks(code):
    result = failed(code)
    taken = signal_of(store(manifest(TAKEN), failure=[code]), trust_list=True)
    made = signal_of(store(manifest(MADE), failure=[code]), trust_list=True)
    assert taken.kind is EvidenceKind.STATED
    assert (made.kind, made.claim) == (EvidenceKind.STATED, Claim.AI_MADE)
    assert (taken.code == "c2pa_broken") == (result in BROKEN)
    if result in BROKEN:
        fit = "does not fit" if result is Result.SIGNATURE else "changed after signing"
        assert fit in taken.text
    else:
        standing = dict(taken.reason.values)["standing"]
        assert standing == f"c2pa_{_words(result)}"


def _words(result: Result) -> str:
    return {Result.FORM: "malformed"}.get(result, result.name.lower())


@pytest.mark.parametrize("code", [*RESULTS, "com.example.odd"])
def test_remarks_of_validation(code):
    found = history(store(manifest(TAKEN), informational=[code]))
    left_open = RESULTS.get(code, Result.OPEN) is Result.OPEN
    assert found.claim is (Claim.UNCLEAR if left_open else Claim.HUMAN_MADE)
    assert history(store(manifest(MADE), informational=[code])).claim is Claim.AI_MADE


def test_fields_and_parameters():
    edit = {"action": "c2pa.edited"}
    for field in ACTION_FIELDS - {"action", "digitalSourceType"}:
        assert claim(TAKEN, edit | {field: []}) is Claim.HUMAN_MADE
    for name in PARAMETERS - {"com.adobe.digitalSourceType"}:
        assert claim(TAKEN, edit | {"parameters": {name: []}}) is Claim.HUMAN_MADE
    assert claim(TAKEN, edit | {"dream": True}) is Claim.UNCLEAR
    assert claim(TAKEN, edit | {"parameters": {"com.example.model": "m"}}) is Claim.UNCLEAR
    template = {"action": "c2pa.edited", "templateParameters": {"com.example.model": "m"}}
    assert claim(TAKEN, edit, templates=[template]) is Claim.UNCLEAR


def test_related_actions_count():
    filled = {"action": "c2pa.edited", "softwareAgent": "Adobe Firefly"}
    deep = {"action": "c2pa.cropped", "related": [{"action": "c2pa.edited", "related": [filled]}]}
    assert claim(TAKEN, deep) is Claim.AI_EDITED


@pytest.mark.parametrize(
    "doubt",
    [
        {"allActionsIncluded": False},
        {"metadata": {"reviewRatings": [{"value": 1, "code": "actions.possiblyMissing"}]}},
    ],
)
def test_a_list_that_lacks_actions_proves_nothing(doubt):
    assert claim(TAKEN, **doubt) is Claim.UNCLEAR
    assert claim(MADE, **doubt) is Claim.AI_MADE
    assert claim(TAKEN, allActionsIncluded=True) is Claim.HUMAN_MADE


def test_codes_are_told_once_and_by_their_form():
    assert all(re.fullmatch(r"[a-zA-Z]+(\.[a-zA-Z-]+)+", code) for code in RESULTS)
    assert set(Result) == {*RESULTS.values()}
