"""What every gallery does, and the slow one in memory defines."""

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from similarity.description import REGIONS, USABLE_QUALITY
from similarity.errors import BadName, CreatorNotFound, WorkNotFound
from similarity.gallery.creators import Protection, Standing
from similarity.gallery.gallery import Gallery
from similarity.vectors.base import NOBODY, Neighbours
from tests.similarity import places
from tests.similarity.fakes import IDENTITY, NOW, MemoryGallery, consent, new_work, unit
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
    ids = [int(id_) for id_ in found.ids[query] if id_ != NOBODY]
    works = gallery.works(ids)
    return [(works[id_].creator, works[id_].name) for id_ in ids]


def style_of(name: str) -> NDArray[np.float32]:
    return new_work(name).description.style[None]


def test_an_empty_one(place: Place) -> None:
    gallery = place.settle(place.open())
    assert gallery.creators() == ()
    found = gallery.search_style(style_of("a"), 3)
    assert found.ids.tolist() == [[NOBODY] * 3]
    assert found.scores.tolist() == [[-np.inf] * 3]
    assert gallery.works([1, 2]) == {}
    assert gallery.local_features([1]) == {}


def test_what_is_enrolled_is_told_and_found(place: Place) -> None:
    gallery = place.open()
    works = [new_work("a", regions=1), new_work("b", regions=REGIONS), new_work("c")]
    told = gallery.enrol(
        "Hokusai",
        consent("a museum", "letter of 3 May"),
        works,
        protection=Protection.PUBLIC_DOMAIN,
        accounts=["x/2", "x/1", "x/2"],
        collaborators=["Katsushika", "Hokusai"],
    )
    gallery = place.settle(gallery)
    assert gallery.creators() == (told,)
    assert gallery.creator("Hokusai") == told
    assert told.consent == consent("a museum", "letter of 3 May")
    assert (told.protection, told.works) == (Protection.PUBLIC_DOMAIN, 3)
    assert told.accounts == ("x/1", "x/2")
    assert told.collaborators == ("Katsushika",)
    ids, styles = gallery.styles("Hokusai")
    assert styles.dtype == np.float32
    for id_, style, new in zip(ids.tolist(), styles, works, strict=True):
        work = gallery.works([id_])[id_]
        assert (work.id, work.creator, work.at) == (id_, "Hokusai", NOW)
        assert (work.name, work.sha256) == (new.name, new.sha256)
        assert gallery.local_features([id_]) == {id_: new.local}
        np.testing.assert_allclose(style, new.description.style, atol=1e-3)
        near = gallery.search_style(new.description.style[None], 1)
        assert near.ids.tolist() == [[id_]]
        assert near.scores[0, 0] == pytest.approx(1, abs=2e-3)
        regions = gallery.search_copies(new.description.copy, 1)
        assert regions.ids[:, 0].tolist() == [
            id_ * REGIONS + region for region in range(len(new.description.copy))
        ]
        same = gallery.search_hashes(new.description.hash[None], 1)
        if new.description.hash_quality >= USABLE_QUALITY:
            assert (same.ids[0, 0], same.scores[0, 0]) == (id_, 0)


def test_a_hash_that_says_nothing_is_not_searched(place: Place) -> None:
    gallery = place.open()
    new = [new_work(str(number)) for number in range(30)]
    gallery.enrol("a", consent(), new)
    gallery = place.settle(gallery)
    found = gallery.search_hashes(new[0].description.hash[None], 30)
    usable = {each.name for each in new if each.description.hash_quality >= USABLE_QUALITY}
    assert len(usable) < 30
    assert {name for _, name in names(gallery, found)} == usable


def test_works_are_kept_once_for_each_creator(place: Place) -> None:
    gallery = place.open()
    gallery.enrol("a", consent(), [new_work("1"), new_work("1"), new_work("2", seed=7)])
    gallery.enrol("b", consent(), [new_work("1")])
    gallery = place.settle(gallery)
    same = new_work("1")
    other_name = new_work("other name", sha256=same.sha256)
    assert gallery.enrol("a", consent(), [same, other_name]).works == 2
    found = gallery.search_style(style_of("1"), 3)
    assert names(gallery, found)[:2] == [("a", "1"), ("b", "1")]
    assert [w.name for w in gallery.works(gallery.styles("a")[0].tolist()).values()] == ["1", "2"]


def test_other_bytes_under_a_name_take_its_place(place: Place) -> None:
    gallery = place.open()
    gallery.enrol("a", consent(), [new_work("1"), new_work("2")])
    gallery = place.settle(gallery)
    old, kept = gallery.styles("a")[0].tolist()
    told = gallery.enrol("a", consent(), [new_work("1", seed=1), new_work("1", seed=2)])
    assert told.works == 2
    gallery = place.settle(gallery)
    ids = gallery.styles("a")[0].tolist()
    assert (ids[0], old in ids) == (kept, False)
    (new,) = gallery.works(ids[1:]).values()
    assert (new.name, new.sha256) == ("1", new_work("1", seed=2).sha256)
    found = gallery.search_style(style_of("1"), 3)
    assert sorted(found.ids[0].tolist()) == [NOBODY, kept, new.id]


