"""What whoever answers an appeal sees, and the files that were handed in with it."""

from datetime import timedelta

import pytest

from moderation.account_record import account_record
from moderation.appeal_case import appeal_case
from moderation.desk import answer_appeal, claim_appeal, open_appeal
from moderation.people import Moderator
from moderation.record import record
from storage import Store
from storage.attachments import KEPT, NewAttachment
from storage.errors import UnknownRecord
from tests.moderation.telling import (
    NOA,
    PROVEN,
    SENIOR,
    SUSPECTED,
    T0,
    inferred,
    later,
    policy,
    stated,
    upload,
)

LAYERS = NewAttachment("cat <b>.psd", b"8BPS and layers", b"RIFF", 3)
NOTE = NewAttachment("note.txt", b"I drew it.")


def objected(store: Store, name: str = "cat", account: str = "ann") -> str:
    """An appeal with two files against a delisting."""
    done = record(store, stated(name), upload(name, account), policy(PROVEN), at=T0, key=name)
    return open_appeal(
        store,
        done.id,
        account,
        "It is mine.",
        ["0" * 64],
        files=[LAYERS, NOTE],
        at=later(hours=1),
        key=f"appeal {name}",
    ).id


def test_all_that_is_to_be_seen(store: Store) -> None:
    appeal = objected(store)
    with store.reading() as reader:
        case = appeal_case(reader, appeal, "en")
        japanese = appeal_case(reader, appeal, "ja")
        assert reader.attachments.content(case.evidence[0].id) == LAYERS.content
        assert reader.attachments.preview(case.evidence[0].id) == LAYERS.preview
        with pytest.raises(UnknownRecord):
            reader.attachments.preview(case.evidence[1].id)
    assert [(one.name, one.size, one.layers, one.previewed) for one in case.evidence] == [
        (LAYERS.name, 15, 3, True),
        (NOTE.name, 10, None, False),
    ]
    assert case.elsewhere == ("0" * 64,)
    assert (case.appeal.text, case.stands) == ("It is mine.", "delist")
    assert len(case.statement) > 3
    assert case.statement != japanese.statement
    assert next(one.type for one in case.trail) == "appeal_opened"
    assert case.for_another(Moderator("tim", account="ann"))
    assert not case.for_another(NOA)


def test_a_second_try_keeps_each_file_once(store: Store) -> None:
    first, again = objected(store), objected(store)
    assert first == again
    with store.reading() as reader:
        assert len(appeal_case(reader, first, "en").evidence) == 2


def test_an_erasure_takes_the_files(store: Store) -> None:
    appeal, other = objected(store), objected(store, "dog", "ben")
    store.erase("ann", at=later(days=1), actor="officer")
    with store.reading() as reader:
        case = appeal_case(reader, appeal, "en")
        assert (case.evidence, case.statement, case.appeal.text) == ((), (), None)
        assert len(appeal_case(reader, other, "en").evidence) == 2


def test_files_go_some_months_after_the_answer(store: Store) -> None:
    old, still_open = objected(store), objected(store, "dog")
    claim_appeal(store, old, SENIOR, at=later(days=1), key="claim")
    answer_appeal(store, old, SENIOR, granted=False, reason="No.", at=later(days=1), key="answer")
    days = KEPT + timedelta(days=2)
    rules = policy(PROVEN)
    late = record(store, stated("x"), upload("x", at=T0 + days), rules, at=T0 + days, key="x")
    open_appeal(store, late.id, "ann", "No.", files=[NOTE], at=T0 + days, key="appeal x")
    with store.reading() as reader:
        assert appeal_case(reader, old, "en").evidence == ()
        assert len(appeal_case(reader, still_open, "en").evidence) == 2


def test_an_account_is_read_page_by_page(store: Store) -> None:
    rules = policy(SUSPECTED, PROVEN)
    for number in range(60):
        name = f"work {number}"
        record(store, inferred(name), upload(name), rules, at=later(minutes=number), key=name)
    record(store, stated("cat"), upload("cat"), rules, at=later(hours=2), key="cat")
    with store.reading() as reader:
        found = account_record(reader, "ann", at=later(days=1))
        assert (found.standing, found.warnings, found.suspended) == (1, 0, False)
        entries = list(found.entries)
        while found.more is not None:
            found = account_record(reader, "ann", at=later(days=1), before=found.more)
            entries += found.entries
        assert sum(one.type == "decided" for one in entries) == 61
        assert [one.sequence for one in entries] == sorted(
            {one.sequence for one in entries}, reverse=True
        )
        assert not account_record(reader, "nobody", at=T0).known
