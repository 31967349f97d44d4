import json
from dataclasses import replace

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence import (
    AiEvidence,
    ArtefactId,
    CreatorMatch,
    CreatorVerdict,
    EvidenceKind,
    GeneratorFamily,
    ImageFacts,
    Information,
    Judgement,
    PixelEvidence,
    Provenance,
    SimilarityEvidence,
    Verdict,
    reason,
)
from evidence.document import (
    SCHEMA_FILE,
    dump_judgement,
    json_schema,
    load_judgement,
    similarity_document,
    to_document,
)
from evidence.errors import BadDocument, UnknownSchema
from tests.evidence.building import built

PLAIN = Judgement(
    image=ImageFacts("0" * 64, 640, 480, "png", (reason("first_frame", count=2),)),
    ai=AiEvidence(
        verdict=Verdict.HUMAN,
        probability=0.1,
        evidence=EvidenceKind.INFERRED,
        generator=None,
        family=GeneratorFamily.UNKNOWN,
        pixels=PixelEvidence(
            score=-2.0,
            probability=0.1,
            scored=Verdict.HUMAN,
            verdict=Verdict.HUMAN,
            withheld=(),
            reasons=(reason("pixels_below", share=0.05, n=700, low=0.04, high=0.07),),
            information=Information(0.2, 0.4, too_plain=False),
        ),
        reasons=(reason("pixels_below", share=0.05, n=700, low=0.04, high=0.07),),
    ),
    similarity=None,
    made_by=Provenance("0.1.0", "clip", "int8", ArtefactId("linear", "1" * 64), ("camera",)),
)

judgements = built(Judgement)
# Judgements have some hundred parts.
thorough = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@thorough
@given(judgements)
def test_what_is_written_is_read(judgement: Judgement) -> None:
    whole = to_document(judgement)
    kept = dump_judgement(judgement)
    assert load_judgement(kept) == judgement
    assert load_judgement(json.dumps(whole)) == judgement
    validator = jsonschema.Draft202012Validator(json_schema())
    validator.validate(whole)
    validator.validate(json.loads(kept))
    assert len(kept) <= len(json.dumps(whole))


def test_the_schema_that_ships_is_that_of_the_code() -> None:
    assert json.loads(SCHEMA_FILE.read_text("utf-8")) == json_schema(), (
        "run `python -m evidence.document`; a part that is removed or changes its meaning needs "
        "another version"
    )
    jsonschema.Draft202012Validator.check_schema(json_schema())


def test_the_shape_of_the_services_answers() -> None:
    document = to_document(PLAIN)
    assert set(document) == {"schema", "image", "ai", "similarity", "model"}
    assert document["schema"] == 1
    assert set(document["image"]) == {"sha256", "width", "height", "format", "notes"}
    assert document["image"]["notes"][0]["text"] == "first of 2 frames"
    ai = document["ai"]
    assert {"verdict", "probability", "evidence", "generator", "family", "signals"} <= set(ai)
    assert ai["reasons"][0]["code"] == "pixels_below"
    (pixels,) = ai["signals"]
    assert (pixels["name"], pixels["evidence"], pixels["score"]) == ("pixels", "inferred", -2.0)
    assert {"name", "encoder", "index"} <= set(document["model"])
    assert document["similarity"] is None


def test_a_creator_who_is_not_measured_yet() -> None:
    """A score of minus infinity is no number of JSON."""
    why = reason("style_near", share="share_most", p_value=1.0)
    match = CreatorMatch("Ann", 0.1, -float("inf"), 1.0, CreatorVerdict.NONE, 0, (), why, 1)
    found = SimilarityEvidence((), (match,), "index")
    judgement = replace(PLAIN, similarity=found)
    kept = dump_judgement(judgement)
    json.loads(kept, parse_constant=pytest.fail)
    assert load_judgement(kept) == judgement
    json.dumps(similarity_document(found), allow_nan=False)


def test_what_is_kept_is_small_and_says_nothing_of_what_is_not_there() -> None:
    kept = dump_judgement(PLAIN)
    assert b"null" not in kept
    assert b"[]" not in kept
    assert len(kept) < 1500


@pytest.mark.parametrize("version", [2, 0, "1.0"])
def test_another_version_is_refused(version: object) -> None:
    document = to_document(PLAIN) | {"schema": version, "more": 1}
    with pytest.raises(UnknownSchema, match="schema 1 is read"):
        load_judgement(json.dumps(document))


def test_parts_that_were_added_later_are_passed_over() -> None:
    assert load_judgement(json.dumps(to_document(PLAIN) | {"more": 1})) == PLAIN


@given(st.binary(max_size=100) | st.text(max_size=100))
def test_anything_else_is_no_judgement(data: bytes | str) -> None:
    with pytest.raises(BadDocument):
        load_judgement(data)


@pytest.mark.parametrize(
    "damage",
    [
        lambda document: document.pop("ai"),
        lambda document: document["ai"]["signals"].clear(),
        lambda document: document["ai"]["signals"].append(document["ai"]["signals"][0]),
        lambda document: document["ai"].update(verdict="perhaps"),
        lambda document: document.pop("schema"),
    ],
)
def test_damage_is_told_in_one_line(damage: object) -> None:
    document = to_document(PLAIN)
    damage(document)
    with pytest.raises(BadDocument) as told:
        load_judgement(json.dumps(document))
    assert len(str(told.value).splitlines()) == 1
