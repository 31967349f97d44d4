"""Accounts made of creators whom no head has seen."""

from dataclasses import replace

import numpy as np
import pytest

from labelling.account.innocent import InnocentAccounts, Measured
from models import Features
from similarity.artefact import Heads
from similarity.styles.open_set import Cohort
from similarity.vectors.base import unit
from tests.training.creators import people
from training.data.manifest import Row
from training.similarity.accounts import (
    Account,
    deal_accounts,
    deal_by_ai,
    deal_unseen,
    innocent_accounts,
    naming,
    some_works,
)
from training.similarity.style_fit import StyleRecipe
from training.similarity.trials import TrainingSet

CREATORS, EACH, WIDTH = 36, 8, 30
RECIPE = StyleRecipe({"class_tokens": 1.0}, components=40, shrinkage=0.01, length=24)


def row(n, creator=None, artist=None):
    label = "human" if creator else "ai"
    return Row(n, str(n), None, label, creator=creator, prompted_artist=artist)  # type: ignore[arg-type]


def features(values):
    rows = values.astype(np.float32)
    nothing = np.zeros((len(rows), 1, 2), np.float32)
    return Features(unit(rows[:, :10]), rows.reshape(-1, 3, 10), nothing, nothing, encoder="fake")


@pytest.fixture(scope="module")
def accounts():
    rng = np.random.default_rng(0)
    authors = rng.normal(size=(CREATORS, WIDTH)) * np.where(np.arange(WIDTH) < 10, 2.0, 0.0)
    of = np.repeat(np.arange(CREATORS), EACH)

    def draw(which):
        return authors[which] + rng.normal(size=(len(which), WIDTH)) * 0.5

    names = [f"c{n:02}" for n in range(CREATORS)]
    works = TrainingSet(tuple(row(n, names[c]) for n, c in enumerate(of)), (features(draw(of)),))
    imitated = np.repeat(np.arange(CREATORS), 3)
    imitations = TrainingSet(
        tuple(row(1000 + n, artist=names[c]) for n, c in enumerate(imitated)),
        (features(draw(imitated)),),
    )
    return tuple(deal_accounts(works, imitations, RECIPE, [0]))


def test_everybody_is_a_stranger_once_and_enrolled_once(accounts):
    strangers = [one.person for one in accounts if one.imitates is None]
    enrolled = [one.person for one in accounts if one.imitates == one.person]
    assert sorted(strangers) == sorted(enrolled) == [f"c{n:02}" for n in range(CREATORS)]
    for one in accounts:
        assert one.p_values.shape[1] == len(one.creators)
        assert (one.imitates is None) == (one.person not in one.creators) or "AI" in one.person
        assert ((one.p_values > 0) & (one.p_values <= 1)).all()
        assert ((one.p_values < 1).sum(axis=1) <= 5).all()


def test_clear_hands_are_named_and_strangers_seldom(accounts):
    innocent = innocent_accounts(accounts, {}, sizes=(3,))
    assert innocent.measured[3].accounts == CREATORS
    own = [naming(one, innocent, 3, 0.05) for one in accounts if one.imitates == one.person]
    by_ai = [naming(one, innocent, 3, 0.05) for one in accounts if "AI" in one.person]
    others = [naming(one, innocent, 3, 0.05) for one in accounts if one.imitates is None]
    assert np.mean([one.right for one in own]) > 0.8
    assert np.mean([one.right for one in by_ai]) > 0.8
    assert np.mean([one.anybody for one in others]) <= 0.05
    assert all(one.right == 0 for one in others)


