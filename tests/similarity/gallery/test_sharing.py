from similarity.gallery.sharing import unsettled
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
