"""Files of appeals: kept as they are, and gone from every file of the database with the account."""

import os

from storage import Store
from storage.attachments import NewAttachment
from tests.storage.telling import at
from tests.storage.test_erasure import files

NAME = "Annabel Lee by the sea.psd"


def held(address: str, store: Store, *secrets: bytes) -> int:
    """In how many files of the database one of some secrets lies."""
    contents = [one.read_bytes() for one in files(address, store) if one.is_file()]
    return sum(any(secret in data for secret in secrets) for data in contents)


def test_an_erasure_leaves_nothing_of_them_in_the_files(address: str, store: Store) -> None:
    # As it comes out of a program: nothing that a database could compress.
    content, kept = os.urandom(50_000), os.urandom(3_000)
    with store.transaction() as tx:
        tx.attachments.keep("d", "ann", [NewAttachment(NAME, content, content[::-1])], at=at(1))
        tx.attachments.keep("e", "bob", [NewAttachment("b", kept)], at=at(1))
        (one,) = tx.attachments.of("d")
        assert tx.attachments.content(one.id) == content
        assert tx.attachments.preview(one.id) == content[::-1]
    secrets = (NAME.encode(), content[:200], content[::-1][:200])
    assert held(address, store, *secrets) > 0
    assert store.erase("ann", at=at(2), actor="officer") == 1
    assert held(address, store, *secrets) == 0
    assert held(address, store, kept[:200]) > 0
