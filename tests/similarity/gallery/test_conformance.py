"""What every gallery does, and the slow one in memory defines."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from similarity.description import REGIONS, USABLE_QUALITY
from similarity.errors import BadName, CreatorNotFound, StateEnded, WorkNotFound
from similarity.gallery.creators import (
    Enrolment,
    Protection,
    SharedWork,
    Standing,
    Withdrawal,
)
from similarity.gallery.gallery import Gallery
from similarity.vectors.base import MISSING, Neighbours
from tests.similarity import places
from tests.similarity.fakes import IDENTITY, NOW, MemoryGallery, consent, enrol, new_work, unit
from tests.similarity.places import Place

ON_DISK = {"disk": places.disk, "compacted": places.compacted, "reopened": places.reopened}


@pytest.fixture(params=["memory", *ON_DISK, "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    kind = request.param
    if kind == "memory":
        found = places.memory()
    elif kind == "postgres":
        found = places.postgres(request.getfixturevalue("postgres_url"))
    else:
        found = ON_DISK[kind](tmp_path / "index")
    yield found
    found.close()


def names(gallery: Gallery, found: Neighbours, query: int = 0) -> list[tuple[str, str]]:
    """Creator and name of the works that a search found."""
    ids = [int(id_) for id_ in found.ids[query] if id_ != MISSING]
    works = gallery.state().works(ids)
    return [(works[id_].creator, works[id_].name) for id_ in ids]


def style_of(name: str) -> NDArray[np.float32]:
    return new_work(name).description.style[None]


def test_an_empty_one(place: Place) -> None:
    gallery = place.settle(place.open())
    assert gallery.state().creators() == ()
    found = gallery.state().search_style(style_of("a"), 3)
    assert found.ids.tolist() == [[MISSING] * 3]
    assert found.scores.tolist() == [[-np.inf] * 3]
    assert gallery.state().works([1, 2]) == {}
    assert gallery.state().local_features([1]) == {}


def test_what_is_enrolled_is_told_and_found(place: Place) -> None:
    gallery = place.open()
    works = [new_work("a", regions=1), new_work("b", regions=REGIONS), new_work("c")]
    told = enrol(
        gallery,
        "Hokusai",
        consent("a museum", "letter of 3 May"),
        works,
        protection=Protection.PUBLIC_DOMAIN,
        accounts=["x/2", "x/1", "x/2"],
        collaborators=["Katsushika", "Hokusai"],
        aliases=["葛飾北斎", " Katsushika Hokusai ", "Hokusai"],
    )
    gallery = place.settle(gallery)
    assert gallery.state().creators() == (told,)
    assert gallery.state().creator("Hokusai") == told
    assert told.consent == consent("a museum", "letter of 3 May")
    assert (told.protection, told.works) == (Protection.PUBLIC_DOMAIN, 3)
    assert told.accounts == ("x/1", "x/2")
    assert told.collaborators == ("Katsushika",)
    assert told.aliases == ("Katsushika Hokusai", "葛飾北斎")
    found = gallery.state().styles("Hokusai")
    assert (found.creator, found.vectors.dtype) == (told, np.float32)
    listed = gallery.state().works_of("Hokusai")
    assert found.ids.tolist() == [one.id for one in sorted(listed, key=lambda one: one.sha256)]
    rows = dict(zip(found.ids.tolist(), found.vectors, strict=True))
    for work, new in zip(listed, works, strict=True):
        id_, style = work.id, rows[work.id]
        assert gallery.state().works([id_]) == {id_: work}
        assert (work.id, work.creator, work.at) == (id_, "Hokusai", NOW)
        assert (work.name, work.sha256) == (new.name, new.sha256)
        assert gallery.state().local_features([id_]) == {id_: new.local}
        np.testing.assert_allclose(style, new.description.style, atol=1e-3)
        near = gallery.state().search_style(new.description.style[None], 1)
        assert near.ids.tolist() == [[id_]]
        assert near.scores[0, 0] == pytest.approx(1, abs=2e-3)
        regions = gallery.state().search_copies(new.description.copy, 1)
        assert regions.ids[:, 0].tolist() == [
            id_ * REGIONS + region for region in range(len(new.description.copy))
        ]
        same = gallery.state().search_hashes(new.description.hash[None], 1)
        if new.description.hash_quality >= USABLE_QUALITY:
            assert (same.ids[0, 0], same.scores[0, 0]) == (id_, 0)


def test_a_hash_that_says_nothing_is_not_searched(place: Place) -> None:
    gallery = place.open()
    new = [new_work(str(number)) for number in range(30)]
    enrol(gallery, "a", consent(), new)
    gallery = place.settle(gallery)
    found = gallery.state().search_hashes(new[0].description.hash[None], 30)
    usable = {each.name for each in new if each.description.hash_quality >= USABLE_QUALITY}
    assert len(usable) < 30
    assert {name for _, name in names(gallery, found)} == usable
    ids, hashes = gallery.state().hashes()
    assert np.array_equal(ids, np.sort(ids))
    by_name = {each.name: each.description.hash for each in new}
    works = gallery.state().works(ids.tolist())
    assert {work.name for work in works.values()} == usable
    for id_, row in zip(ids.tolist(), hashes, strict=True):
        assert np.array_equal(row, by_name[works[id_].name])


def test_no_works_have_no_hashes(place: Place) -> None:
    gallery = place.open()
    enrol(gallery, "a", consent(), [])
    ids, hashes = gallery.state().hashes()
    assert (ids.shape, ids.dtype) == ((0,), np.int64)
    assert (hashes.shape, hashes.dtype) == ((0, 32), np.uint8)


def test_works_are_kept_once_for_each_creator(place: Place) -> None:
    gallery = place.open()
    enrol(gallery, "a", consent(), [new_work("1"), new_work("1"), new_work("2", seed=7)])
    enrol(gallery, "b", consent(), [new_work("1")])
    gallery = place.settle(gallery)
    same = new_work("1")
    other_name = new_work("other name", sha256=same.sha256)
    assert enrol(gallery, "a", consent(), [same, other_name]).works == 2
    found = gallery.state().search_style(style_of("1"), 3)
    assert names(gallery, found)[:2] == [("a", "1"), ("b", "1")]
    assert [w.name for w in gallery.state().works_of("a")] == ["1", "2"]


def test_other_bytes_under_a_name_take_its_place(place: Place) -> None:
    gallery = place.open()
    enrol(gallery, "a", consent(), [new_work("1"), new_work("2")])
    gallery = place.settle(gallery)
    old, kept = [work.id for work in gallery.state().works_of("a")]
    told = enrol(gallery, "a", consent(), [new_work("1", seed=1), new_work("1", seed=2)])
    assert told.works == 2
    gallery = place.settle(gallery)
    ids = [work.id for work in gallery.state().works_of("a")]
    assert (ids[0], old in ids) == (kept, False)
    (new,) = gallery.state().works(ids[1:]).values()
    assert (new.name, new.sha256) == ("1", new_work("1", seed=2).sha256)
    found = gallery.state().search_style(style_of("1"), 3)
    assert sorted(found.ids[0].tolist()) == [MISSING, kept, new.id]


def test_what_a_later_enrolment_changes(place: Place) -> None:
    gallery = place.open()
    enrol(gallery, "a", consent("first"), [], protection=Protection.HOUSE_STYLE, accounts=["1"])
    gallery = place.settle(gallery)
    before = gallery.state().name
    told = enrol(gallery, "a", consent("second"), [], accounts=["2"], collaborators=["b"])
    assert told.consent == consent("second")
    assert told.protection is Protection.HOUSE_STYLE
    assert (told.accounts, told.collaborators) == (("1", "2"), ("b",))
    assert gallery.state().name != before
    before = gallery.state().name
    assert enrol(gallery, "a", consent("second"), [], aliases=["A"]).aliases == ("A",)
    told = enrol(gallery, "a", consent("second"), [], aliases=["Z"])
    assert told.aliases == ("A", "Z")
    assert gallery.state().name != before
    told = enrol(gallery, "a", consent("second"), [], protection=Protection.PROTECTED)
    assert told.protection is Protection.PROTECTED
    assert gallery.state().creator("a") == told


def test_standing_is_measured_over_all_works(place: Place) -> None:
    seen: list[int] = []

    def counting(styles: NDArray[np.float32]) -> Standing:
        assert styles.shape[1] == IDENTITY.style
        seen.append(len(styles))
        return Standing(0.5, 0.25, None if len(styles) < 2 else 0.125, len(styles) > 1)

    gallery = place.open(counting)
    assert enrol(gallery, "a", consent(), []).standing is None
    assert enrol(gallery, "a", consent(), [new_work("1")]).standing == Standing(
        0.5, 0.25, None, False
    )
    more = enrol(gallery, "a", consent(), [new_work("2"), new_work("3")]).standing
    assert more == Standing(0.5, 0.25, 0.125, True)
    assert gallery.remove("a", ["3"]).standing == more
    assert gallery.remove("a", ["1", "2"]).standing is None
    assert seen == [1, 3, 2]


def test_removing_works(place: Place) -> None:
    gallery = place.open()
    enrol(gallery, "a", consent(), [new_work(name) for name in "1234"])
    enrol(gallery, "b", consent(), [new_work("1")])
    gallery = place.settle(gallery)
    with pytest.raises(WorkNotFound, match="5"):
        gallery.remove("a", ["1", "5"])
    assert gallery.state().creator("a").works == 4
    assert gallery.remove("a", ["1", "3", "1"]).works == 2
    for settled in (False, True):
        gallery = place.settle(gallery) if settled else gallery
        for name in "13":
            found = gallery.state().search_style(style_of(name), 9)
            assert set(names(gallery, found)) == {("a", "2"), ("a", "4"), ("b", "1")}
            regions = gallery.state().search_copies(new_work(name).description.copy, 9)
            works = gallery.state().works((regions.ids[0, :6] // REGIONS).tolist())
            assert {work.name for work in works.values()} == {"1", "2", "4"}
            assert (regions.ids[:, 6:] == MISSING).all()


def test_a_withdrawal_leaves_nothing(place: Place) -> None:
    gallery = place.open()
    enrol(gallery, "b", consent(), [new_work("7"), new_work("8")])
    enrol(gallery, "c", consent(), [new_work("9")])
    before = gallery.state().name
    enrol(gallery, "a", consent(), [new_work(name) for name in "123"], collaborators=["b"])
    enrol(gallery, "b", consent(), [], collaborators=["a"])
    gallery = place.settle(gallery)
    ids = [work.id for work in gallery.state().works_of("a")]
    assert gallery.withdraw("a") == 3
    for settled in (False, True):
        gallery = place.settle(gallery) if settled else gallery
        assert [creator.name for creator in gallery.state().creators()] == ["b", "c"]
        assert gallery.state().creator("b").collaborators == ()
        assert gallery.state().works(ids) == {}
        assert gallery.state().local_features(ids) == {}
        assert gallery.state().name == before
        for name in "123":
            found = gallery.state().search_style(style_of(name), 9)
            assert set(names(gallery, found)) == {("b", "7"), ("b", "8"), ("c", "9")}
            regions = gallery.state().search_copies(new_work(name).description.copy, 40)
            assert not {id_ // REGIONS for id_ in regions.ids.ravel().tolist()} & set(ids)
            hashes = gallery.state().search_hashes(new_work(name).description.hash[None], 9)
            assert not set(hashes.ids[0].tolist()) & set(ids)
        for question in (gallery.state().creator, gallery.state().styles, gallery.withdraw):
            with pytest.raises(CreatorNotFound, match="a"):
                question("a")
    enrol(gallery, "a", consent(), [new_work("1")])
    assert gallery.state().works_of("a")[0].id > max(ids)
    assert gallery.state().creator("a").collaborators == ()


def test_who_is_not_there(place: Place) -> None:
    gallery = place.open()
    for name in ("nobody", "", "a\0b", "\ud800", "x" * 5000):
        with pytest.raises(CreatorNotFound):
            gallery.state().creator(name)
        with pytest.raises(CreatorNotFound):
            gallery.state().styles(name)
        with pytest.raises(CreatorNotFound):
            gallery.remove(name, ["1"])
        with pytest.raises(CreatorNotFound):
            gallery.withdraw(name)


@pytest.mark.parametrize("name", ["", "  ", "a\0b", "\ud800", "x" * 5000, "a\nb", "\u202e"])
def test_names_that_no_creator_has(place: Place, name: str) -> None:
    gallery = place.open()
    with pytest.raises(BadName):
        enrol(gallery, name, consent(), [])
    with pytest.raises(BadName):
        enrol(gallery, "a", consent(), [], collaborators=[name])
    assert gallery.state().creators() == ()


@pytest.mark.parametrize("name", ["", "a\0b", "\ud800", "x" * 5000])
def test_names_that_no_work_has(place: Place, name: str) -> None:
    gallery = place.open()
    with pytest.raises(BadName):
        enrol(gallery, "a", consent(), [new_work("1"), new_work(name, seed=1)])
    assert gallery.state().creators() == ()


def test_names_that_only_look_strange(place: Place) -> None:
    gallery = place.open()
    odd = ["' OR 1=1; --", "%", "葛飾 北斎/冨嶽.png", "\u202e.png", "a\nb", "é" * 900, "e\u0301"]
    creators = ["葛飾 北斎", "a/b", "'); DROP TABLE works; --", "Z", "a", "\U0001f58c"]
    for creator in creators:
        enrol(gallery, creator, consent(), [new_work(name) for name in odd])
    gallery = place.settle(gallery)
    assert [each.name for each in gallery.state().creators()] == sorted(creators)
    for creator in creators:
        works = gallery.state().works_of(creator)
        assert [work.name for work in works] == odd
        assert gallery.remove(creator, odd[:2]).works == len(odd) - 2


def test_a_creator_is_named_as_by_macos(place: Place) -> None:
    gallery = place.open()
    told = enrol(gallery, " Rene\u0301e ", consent(), [])
    assert told.name == "Ren\u00e9e"
    assert gallery.state().creator("Rene\u0301e") == told
    assert gallery.withdraw("Ren\u00e9e ") == 0


def test_works_that_nobody_could_measure_are_enrolled(place: Place) -> None:
    """How a creator stands out is derived from the works, after they are there."""

    def failing(styles: NDArray[np.float32]) -> Standing:
        raise ArithmeticError

    gallery = place.open(failing)
    with pytest.raises(ArithmeticError):
        enrol(gallery, "a", consent(), [new_work("1")])
    one = gallery.state().creator("a")
    assert (one.works, one.standing) == (1, None)
    assert gallery.state().search_style(style_of("1"), 1).scores[0, 0] > 0.99


@pytest.mark.parametrize("k", [1, 3, 12, 50])
def test_searches_are_those_of_the_definition(place: Place, k: int) -> None:
    definition, gallery = MemoryGallery(), place.open()
    for number in range(6):
        new = [new_work(f"{number}.{each}", regions=1 + each) for each in range(number)]
        if number:
            new.append(new_work("everybody's"))  # The same bytes: ties.
        for each in (definition, gallery):
            enrol(each, str(number), consent(), new)
        gallery = place.settle(gallery) if number == 3 else gallery
    for each in (definition, gallery):
        each.remove("4", ["4.1"])
        each.withdraw("2")
    random = np.random.default_rng(1)
    for search, width in (("search_style", IDENTITY.style), ("search_copies", IDENTITY.copy)):
        queries = unit(random.normal(size=(5, width)))
        expected = getattr(definition.state(), search)(queries, k)
        assert_alike(getattr(gallery.state(), search)(queries, k), expected)
    hashes = random.integers(0, 256, (5, 32), dtype=np.uint8)
    assert_alike(
        gallery.state().search_hashes(hashes, k), definition.state().search_hashes(hashes, k)
    )


def assert_alike(found: Neighbours, expected: Neighbours) -> None:
    """The same, but for ties: what scores alike may change places."""
    assert found.ids.dtype == np.int64
    assert found.scores.dtype == np.float32
    np.testing.assert_allclose(found.scores, expected.scores, atol=1e-3)
    for ids, scores, wanted in zip(found.ids, found.scores, expected.ids, strict=True):
        assert len({*ids.tolist()} - {MISSING}) == (ids != MISSING).sum()
        sure = scores > scores[-1] + 2e-3
        assert set(ids[sure].tolist()) <= set(wanted.tolist())


def test_searches_beside_changes(place: Place) -> None:
    gallery = place.open()
    enrol(gallery, "kept", consent(), [new_work("kept")])
    done = threading.Event()
    failures: list[BaseException] = []

    def search() -> None:
        try:
            while not done.is_set():
                state = gallery.state(newest=True)
                with suppress(StateEnded):
                    found = state.search_style(style_of("kept"), 1)
                    assert state.works(found.ids[0].tolist())[found.ids[0, 0]].name == "kept"
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for number in range(8):
            enrol(gallery, "a", consent(), [new_work(f"{number}.{each}") for each in range(5)])
            if number % 3 == 2:
                gallery = place.settle(gallery)
                gallery.remove("a", [f"{number}.1"])
                gallery.withdraw("a")
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert not failures


def test_a_state_does_not_see_what_is_enrolled_later(place: Place) -> None:
    gallery = place.open()
    enrol(gallery, "a", consent(), [new_work(name) for name in "123"], accounts=["x"])
    gallery = place.settle(gallery)
    state = gallery.state()
    name, creators, works = state.name, state.creators(), state.works_of("a")
    for number in range(3):
        enrol(gallery, "b", consent(), [new_work(f"{number}.{each}") for each in range(40)])
        enrol(gallery, "a", consent("again"), [new_work(f"4{number}")], accounts=["y"])
        gallery = place.settle(gallery) if number else gallery
        assert gallery.state().creator("b").works == 40 * (number + 1)
        assert (state.name, state.creators(), state.works_of("a")) == (name, creators, works)
        ids = sorted(work.id for work in works)
        found = state.styles("a")
        assert (found.creator, sorted(found.ids.tolist())) == (creators[0], ids)
        assert [one.creator.name for one in state.all_styles()] == ["a"]
        for query in ("1", "0.5", "40"):
            new = new_work(query).description
            near = state.search_style(new.style[None], 50)
            assert sorted(near.ids[near.ids != MISSING].tolist()) == ids
            regions = state.search_copies(new.copy[:1], 50)
            assert {id_ // REGIONS for id_ in regions.ids[regions.ids != MISSING].tolist()} == {
                *ids
            }
            hashes = state.search_hashes(new.hash[None], 50)
            assert {*hashes.ids[hashes.ids != MISSING].tolist()} <= {*ids}
        later = [work.id for work in gallery.state().works_of("b")]
        assert dict(state.works(later)) == dict(state.local_features(later)) == {}
        assert state.works_by_content([new_work("0.5").sha256]) == ()
        with pytest.raises(CreatorNotFound):
            state.styles("b")


@pytest.mark.parametrize("how", ["removed", "replaced", "withdrawn"])
def test_taking_works_out_ends_the_states_before(place: Place, how: str) -> None:
    gallery = place.open()
    enrol(gallery, "a", consent(), [new_work("1"), new_work("2")])
    enrol(gallery, "b", consent(), [new_work("3")])
    gallery = place.settle(gallery)
    state = gallery.state()
    if how == "removed":
        gallery.remove("a", ["1"])
    elif how == "replaced":
        enrol(gallery, "a", consent(), [new_work("1", seed=7)])
    else:
        gallery.withdraw("a")
    for question in (
        lambda: state.works([1]),
        lambda: state.works_of("b"),
        lambda: state.works_by_content([]),
        lambda: state.styles("b"),
        lambda: list(state.all_styles()),
        lambda: state.local_features([3]),
        state.check,
    ):
        with pytest.raises(StateEnded):
            question()
    assert gallery.state() is not state
    assert len(gallery.state().works_of("b")) == 1


def test_a_state_is_the_same_while_nothing_changes(place: Place) -> None:
    gallery = place.open()
    enrol(gallery, "a", consent(), [new_work("1")])
    state = gallery.state()
    assert gallery.state(newest=True) is gallery.state() is state


def test_what_is_kept_of_a_state(place: Place) -> None:
    gallery = place.open()
    enrol(gallery, "a", consent(), [new_work("1")])
    state = gallery.state()
    assert state.derived("it") is None
    gallery.keep(state, "it", b"first")
    gallery.keep(state, "it", b"of the first state")
    gallery.keep(state, "other", b"else")
    gallery = place.settle(gallery)
    assert gallery.state().derived("it") == b"of the first state"
    enrol(gallery, "b", consent(), [new_work("2")])
    assert gallery.state().derived("it") is None
    gallery.keep(state, "it", b"too late")
    assert gallery.state().derived("it") is None
    gallery.withdraw("b")
    # The same content: what was computed from it holds.
    assert gallery.state().derived("it") == b"of the first state"


def test_works_that_others_have_enrolled_are_told(place: Place) -> None:
    gallery = place.open()
    enrol(gallery, "a", consent(), [new_work("1"), new_work("2")])
    gallery = place.settle(gallery)
    same = replace(new_work("1"), name="mine")
    found = gallery.enrol(Enrolment("b", consent()), [same, new_work("9")])
    assert (found.added, found.creator.works) == (2, 2)
    (first, _) = gallery.state().works_of("a")
    assert found.shared == (SharedWork("mine", first),)
    again = gallery.enrol(Enrolment("b", consent()), [same])
    assert (again.added, again.shared) == (0, found.shared)
    own = gallery.enrol(Enrolment("a", consent()), [new_work("2")])
    assert (own.added, own.shared) == (0, ())
    both = gallery.state().works_by_content([same.sha256, "0" * 64])
    assert [(work.creator, work.name) for work in both] == [("a", "1"), ("b", "mine")]


def test_withdrawals_are_on_record(place: Place) -> None:
    gallery = place.open()
    assert gallery.withdrawn() == ()
    assert gallery.enrol(Enrolment("a", consent()), [new_work("1")]).withdrew is None
    enrol(gallery, "b", consent(), [])
    gallery = place.settle(gallery)
    gallery.withdraw("a")
    gallery.withdraw("b")
    assert gallery.withdrawn() == (Withdrawal("a", NOW), Withdrawal("b", NOW))
    assert gallery.enrol(Enrolment(" a", consent()), []).withdrew == NOW
    assert gallery.enrol(Enrolment("c", consent()), []).withdrew is None


def test_works_are_removed_by_content_as_well(place: Place) -> None:
    gallery = place.open()
    works = [new_work(name) for name in "1234"]
    enrol(gallery, "a", consent(), works)
    enrol(gallery, "b", consent(), works[:1])
    gallery = place.settle(gallery)
    with pytest.raises(WorkNotFound):
        gallery.remove("b", [works[1].sha256])
    assert gallery.remove("a", [works[0].sha256, "1", works[2].sha256]).works == 2
    assert [work.name for work in gallery.state().works_of("a")] == ["2", "4"]
    assert gallery.state().creator("b").works == 1
