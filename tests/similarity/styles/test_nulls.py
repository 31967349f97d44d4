"""Null scores follow from the content of an index alone."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from similarity.styles.boundary import Background
from similarity.styles.imitation import imitation, reached
from similarity.styles.likeness import Body
from similarity.styles.nulls import null_scores, pack_nulls, unpack_nulls
from similarity.styles.open_set import ENROLLED, Cohort, Null, acceptance, measure
from tests.similarity import fakes
from tests.similarity.fakes import IDENTITY, MemoryGallery, consent, new_work, unit

WIDTH = IDENTITY.style


def vectors(seed, count, spread=0.3):
    """Works of one person."""
    random = np.random.default_rng(seed)
    middle = np.random.default_rng(seed // 100).normal(size=WIDTH)
    return unit(middle + spread * random.normal(size=(count, WIDTH)))


@pytest.fixture(scope="module")
def cohort():
    styles = np.concatenate([vectors(50_000 + 100 * i, 4) for i in range(60)])
    people = np.repeat(np.arange(60), 4)
    return Cohort(styles, np.where(people < 50, people, -1))


def work(name, seed):
    new = new_work(name)
    return replace(new, description=replace(new.description, style=vectors(seed, 1)[0]))


def nulls_of(gallery, cohort):
    state = gallery.state()
    return null_scores(state, {one.name: one for one in state.creators()}, cohort)


def make(cohort):
    return MemoryGallery(measure=lambda styles: measure(styles, cohort))


@given(st.permutations(range(12)), st.permutations(range(4)))
@settings(max_examples=15, deadline=None)
def test_the_order_of_enrolment_changes_nothing(cohort, order, gone):
    straight, other = make(cohort), make(cohort)
    for number in range(12):
        one = str(number % 4)
        fakes.enrol(straight, one, consent(), [work(str(number), 100 * (number % 4) + number)])
    for number in gone:
        fakes.enrol(other, f"gone {number}", consent(), [work(f"g{number}", 900 + number)])
    for number in order:
        one = str(number % 4)
        fakes.enrol(other, one, consent(), [work(str(number), 100 * (number % 4) + number)])
    for number in gone:
        other.withdraw(f"gone {number}")
    assert straight.state().name == other.state().name
    wanted, found = nulls_of(straight, cohort), nulls_of(other, cohort)
    np.testing.assert_array_equal(wanted.strangers.scores, found.strangers.scores)
    np.testing.assert_array_equal(wanted.enrolled.scores, found.enrolled.scores)
    np.testing.assert_array_equal(wanted.by_ai.scores, found.by_ai.scores)


def test_they_are_what_comparing_each_with_each_gives(cohort):
    gallery = make(cohort)
    for number in range(6):
        mine = [work(f"{number}.{each}", 100 * number + each) for each in range(1 + number % 3)]
        fakes.enrol(
            gallery, str(number), consent(), mine, collaborators=["1"] if number == 4 else []
        )
    friends_of = {"4": {"1"}, "1": {"4"}}
    creators = {one.name: one for one in gallery.state().creators()}
    works = {name: gallery.state().styles(name).vectors for name in creators}

    people, names = cohort.people >= 0, [name for name, mine in works.items() for _ in mine]
    numbers = {name: 50 + i for i, name in enumerate(sorted(works))}
    background = Background(
        np.concatenate([cohort.styles[people], *(works[name] for name in sorted(works))]),
        np.concatenate([cohort.people[people], [numbers[name] for name in sorted(names)]]),
    )

    def side(query, name, maker):
        """By a boundary that others of the maker's half have no part in."""
        friends = [numbers[one] for one in friends_of.get(name, ())] + [numbers[name]]
        halves = background.halves(Body(works[name]), friends)
        return halves[1 - maker % 2](query[None])[0]

    def best(query, near, left_out, maker):
        raw = {
            name: float(Body(mine).likeness(query[None])[0])
            for name, mine in works.items()
            if name not in left_out
        }
        nearest = max(raw, key=lambda name: raw[name])
        others = [raw[name] for name in raw if name != nearest and {name, nearest} != {"1", "4"}]
        standing = creators[nearest].standing
        lead = max(others, default=-np.inf)
        inside = side(query, nearest, maker)
        return float(acceptance(raw[nearest], standing, near, lead, inside))

    def imitated(query):
        likes = {name: Body(mine).likeness(query[None])[0] for name, mine in works.items()}
        nearest = max(likes, key=likes.get)
        friends = [numbers[one] for one in friends_of.get(nearest, ())] + [numbers[nearest]]
        inside = background.boundary(Body(works[nearest]), friends)(query[None])[0]
        by_ai = reached(Body(works[nearest]), cohort.styles[~people])
        return float(imitation(likes[nearest], by_ai, inside))

    def of(some):
        styles, makers = cohort.styles[some], cohort.people[some]
        near = cohort.density(styles, makers)
        asked = zip(styles, near, makers, strict=True)
        return sorted(best(query, one, set(), maker) for query, one, maker in asked)

    enrolled = [
        best(
            query,
            float(cohort.density(query[None])[0]),
            {name} | friends_of.get(name, set()),
            numbers[name],
        )
        for name, mine in works.items()
        for query in mine
    ]
    found = nulls_of(gallery, cohort)
    np.testing.assert_allclose(found.strangers.scores, of(cohort.people >= 0), atol=1e-4)
    by_ai = sorted(imitated(query) for query in cohort.styles[~people])
    np.testing.assert_allclose(found.by_ai.scores, by_ai, atol=1e-4)
    np.testing.assert_allclose(found.enrolled.scores, sorted(enrolled), atol=1e-4)