def test_what_a_later_enrolment_changes(place: Place) -> None:
    gallery = place.open()
    gallery.enrol("a", consent("first"), [], protection=Protection.HOUSE_STYLE, accounts=["1"])
    gallery = place.settle(gallery)
    before = gallery.name
    told = gallery.enrol("a", consent("second"), [], accounts=["2"], collaborators=["b"])
    assert told.consent == consent("second")
    assert told.protection is Protection.HOUSE_STYLE
    assert (told.accounts, told.collaborators) == (("1", "2"), ("b",))
    assert gallery.name != before
    told = gallery.enrol("a", consent("second"), [], protection=Protection.PROTECTED)
    assert told.protection is Protection.PROTECTED
    assert gallery.creator("a") == told


def test_standing_is_measured_over_all_works(place: Place) -> None:
    seen: list[int] = []

    def counting(styles: NDArray[np.float32]) -> Standing:
        assert styles.shape[1] == IDENTITY.style
        seen.append(len(styles))
        return Standing(0.5, 0.25, None if len(styles) < 2 else 0.125, len(styles) > 1)

    gallery = place.open(counting)
    assert gallery.enrol("a", consent(), []).standing is None
    assert gallery.enrol("a", consent(), [new_work("1")]).standing == Standing(
        0.5, 0.25, None, False
    )
    more = gallery.enrol("a", consent(), [new_work("2"), new_work("3")]).standing
    assert more == Standing(0.5, 0.25, 0.125, True)
    assert gallery.remove("a", ["3"]).standing == more
    assert gallery.remove("a", ["1", "2"]).standing is None
    assert seen == [1, 3, 2]


