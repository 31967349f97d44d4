"""What is erased is gone from every file, and the chain stays whole."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from storage import EventType, Role, Store, open_store
from storage.errors import RecordsBusy, UnknownRecord
from storage.submitted import Submitted
from tests.storage.telling import at, decision, event, posted, state_of

SECRETS = ("Annabel Lee", "kingdom-by-the-sea", "It was many and many a year ago", "tomb 7")

SHOWN, SAID = b"a picture of her", "an answer about her"
"""Beside the events: a small picture, and an answer that is not carried out."""


def tell(store: Store) -> None:
    ann, work, words, request = SECRETS
    names = {Role.CREATOR: ("ben",), Role.REQUEST: (request,)}
    opened = {"appeal": "a", "decision": "d", "due_at": at(9).isoformat()}
    notice = {"message": "m", "topic": "labelled", "decision": "d"}
    with store.transaction() as transaction:
        transaction.append(
            posted(ann, "a first work"),
            decision(ann, work, 1, id_="d", creator="ben"),
            decision("bob", "kept", 2, id_="e", creator="cleo"),
            event(EventType.REQUEST_PLACED, account=ann, names=names, data={"same_as": "x"}),
            event(EventType.APPEAL_OPENED, account=ann, data=opened, private={"text": words}),
            event(
                EventType.NOTICE_QUEUED,
                account="bob",
                names={Role.RECIPIENT: (ann,)},
                data=notice,
                private={"body": {"to": ann}},
            ),
        )
        transaction.previews.keep("d", ann, SHOWN, at=at(1))
        answer = Submitted("r", "mia", "k", {"reason": SAID}, at(1), at(2), None, None)
        transaction.submitted.keep(answer, ann)


def files(address: str, store: Store) -> Iterator[Path]:
    """The files in which the database keeps its tables."""
    if address.startswith("sqlite"):
        database = make_url(address).database
        assert database
        yield from Path(database).parent.iterdir()
        return
    with store.database.engine.connect() as connection:
        folder = Path(str(connection.scalar(text("SHOW data_directory"))))
        number = connection.scalar(
            text("SELECT oid FROM pg_database WHERE datname = current_database()")
        )
        connection.commit()
        autocommit = connection.execution_options(isolation_level="AUTOCOMMIT")
        autocommit.execute(text("CHECKPOINT"))
    yield from (folder / "base" / str(number)).iterdir()


def found(address: str, store: Store) -> set[str]:
    """Which of the secrets lie in a file. (Documents are compressed: names alone show.)"""
    contents = [file.read_bytes() for file in files(address, store) if file.is_file()]
    secrets = (*SECRETS, SHOWN.decode(), SAID)
    return {secret for secret in secrets if any(secret.encode() in data for data in contents)}


def private_parts(store: Store) -> list[bytes]:
    with store.database.engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT sequence, content FROM rakkan_records_private"
                " UNION ALL SELECT sequence, content FROM rakkan_records_nearness"
            )
        )
        return [bytes(row.content) for row in rows if row.sequence in (2, 5, 6)]


def test_nothing_is_left_in_the_files_and_the_chain_is_whole(address: str, store: Store) -> None:
    tell(store)
    ann, work, _, request = SECRETS
    secret = private_parts(store)
    assert len(secret) == 6
    assert found(address, store) == {ann, work, request, SHOWN.decode(), SAID}
    assert store.erase(ann, at=at(9), actor="officer") == 7
    assert found(address, store) == set()
    for file in files(address, store):
        if file.is_file():
            data = file.read_bytes()
            assert not any(content in data for content in secret)
    verified = store.verify()
    assert (verified.whole, verified.erased, verified.events) == (True, 6, 7)


def test_what_must_be_kept_stays_under_a_number(store: Store) -> None:
    tell(store)
    ann, work, *_ = SECRETS
    store.erase(ann, at=at(9), actor="officer")
    with store.reading() as reader:
        kept = reader.decision("d")
        assert (kept.action, kept.policy, kept.decided_at) == ("review", "comics", at(1))
        assert kept.account is not None
        assert kept.account.startswith("erased-")
        assert kept.judgement is kept.context is kept.decision is None
        assert reader.appeal("a").text is None
        assert reader.history(ann, since=at(-9), until=at(9)).posts == ()
        assert reader.decisions_about(work) == ()
        message = reader.message("m")
        assert (message.cancelled_at, message.body) == (at(9), None)
        other = reader.decision("e")
        assert other.judgement is not None
        posts = reader.history("bob", since=at(-9), until=at(9)).posts
        assert [post.likenesses[0].creator for post in posts] == ["cleo"]
    assert store.claim(at(10)) == ()
    before = state_of(store)
    store.rebuild()
    assert state_of(store) == before


def test_the_same_name_begins_anew(store: Store) -> None:
    tell(store)
    ann = SECRETS[0]
    store.erase(ann, at=at(9), actor="officer")
    with pytest.raises(UnknownRecord, match="no account"):
        store.erase(ann, at=at(9), actor="officer")
    with store.transaction() as transaction:
        transaction.append(posted(ann, "new", 20))
        posts = transaction.history(ann, since=at(-9), until=at(99)).posts
    assert [post.work for post in posts] == ["new"]
    store.erase(ann, at=at(30), actor="officer")
    assert store.verify().whole


def test_who_still_reads_is_told_and_it_is_made_good_later(address: str, store: Store) -> None:
    tell(store)
    ann = SECRETS[0]
    other = open_store(address)
    with other.reading() as reader:
        reader.head()
        with store.transaction() as transaction:
            transaction.erase(ann, at=at(9), actor="officer")
        with pytest.raises(RecordsBusy, match="still reads"):
            store.clean(patience=0.2)
    other.close()
    open_store(address).close()
    assert found(address, store) == set()
    with store.reading() as reader:
        assert not reader.head().unclean