def test_people_of_the_cohort_who_are_enrolled_are_no_strangers(cohort):
    gallery = make(cohort)
    new = new_work("1")
    theirs = replace(new, description=replace(new.description, style=cohort.styles[8]))
    fakes.enrol(gallery, "a", consent(), [theirs])
    assert len(nulls_of(gallery, cohort).strangers.scores) == 50 * 4 - 4


def test_works_enrolled_under_a_second_name_change_nothing_for_others(cohort):
    """Whoever reposts somebody's works is no innocent against whom a third may hide."""
    alone, twice = make(cohort), make(cohort)
    for gallery in (alone, twice):
        for number in range(6):
            mine = [work(f"{number}.{each}", 100 * number + each) for each in range(5)]
            fakes.enrol(gallery, str(number), consent(), mine)
    stolen = [replace(work(f"2.{each}", 200 + each), name=f"mine {each}") for each in range(4)]
    fakes.enrol(twice, "thief", consent(), stolen)
    wanted, found = nulls_of(alone, cohort).enrolled, nulls_of(twice, cohort).enrolled
    assert len(found.scores) == len(wanted.scores) + 4
    assert found.scores.max() == pytest.approx(wanted.scores.max(), abs=0.5)


@pytest.mark.parametrize("people", [3, ENROLLED + 1, ENROLLED + 400])
def test_a_thousand_enrolled_works_at_most(people):
    cohort = Cohort(vectors(1, 40), np.arange(40))
    gallery = make(cohort)
    standing = measure(vectors(2, 3), cohort)
    gallery.measure = lambda styles: standing
    each = 2 if people > 3 else 600
    for number in range(people):
        mine = [new_work(f"{number} {one}") for one in range(each)]
        fakes.enrol(gallery, f"{number:04}", consent(), mine)
    assert 500 <= len(nulls_of(gallery, cohort).enrolled.scores) <= ENROLLED


def test_an_empty_index_has_none(cohort):
    found = nulls_of(make(cohort), cohort)
    for null in (found.strangers, found.enrolled, found.by_ai):
        assert len(null.scores) == 0


def test_they_survive_packing(cohort):
    gallery = make(cohort)
    fakes.enrol(gallery, "a", consent(), [work("1", 1), work("2", 2)])
    fakes.enrol(gallery, "b", consent(), [work("3", 103)])
    nulls = nulls_of(gallery, cohort)
    again = unpack_nulls(pack_nulls(nulls), cohort, 2)
    assert nulls.correction == cohort.correction_for(2) > cohort.correction
    assert again.correction == nulls.correction
    np.testing.assert_array_equal(again.strangers.scores, nulls.strangers.scores)
    np.testing.assert_array_equal(again.enrolled.scores, nulls.enrolled.scores)
    np.testing.assert_array_equal(again.by_ai.scores, nulls.by_ai.scores)
    assert isinstance(again.strangers, Null)


@given(st.binary(max_size=200))
def test_damaged_ones_are_computed_anew(data):
    assert unpack_nulls(data, Cohort(np.eye(2, dtype=np.float32), np.arange(2)), 3) is None
