from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.labels.claims import claim
from training.errors import AutomaticLabel, LabelsError
from training.labels.claim import Claim, Origin
from training.labels.resolve import resolve

CLAIMS = st.lists(
    st.builds(
        claim,
        image=st.sampled_from("xyz"),
        label=st.sampled_from(["ai", "human"]),
        by=st.sampled_from(["mia", "noa", "sol"]),
        origin=st.sampled_from(Origin),
        certainty=st.sampled_from([0.25, 0.5, 1.0]),
        day=st.integers(0, 9),
    ),
    max_size=12,
)


def test_a_model_s_own_answer_is_never_a_label() -> None:
    with pytest.raises(AutomaticLabel, match="Rakkan's own answer"):
        claim("x", by="rakkan")
    assert "automatic" not in {one.value for one in Origin}


@pytest.mark.parametrize("certainty", [0, -1, 1.01, float("nan")])
def test_a_certainty_is_a_part_of_one(certainty: float) -> None:
    with pytest.raises(LabelsError):
        claim("x", certainty=certainty)


def test_an_appeal_that_was_won_is_heard_before_all_others() -> None:
    found = resolve(
        [
            claim("x", "human", by="uploader", origin=Origin.DECLARATION),
            *(claim("x", "ai", by=name) for name in ("mia", "noa", "sol")),
            claim("x", "human", by="eve", origin=Origin.APPEAL, certainty=0.5),
        ]
    )
    (one,) = found.labels
    assert (one.label.label, one.label.certainty, one.label.origin) == ("human", 0.5, "appeal")
    assert not found.disagreements


def test_the_last_word_of_each_person_counts() -> None:
    (one,) = resolve([claim("x", "ai", day=1), claim("x", "human", day=2)]).labels
    assert one.label.label == "human"
    assert len(one.heard) == 1


def test_who_is_contradicted_is_less_sure() -> None:
    found = resolve(
        [claim("x", "ai"), claim("x", "ai", "noa"), claim("x", "human", "sol", certainty=0.5)]
    )
    (one,) = found.labels
    assert one.label.label == "ai"
    assert one.label.certainty == pytest.approx(2 / 2.5)
    (disagreement,) = found.disagreements
    assert disagreement.label == "ai"
    assert "sol (moderator) says human" in disagreement.sentence


def test_an_even_disagreement_leaves_no_label() -> None:
    found = resolve([claim("x", "ai"), claim("x", "human", "noa"), claim("y")])
    assert [one.label.sha256 for one in found.labels] == [claim("y").sha256]
    assert [one.label for one in found.disagreements] == [None]


def test_facts_are_gathered_from_all_claims() -> None:
    (one,) = resolve(
        [
            claim("x", by="uploader", origin=Origin.DECLARATION, path="a.png", generator="old"),
            claim("x", by="noa", day=1, generator="new"),
            claim("x", kind="photo"),
        ]
    ).labels
    assert one.label.facts == {"generator": "new", "kind": "photo"}
    assert one.label.path == "a.png"


def by_hand(claims: list[Claim]) -> dict[str, tuple[str, float]]:
    """The rule said a second time, the slow way."""
    found = {}
    for digest in {one.sha256 for one in claims}:
        mine = [one for one in claims if one.sha256 == digest]
        rank = min(one.origin.rank for one in mine)
        mine = [one for one in mine if one.origin.rank == rank]
        newest = [
            max((one for one in mine if one.by == name), key=lambda one: one.at)
            for name in {one.by for one in mine}
        ]
        votes = {
            label: [one.certainty for one in newest if one.label == label]
            for label in ("ai", "human")
        }
        ai, human = sum(votes["ai"]), sum(votes["human"])
        if ai != human:
            best = "ai" if ai > human else "human"
            found[digest] = best, max(votes[best]) * max(ai, human) / (ai + human)
    return found


def unambiguous(claims: list[Claim]) -> list[Claim]:
    """Nobody says two things of an image at the same time."""
    return list({(one.sha256, one.by, one.at): one for one in claims}.values())


@given(CLAIMS, st.randoms(use_true_random=False))
def test_the_rule_holds_whatever_the_order(claims: list[Claim], random: Random) -> None:
    claims = unambiguous(claims)
    found = resolve(claims)
    assert {
        one.label.sha256: (one.label.label, pytest.approx(one.label.certainty))
        for one in found.labels
    } == by_hand(claims)
    random.shuffle(claims)
    assert resolve(claims) == found
