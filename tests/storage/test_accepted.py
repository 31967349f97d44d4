"""Uploads that were answered before they are decided about, whoever dies."""

from datetime import timedelta

import pytest

from labelling import Context
from storage import Store
from storage.accepted import FAILED_KEPT, AcceptedUpload
from storage.errors import BadText, UnknownRecord
from tests.storage.telling import at
from tests.storage.test_erasure import files

IMAGE = b"It was many and many a year ago" * 200
ANN = "Annabel Lee"


def upload(id_: str, account: str | None = ANN) -> AcceptedUpload:
    context = Context(service="pixiv", at=at(0), account=account, work="w", declared_ai=False)
    return AcceptedUpload(id_, f"key {id_}", context, "ab" * 32)


@pytest.fixture
def kept(store: Store) -> Store:
    """Two uploads, which `one` has until 1 and until 2."""
    with store.transaction() as tx:
        tx.accepted.keep(upload("a"), IMAGE, "one", at=at(0), until=at(1))
        tx.accepted.keep(upload("b", None), b"other", "one", at=at(0), until=at(2))
    return store


def claimed(store: Store, worker: str, hours: float, limit: int = 9) -> list[tuple[str, int]]:
    with store.transaction() as tx:
        found = tx.accepted.claim(worker, now=at(hours), until=at(hours + 1), limit=limit)
    return [(one.id, one.attempts) for one in found]


def test_what_is_kept_is_found_with_its_image(kept: Store) -> None:
    with kept.reading() as reader:
        assert reader.accepted.find("a") == upload("a")
        assert reader.accepted.image("a") == IMAGE
        assert reader.accepted.find("b") == upload("b", None)
        assert reader.accepted.count() == 2
        assert reader.accepted.find("c") is None
        with pytest.raises(UnknownRecord, match="no upload waits"):
            reader.accepted.image("c")


def test_it_is_taken_over_once_its_lease_has_ended(kept: Store) -> None:
    with kept.reading() as reader:
        assert not reader.accepted.abandoned(at(0.9))
        assert reader.accepted.abandoned(at(1))
    assert claimed(kept, "two", 0.9) == []
    assert claimed(kept, "two", 1) == [("a", 2)]
    assert claimed(kept, "three", 1) == []
    with kept.transaction() as tx:
        # It has lost the one; the other it has still.
        tx.accepted.lease(["a", "b"], "one", at(5))
    assert claimed(kept, "three", 2) == [("a", 3)]
    assert claimed(kept, "three", 5, limit=1) == [("a", 4)]
    assert claimed(kept, "three", 5) == [("b", 2)]


def test_only_who_has_it_lets_go_of_it(kept: Store) -> None:
    assert claimed(kept, "two", 1) == [("a", 2)]
    with kept.transaction() as tx:
        assert not tx.accepted.settle("a", "one")
        assert not tx.accepted.fail("a", "one", "code", "words", at=at(1))
        assert tx.accepted.settle("a", "two")
        assert not tx.accepted.settle("a", "two")
        assert tx.accepted.count() == 1


def test_what_cannot_be_judged_says_why_without_its_image(kept: Store) -> None:
    with kept.transaction() as tx:
        assert tx.accepted.fail("a", "one", "image_corrupt", "it ends\ntoo early", at=at(1))
        assert not tx.accepted.fail("a", "one", "other", "again", at=at(1))
    with kept.reading() as reader:
        found = reader.accepted.find("a")
        assert found is not None
        assert (found.code, found.detail) == ("image_corrupt", "it ends too early")
        assert reader.accepted.count() == 1
        with pytest.raises(UnknownRecord):
            reader.accepted.image("a")
    assert claimed(kept, "two", 1.5) == []
    with kept.transaction() as tx:
        tx.accepted.keep(upload("a"), IMAGE, "two", at=at(2), until=at(3))
        assert tx.accepted.find("a") == upload("a")


def test_why_not_can_be_asked_for_some_weeks(kept: Store) -> None:
    later = at(0) + FAILED_KEPT + timedelta(hours=1)
    with kept.transaction() as tx:
        tx.accepted.fail("a", "one", "image_corrupt", "no", at=at(1))
        tx.accepted.fail("b", "one", "image_corrupt", "no", at=later)
        assert tx.accepted.find("a") is None
        assert tx.accepted.find("b") is not None


def test_no_name_that_a_database_cannot_keep(store: Store) -> None:
    with pytest.raises(BadText), store.transaction() as tx:
        tx.accepted.keep(upload("a", "a\0b"), IMAGE, "one", at=at(0), until=at(1))


def test_nothing_is_left_in_the_files_once_the_account_is_erased(address: str, kept: Store) -> None:
    with kept.transaction() as tx:
        tx.accepted.keep(upload("c"), IMAGE, "one", at=at(0), until=at(1))
        tx.accepted.fail("c", "one", "image_corrupt", "no", at=at(1))
    assert kept.erase(ANN, at=at(3), actor="officer") == 2
    for file in files(address, kept):
        if file.is_file():
            data = file.read_bytes()
            assert ANN.encode() not in data
            assert IMAGE[:100] not in data
    with kept.reading() as reader:
        assert reader.accepted.find("b") is not None
    assert kept.verify().whole
    with pytest.raises(UnknownRecord, match="no account"):
        kept.erase(ANN, at=at(3), actor="officer")
