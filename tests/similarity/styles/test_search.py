"""Creators as clusters of vectors in the gallery that defines what galleries do."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from evidence.similarity import CreatorVerdict
from models.artefact.manifest import StyleRates
from similarity.gallery.creators import Protection
from similarity.styles.boundary import Background
from similarity.styles.likeness import Body
from similarity.styles.nulls import null_scores
from similarity.styles.open_set import (
    Cohort,
    acceptance,
    measure,
)
from similarity.styles.search import PROPOSING, StyleQuery, StyleSearch
from similarity.vectors.base import unit
from tests.similarity import fakes
from tests.similarity.fakes import IDENTITY, MemoryGallery, consent, new_work

WIDTH = IDENTITY.style
LENIENT = StyleRates(close=0.03, review=0.1)
"""For what is near but not the very hand: of a dozen creators shares are told nine times larger."""
NAMES = tuple(f"creator {i:02}" for i in range(12))


def hand(seed):
    return unit(np.random.default_rng(seed).normal(size=WIDTH).astype(np.float32))


def works_of(seed, count, noise=0.12):
    rng = np.random.default_rng(1000 + seed)
    return unit((hand(seed) + noise * rng.normal(size=(count, WIDTH))).astype(np.float32))


def cohort():
    styles = np.concatenate([works_of(500 + i, 4, 0.2) for i in range(150)])
    return Cohort(styles, np.repeat(np.arange(150), 4))


def enrol(gallery, name, styles, **more):
    made = [
        replace(new, description=replace(new.description, style=style))
        for new, style in ((new_work(f"{name}/{i}.png"), style) for i, style in enumerate(styles))
    ]
    return fakes.enrol(gallery, name, consent(), made, **more)


@pytest.fixture(scope="module")
def others():
    return cohort()


@pytest.fixture
def gallery(others):
    made = MemoryGallery(measure=lambda styles: measure(styles, others))
    for seed, name in enumerate(NAMES):
        enrol(made, name, works_of(seed, 6))
    return made


def searching(gallery, others, rates=None):
    state = gallery.state()
    creators = {one.name: one for one in state.creators()}
    return StyleSearch(
        state,
        state.works,
        creators,
        others,
        rates or StyleRates(),
        lambda: null_scores(state, creators, others),
    )


def search(gallery, others, style, *, excluded=frozenset(), top=5, rates=None, **more):
    query = StyleQuery(style, excluded, **more)
    (found,) = searching(gallery, others, rates).search([query], top)
    return found


def test_what_is_too_plain_is_close_to_nobody(gallery, others):
    style = works_of(5, 9)[8]
    near = search(gallery, others, style)[0]
    plain = search(gallery, others, style, too_plain=True)[0]
    assert near.verdict is CreatorVerdict.CLOSE
    assert (plain.verdict, plain.reason.code) == (CreatorVerdict.NONE, "style_too_plain")
    assert (plain.creator, plain.p_value) == (near.creator, near.p_value)


def test_who_draws_alike_is_told_until_it_is_a_house_style(gallery, others):
    enrol(gallery, "twin", works_of(5, 40)[30:])
    assert searching(gallery, others).lookalikes(NAMES[5])
    enrol(gallery, "twin", [], protection=Protection.HOUSE_STYLE)
    settled = searching(gallery, others)
    assert settled.lookalikes("twin") == settled.lookalikes(NAMES[5]) == {}


def test_who_draws_alike_is_told_until_they_are_collaborators(gallery, others):
    assert searching(gallery, others).lookalikes(NAMES[5]) == {}
    enrol(gallery, "twin", works_of(5, 40)[30:])
    found = searching(gallery, others)
    assert found.lookalikes(NAMES[5]) == {"twin": pytest.approx(1, abs=0.5)}
    assert found.lookalikes("twin") == {NAMES[5]: pytest.approx(1, abs=0.5)}
    enrol(gallery, "twin", [], collaborators=[NAMES[5]])
    settled = searching(gallery, others)
    assert settled.lookalikes("twin") == settled.lookalikes(NAMES[5]) == {}


def test_the_nearest_others_of_a_creator_are_told_whether_near_or_not(gallery, others):
    """By the slow way: each work against all works of every other creator."""
    enrol(gallery, "twin", works_of(5, 40)[30:], collaborators=[NAMES[5]])
    state, found = gallery.state(), searching(gallery, others)
    for name in (NAMES[5], NAMES[0], "twin"):
        expected = Counter()
        styles = {one.name: state.styles(one.name).vectors for one in state.creators()}
        for style in styles[name]:
            likes = {
                other: float(Body(mine).likeness(style[None])[0])
                for other, mine in styles.items()
                if other != name
            }
            expected[max(likes, key=likes.get)] += 1 / len(styles[name])
        assert found.neighbours(name) == pytest.approx(dict(expected))
        shares = list(found.neighbours(name).values())
        assert shares == sorted(shares, reverse=True)
    assert found.neighbours(NAMES[5]) == {"twin": 1}


def test_who_is_alone_has_no_neighbours(others):
    gallery = MemoryGallery(measure=lambda styles: measure(styles, others))
    enrol(gallery, "hermit", works_of(1, 3))
    enrol(gallery, "nobody yet", [])
    assert searching(gallery, others).neighbours("hermit") == {}
    assert searching(gallery, others).neighbours("nobody yet") == {}


def test_a_picture_by_an_ai_is_compared_with_what_others_of_these_reach(gallery, others):
    """They look alike, and this one also a little as if the creator had drawn it."""
    by_ai = works_of(700, 200)
    people = np.concatenate([others.people, np.full(len(by_ai), -1)])
    mixed = Cohort(np.concatenate([others.styles, by_ai]), people)
    style = unit(0.4 * hand(5) + 0.6 * hand(700))
    told, asked = (search(gallery, mixed, style, by_ai=one)[0] for one in (False, True))
    assert told.creator == NAMES[5]
    assert told.p_value_ai is None
    assert told.verdict is CreatorVerdict.NONE
    assert asked.p_value_ai < 0.01 < 0.05 < told.p_value
    assert asked.verdict is CreatorVerdict.REVIEW
    assert asked.reason.code == "style_by_ai"
    same = replace(asked, p_value_ai=None, verdict=told.verdict, reason=told.reason)
    assert same == told, "nothing else follows from it"
    assert search(gallery, others, style, by_ai=True)[0].p_value_ai is None, "none to compare with"
    plain = searching(gallery, mixed).search([StyleQuery(style, too_plain=True, by_ai=True)], 1)
    assert plain[0][0].verdict is CreatorVerdict.NONE
    enrol(gallery, NAMES[5], [], protection=Protection.PUBLIC_DOMAIN)
    free = search(gallery, mixed, style, by_ai=True)[0]
    assert (free.verdict, free.reason.code) == (CreatorVerdict.NONE, "style_public_domain")


def test_most_pictures_by_ais_are_for_nobody_to_look_at(gallery, others):
    by_ai = works_of(700, 400)
    people = np.concatenate([others.people, np.full(200, -1)])
    mixed = Cohort(np.concatenate([others.styles, by_ai[:200]]), people)
    found = [search(gallery, mixed, style, by_ai=True)[0] for style in by_ai[200:]]
    assert np.mean([one.verdict is not CreatorVerdict.NONE for one in found]) < 0.12


@pytest.mark.parametrize("seed", [0, 5, 11])
def test_a_new_work_of_a_creator_is_close_to_them_first(gallery, others, seed):
    found = search(gallery, others, works_of(seed, 9)[8])
    assert len(found) == 5
    first = found[0]
    assert first.creator == NAMES[seed]
    assert first.verdict is CreatorVerdict.CLOSE
    assert first.p_value <= 0.01
    assert first.references == 6
    assert len(first.works) == 5
    assert [one.score for one in first.works] == sorted(
        (one.score for one in first.works), reverse=True
    )
    assert all(one.work.startswith(NAMES[seed]) for one in first.works)
    assert [one.likeness for one in found] == sorted((one.likeness for one in found), reverse=True)


def test_strangers_are_nobody(gallery, others):
    accused = [
        search(gallery, others, works_of(900 + i, 1)[0])[0].verdict is CreatorVerdict.CLOSE
        for i in range(60)
    ]
    assert np.mean(accused) <= 0.1


def test_the_scores_are_those_of_comparing_with_everybody(gallery, others):
    style = works_of(3, 9)[8]
    near = float(others.density(style[None])[0])
    works = {name: works_of(seed, 6) for seed, name in enumerate(NAMES)}
    makers = np.concatenate([others.people, 150 + np.repeat(np.arange(len(NAMES)), 6)])
    background = Background(np.concatenate([others.styles, *works.values()]), makers)
    raw = {name: float(Body(mine).likeness(style[None])[0]) for name, mine in works.items()}
    expected = {}
    for name, mine in works.items():
        other = max(raw[one] for one in NAMES if one != name)
        inside = float(background.boundary(Body(mine))(style[None])[0])
        score = acceptance(raw[name], measure(mine, others), near, other, inside)
        expected[name] = raw[name], float(score)
    found = search(gallery, others, style, top=len(NAMES))
    assert {one.creator for one in found} == set(NAMES)
    surest = np.inf
    for one in found:
        surest = min(surest, expected[one.creator][1])
        assert one.likeness == pytest.approx(expected[one.creator][0], abs=1e-3)
        assert one.score == pytest.approx(surest, abs=0.1)


def test_a_second_name_for_the_same_works_takes_nothing_from_the_lead(gallery, others):
    """An imitator must not hide behind works that he enrolled himself."""
    style = works_of(4, 9)[8]
    alone = search(gallery, others, style)[0]
    enrol(gallery, "thief", works_of(4, 6)[:3])
    found = {one.creator: one for one in search(gallery, others, style, rates=LENIENT)}
    assert found[NAMES[4]].score == pytest.approx(alone.score, abs=0.01)
    assert {found[NAMES[4]].verdict, found["thief"].verdict} == {CreatorVerdict.CLOSE}


@pytest.mark.parametrize("told", [True, False])
def test_two_who_draw_alike_make_each_other_less_sure_unless_they_are_collaborators(
    gallery, others, told
):
    style = unit(works_of(4, 9)[8] + 0.45 * hand(77))
    alike = unit(works_of(4, 20)[12:18] + 0.9 * hand(77))
    alone = search(gallery, others, style)[0]
    enrol(gallery, "alike", alike, collaborators=[NAMES[4]] if told else [])
    first = search(gallery, others, style, rates=LENIENT)[0]
    assert first.creator in {NAMES[4], "alike"}
    if told:
        assert first.verdict is CreatorVerdict.CLOSE
    else:
        assert first.score < alone.score - 0.2


def test_who_is_less_like_the_upload_is_not_surer(gallery, others):
    for seed in range(8):
        found = search(gallery, others, works_of(900 + seed, 1)[0], top=len(NAMES))
        scores = [one.score for one in found]
        assert scores == sorted(scores, reverse=True)
        assert [one.p_value for one in found] == sorted(one.p_value for one in found)


def test_an_upload_unlike_all_that_is_known_is_for_a_person(gallery, others):
    """Next to nothing of the cohort lies near it: then likeness to one creator says little."""
    style = works_of(0, 9)[8]
    assert search(gallery, others, style)[0].verdict is CreatorVerdict.CLOSE
    away = others.styles - (others.styles @ style)[:, None] * style
    far = Cohort(unit(away), others.people)
    first = search(gallery, far, style)[0]
    assert first.p_value <= 0.01
    assert first.verdict is CreatorVerdict.REVIEW
    assert "unlike" in first.reason.text


def test_a_creator_of_many_works_does_not_crowd_out_the_others(gallery, others):
    enrol(gallery, "everywhere", works_of(3, 2 * PROPOSING, 0.3))
    found = search(gallery, others, works_of(3, 9)[8])
    assert NAMES[3] in [one.creator for one in found[:2]]
    assert len(found) == 5


def test_who_is_excluded_is_not_compared(gallery, others):
    found = search(gallery, others, works_of(4, 9)[8], excluded=frozenset({NAMES[4]}))
    assert NAMES[4] not in [one.creator for one in found]
    assert found[0].verdict is not CreatorVerdict.CLOSE


@pytest.mark.parametrize("protection", [Protection.PUBLIC_DOMAIN, Protection.HOUSE_STYLE])
def test_nobody_is_protected_from_a_style_that_is_free(gallery, others, protection):
    enrol(gallery, NAMES[2], [], protection=protection)
    first = search(gallery, others, works_of(2, 9)[8])[0]
    assert first.creator == NAMES[2]
    assert first.verdict is CreatorVerdict.NONE
    assert "domain" in first.reason.text or "house" in first.reason.text


def test_too_few_works_are_for_a_person(gallery, others):
    enrol(gallery, "new here", works_of(77, 2))
    first = search(gallery, others, works_of(77, 9)[8])[0]
    assert first.creator == "new here"
    assert first.verdict is CreatorVerdict.REVIEW
    assert "few" in first.reason.text


def test_stricter_rates_give_milder_verdicts(gallery, others):
    style = works_of(1, 9)[8]
    p_value = search(gallery, others, style)[0].p_value
    rates = StyleRates(close=p_value / 2, review=p_value * 2)
    assert search(gallery, others, style, rates=rates)[0].verdict is CreatorVerdict.REVIEW
    rates = StyleRates(close=p_value / 4, review=p_value / 2)
    assert search(gallery, others, style, rates=rates)[0].verdict is CreatorVerdict.NONE


def test_an_empty_index_names_nobody(others):
    gallery = MemoryGallery(measure=lambda styles: measure(styles, others))
    assert search(gallery, others, hand(0)) == ()


def test_p_values_of_an_optimistic_cohort_are_raised(gallery, others):
    style = works_of(0, 9, 0.35)[8]
    plain = search(gallery, others, style)[0]
    raised = search(gallery, replace(others, correction=3.0), style)[0]
    assert raised.p_value == pytest.approx(min(1.0, 3 * plain.p_value))


def test_works_of_other_creators_are_innocent_too(gallery, others):
    """Two who draw alike raise the p-values of both, unless they say that they work together."""
    # As alike as works of one hand, though none is the same as another.
    style = works_of(0, 9)[8]
    alone = search(gallery, others, style)[0]
    enrol(gallery, "like the first", works_of(0, 15, 0.17)[9:])
    alike = search(gallery, others, style)[0]
    assert alike.p_value > 10 * alone.p_value
    enrol(gallery, "like the first", [], collaborators=[NAMES[0]])
    together = search(gallery, others, style)[0]
    assert together.p_value < alike.p_value
    assert together.verdict is CreatorVerdict.CLOSE


def test_the_same_works_under_a_second_name_accuse_nobody_less(gallery, others):
    style = works_of(0, 9)[8]
    alone = search(gallery, others, style)[0]
    enrol(gallery, "second name", works_of(0, 6))
    assert search(gallery, others, style)[0].p_value == pytest.approx(alone.p_value, rel=0.2)