def test_innocent_accounts_are_measured_however_few_of_their_works_are_near():
    """Of three works hardly ever all are near: else three would bound twelve wrongly."""
    some_near = Account("ann", np.array([[0.01], [0.02], [1.0]]), ("bob",))
    measured = innocent_accounts([some_near], {}, sizes=(3,)).measured[3]
    assert measured.nats == (round(-np.log(0.01 * 0.02) / 3, 4),)
    # And yet nobody is named whose works are near so seldom.
    nobody = innocent_accounts([Account("cy", np.ones((3, 1)), ("bob",))], {}, sizes=(3,))
    assert naming(some_near, nobody, 3, 0.6).anybody == 0
    all_near = Account("dan", np.full((3, 1), 0.01), ("bob",), imitates="bob")
    assert naming(all_near, nobody, 3, 0.6).right == 1


def test_accounts_of_pictures_by_ais_are_those_of_sources_and_held_to_other_sources():
    rng = np.random.default_rng(3)
    authors = rng.normal(size=(CREATORS, WIDTH)) * np.where(np.arange(WIDTH) < 10, 2.0, 0.0)
    names = [f"c{n:02}" for n in range(CREATORS)]

    def drawn(hands):
        return features(hands + rng.normal(size=hands.shape) * 0.5)

    of = np.repeat(np.arange(CREATORS), EACH)
    works = TrainingSet(tuple(row(n, names[c]) for n, c in enumerate(of)), (drawn(authors[of]),))
    rows, hands = [], []
    for source in range(20):
        # Of each source six pictures after one creator, and more that are after nobody.
        for n in range(24):
            artist = names[source] if n < 6 else ""
            rows.append(replace(row(1000 + len(rows), artist=artist), source=f"s{source:02}"))
            hands.append(authors[source] if artist else rng.normal(size=WIDTH) * 2)
    by_ai = TrainingSet(tuple(rows), (drawn(np.array(hands)),))
    found = list(deal_by_ai(works, by_ai, RECIPE, [0]))
    imitators = [one for one in found if one.imitates is not None]
    assert sorted(one.imitates for one in imitators) == names[:20], "each is not seen once"
    assert all(one.person == f"s{names.index(one.imitates):02}" for one in imitators)
    others = [one for one in found if one.imitates is None]
    assert len(found) == 3 * 2 * 20, "in each deal all are asked about"
    innocent = innocent_accounts(others, {}, sizes=(5,))
    assert innocent.measured[5].accounts == 20, "a source counts once"
    assert np.mean([naming(one, innocent, 5, 0.05).right for one in imitators]) > 0.6
    assert np.mean([naming(one, innocent, 5, 0.05).anybody for one in others]) <= 0.05


def test_heads_that_are_given_answer_about_creators_whom_they_have_not_seen():
    vectors, names = people(12)
    rows = tuple(row(n, name) for n, name in enumerate(names))
    others, _ = people(60, 4, 0.3)
    empty = np.zeros((len(rows), 1, 1), np.float32)
    works = TrainingSet(rows, (Features(vectors, empty, empty, empty, encoder="fake"),))
    heads = Heads(lambda seen: seen.embedding, None, Cohort(others, np.repeat(np.arange(60), 4)))  # type: ignore[arg-type]
    found = list(deal_unseen(works, heads, [0, 1]))
    for imitates in (lambda one: one.imitates, lambda one: one.imitates is None):
        assert sorted(one.person for one in found if imitates(one)) == sorted([*set(names)] * 2)


def test_naming_counts_the_right_creator_alone():
    innocent = InnocentAccounts(3, {3: Measured(99, (0.5,) * 99)}, {})
    p_values = np.ones((3, 2))
    p_values[:, 1] = 0.01
    account = Account("x", p_values, ("a", "b"), "a")
    found = naming(account, innocent, 3, 0.05)
    assert (found.right, found.anybody) == (0, 1)
    assert naming(Account("x", p_values, ("b", "a"), "a"), innocent, 3, 0.05).right == 1


def test_creators_with_too_few_works_are_left_out_and_of_many_some_are_taken():
    rows = [row(n, "few") for n in range(3)] + [row(10 + n, "many") for n in range(50)]
    assert [one.creator for one in some_works([*rows, row(99)])] == ["many"] * 32
