from dataclasses import replace

import numpy as np
import pytest

from similarity.copies.pdq import SAME_BITS
from similarity.copies.sharing import unsettled, unsettled_of
from similarity.description import USABLE_QUALITY
from similarity.gallery.gallery import NewWork
from tests.similarity.fakes import MemoryGallery, consent, enrol, new_work


def test_who_shares_works_is_told_until_they_are_collaborators():
    gallery = MemoryGallery()
    works = [new_work(str(number)) for number in range(5)]
    enrol(gallery, "Ann", consent(), works)
    enrol(gallery, "Bob", consent(), works[:3])
    enrol(gallery, "Cid", consent(), [works[0], new_work("own")])
    enrol(gallery, "Dora", consent(), [new_work("hers")])
    assert unsettled(gallery.state()) == {
        "Ann": {"Bob": 3, "Cid": 1},
        "Bob": {"Ann": 3, "Cid": 1},
        "Cid": {"Ann": 1, "Bob": 1},
    }
    enrol(gallery, "Bob", consent(), [], collaborators=["Ann"])
    gallery.withdraw("Cid")
    assert unsettled(gallery.state()) == {}


def saved_anew(work: NewWork, bits: int, *, quality: int = 100) -> NewWork:
    """Another file that shows the same, but for some bits of its hash."""
    flipped = np.zeros(256, np.uint8)
    flipped[:bits] = 1
    changed = replace(
        work.description,
        hash=work.description.hash ^ np.packbits(flipped),
        hash_quality=quality,
    )
    return replace(new_work(f"{work.name}, {bits} bits"), description=changed)


def test_other_files_that_show_the_same_are_told_if_asked_for():
    gallery = MemoryGallery()
    works = [saved_anew(new_work(str(number)), 0) for number in range(4)]
    enrol(gallery, "Ann", consent(), works)
    others = [
        saved_anew(works[0], SAME_BITS),
        saved_anew(works[1], SAME_BITS + 1),
        saved_anew(works[2], 3, quality=USABLE_QUALITY - 1),
    ]
    enrol(gallery, "Bob", consent(), [*others, works[3]])
    enrol(gallery, "Cid", consent(), [saved_anew(works[1], 5)], collaborators=["Ann"])
    assert unsettled(gallery.state()) == {"Ann": {"Bob": 1}, "Bob": {"Ann": 1}}
    found = unsettled(gallery.state(), near=True)
    assert found == {
        "Ann": {"Bob": 2},
        "Bob": {"Ann": 2, "Cid": 1},
        "Cid": {"Bob": 1},
    }


@pytest.mark.parametrize("near", [False, True])
def test_one_creator_is_told_the_same_as_by_looking_at_all(near):
    gallery = MemoryGallery()
    works = [saved_anew(new_work(str(number)), 0) for number in range(5)]
    enrol(gallery, "Ann", consent(), works)
    enrol(gallery, "Bob", consent(), [saved_anew(works[0], 5), works[1], works[2]])
    enrol(gallery, "Cid", consent(), [works[1]], collaborators=["Ann"])
    enrol(gallery, "Dora", consent(), [new_work("hers"), saved_anew(works[3], 2)])
    state = gallery.state()
    everybody = unsettled(state, near=near)
    assert everybody["Ann"] == ({"Bob": 3, "Dora": 1} if near else {"Bob": 2})
    for one in state.creators():
        assert unsettled_of(state, one.name, near=near) == everybody.get(one.name, {})