def test_removing_works(place: Place) -> None:
    gallery = place.open()
    gallery.enrol("a", consent(), [new_work(name) for name in "1234"])
    gallery.enrol("b", consent(), [new_work("1")])
    gallery = place.settle(gallery)
    with pytest.raises(WorkNotFound, match="5"):
        gallery.remove("a", ["1", "5"])
    assert gallery.creator("a").works == 4
    assert gallery.remove("a", ["1", "3", "1"]).works == 2
    for settled in (False, True):
        gallery = place.settle(gallery) if settled else gallery
        for name in "13":
            found = gallery.search_style(style_of(name), 9)
            assert set(names(gallery, found)) == {("a", "2"), ("a", "4"), ("b", "1")}
            regions = gallery.search_copies(new_work(name).description.copy, 9)
            works = gallery.works((regions.ids[0, :6] // REGIONS).tolist())
            assert {work.name for work in works.values()} == {"1", "2", "4"}
            assert (regions.ids[:, 6:] == NOBODY).all()


def test_a_withdrawal_leaves_nothing(place: Place) -> None:
    gallery = place.open()
    gallery.enrol("b", consent(), [new_work("7"), new_work("8")])
    gallery.enrol("c", consent(), [new_work("9")])
    before = gallery.name
    gallery.enrol("a", consent(), [new_work(name) for name in "123"], collaborators=["b"])
    gallery.enrol("b", consent(), [], collaborators=["a"])
    gallery = place.settle(gallery)
    ids = gallery.styles("a")[0].tolist()
    assert gallery.withdraw("a") == 3
    for settled in (False, True):
        gallery = place.settle(gallery) if settled else gallery
        assert [creator.name for creator in gallery.creators()] == ["b", "c"]
        assert gallery.creator("b").collaborators == ()
        assert gallery.works(ids) == {}
        assert gallery.local_features(ids) == {}
        assert gallery.name == before
        for name in "123":
            found = gallery.search_style(style_of(name), 9)
            assert set(names(gallery, found)) == {("b", "7"), ("b", "8"), ("c", "9")}
            regions = gallery.search_copies(new_work(name).description.copy, 40)
            assert not {id_ // REGIONS for id_ in regions.ids.ravel().tolist()} & set(ids)
            hashes = gallery.search_hashes(new_work(name).description.hash[None], 9)
            assert not set(hashes.ids[0].tolist()) & set(ids)
        for question in (gallery.creator, gallery.styles, gallery.withdraw):
            with pytest.raises(CreatorNotFound, match="a"):
                question("a")
    gallery.enrol("a", consent(), [new_work("1")])
    assert gallery.styles("a")[0][0] > max(ids)
    assert gallery.creator("a").collaborators == ()


def test_who_is_not_there(place: Place) -> None:
    gallery = place.open()
    for name in ("nobody", "", "a\0b", "\ud800", "x" * 5000):
        with pytest.raises(CreatorNotFound):
            gallery.creator(name)
        with pytest.raises(CreatorNotFound):
            gallery.styles(name)
        with pytest.raises(CreatorNotFound):
            gallery.remove(name, ["1"])
        with pytest.raises(CreatorNotFound):
            gallery.withdraw(name)


@pytest.mark.parametrize("name", ["", "  ", "a\0b", "\ud800", "x" * 5000, "a\nb", "\u202e"])
def test_names_that_no_creator_has(place: Place, name: str) -> None:
    gallery = place.open()
    with pytest.raises(BadName):
        gallery.enrol(name, consent(), [])
    with pytest.raises(BadName):
        gallery.enrol("a", consent(), [], collaborators=[name])
    assert gallery.creators() == ()


@pytest.mark.parametrize("name", ["", "a\0b", "\ud800", "x" * 5000])
def test_names_that_no_work_has(place: Place, name: str) -> None:
    gallery = place.open()
    with pytest.raises(BadName):
        gallery.enrol("a", consent(), [new_work("1"), new_work(name, seed=1)])
    assert gallery.creators() == ()


def test_names_that_only_look_strange(place: Place) -> None:
    gallery = place.open()
    odd = ["' OR 1=1; --", "%", "葛飾 北斎/冨嶽.png", "\u202e.png", "a\nb", "é" * 900, "e\u0301"]
    creators = ["葛飾 北斎", "a/b", "'); DROP TABLE works; --", "Z", "a", "\U0001f58c"]
    for creator in creators:
        gallery.enrol(creator, consent(), [new_work(name) for name in odd])
    gallery = place.settle(gallery)
    assert [each.name for each in gallery.creators()] == sorted(creators)
    for creator in creators:
        works = gallery.works(gallery.styles(creator)[0].tolist()).values()
        assert [work.name for work in works] == odd
        assert gallery.remove(creator, odd[:2]).works == len(odd) - 2


def test_a_creator_is_named_as_by_macos(place: Place) -> None:
    gallery = place.open()
    told = gallery.enrol(" Rene\u0301e ", consent(), [])
    assert told.name == "Ren\u00e9e"
    assert gallery.creator("Rene\u0301e") == told
    assert gallery.withdraw("Ren\u00e9e ") == 0


def test_a_change_that_fails_changes_nothing(place: Place) -> None:
    def failing(styles: NDArray[np.float32]) -> Standing:
        raise ArithmeticError

    gallery = place.open(failing)
    before = gallery.name
    with pytest.raises(ArithmeticError):
        gallery.enrol("a", consent(), [new_work("1")])
    assert (gallery.creators(), gallery.name) == ((), before)
    assert gallery.search_style(style_of("1"), 1).ids.tolist() == [[NOBODY]]


@pytest.mark.parametrize("k", [1, 3, 12, 50])
def test_searches_are_those_of_the_definition(place: Place, k: int) -> None:
    definition, gallery = MemoryGallery(), place.open()
    for number in range(6):
        new = [new_work(f"{number}.{each}", regions=1 + each) for each in range(number)]
        if number:
            new.append(new_work("everybody's"))  # The same bytes: ties.
        for each in (definition, gallery):
            each.enrol(str(number), consent(), new)
        gallery = place.settle(gallery) if number == 3 else gallery
    for each in (definition, gallery):
        each.remove("4", ["4.1"])
        each.withdraw("2")
    random = np.random.default_rng(1)
    for search, width in (("search_style", IDENTITY.style), ("search_copies", IDENTITY.copy)):
        queries = unit(random.normal(size=(5, width)))
        expected = getattr(definition, search)(queries, k)
        assert_alike(getattr(gallery, search)(queries, k), expected)
    hashes = random.integers(0, 256, (5, 32), dtype=np.uint8)
    assert_alike(gallery.search_hashes(hashes, k), definition.search_hashes(hashes, k))


def assert_alike(found: Neighbours, expected: Neighbours) -> None:
    """The same, but for ties: what scores alike may change places."""
    assert found.ids.dtype == np.int64
    assert found.scores.dtype == np.float32
    np.testing.assert_allclose(found.scores, expected.scores, atol=1e-3)
    for ids, scores, wanted in zip(found.ids, found.scores, expected.ids, strict=True):
        assert len({*ids.tolist()} - {NOBODY}) == (ids != NOBODY).sum()
        sure = scores > scores[-1] + 2e-3
        assert set(ids[sure].tolist()) <= set(wanted.tolist())


def test_searches_beside_changes(place: Place) -> None:
    gallery = place.open()
    gallery.enrol("kept", consent(), [new_work("kept")])
    done = threading.Event()
    failures: list[BaseException] = []

    def search() -> None:
        try:
            while not done.is_set():
                found = gallery.search_style(style_of("kept"), 1)
                assert gallery.works(found.ids[0].tolist())[found.ids[0, 0]].name == "kept"
                gallery.creators()
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for number in range(8):
            gallery.enrol("a", consent(), [new_work(f"{number}.{each}") for each in range(5)])
            if number % 3 == 2:
                gallery = place.settle(gallery)
                gallery.remove("a", [f"{number}.1"])
                gallery.withdraw("a")
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert not failures
