"""What people say of likeness becomes labels; what the model names by itself does not."""

import csv
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelling.policy.document import Row
from moderation.desk import answer_appeal, claim_appeal, open_appeal
from storage import Store
from tests.labelling.building import similarities
from tests.moderation.conftest import address, store
from tests.moderation.telling import NOA, later
from tests.training.likeness.answers import RULES, answered, copied, like, near, posted
from training.likeness.labels import (
    Likeness,
    LikenessLabel,
    named_by,
    of_enrolled,
    recorded_likeness,
    write_likeness,
)

__all__ = ["address", "store"]


def labels(store: Store) -> dict[tuple[str, str], LikenessLabel]:
    with store.reading() as reader:
        found = recorded_likeness(reader)
    return {(one.creator, one.likeness.value): one for one in found}


def test_answers_to_reviews_are_labels_and_what_nobody_looked_at_is_none(store: Store) -> None:
    yes = posted(store, like("a", near("Dot"), near("Lyn", "none")), "a")
    posted(store, like("b", near("Lyn")), "b")
    answered(store, yes.id, True)
    found = labels(store)
    assert found.keys() == {("Dot", "style")}
    (one,) = found.values()
    assert (one.confirmed, one.by, one.certainty, one.account) == (True, "mia", 1.0, "ann")
    assert (one.at, one.origin) == (later(hours=1), "moderator")


def test_an_answer_is_about_whom_its_row_asks_about(store: Store) -> None:
    both = posted(store, like("a", near("Dot"), copied("Lyn")), "a")
    answered(store, both.id, False, row="copy")
    assert {key: one.confirmed for key, one in labels(store).items()} == {("Lyn", "copy"): False}
    answered(store, both.id, True, row="near", at=later(hours=2))
    assert labels(store)["Dot", "style"].confirmed


def test_a_yes_about_any_of_several_is_as_sure_as_one_of_them(store: Store) -> None:
    several = posted(store, like("a", near("Dot"), near("Lyn", "review")), "a")
    answered(store, several.id, True)
    assert [one.certainty for one in labels(store).values()] == [0.5, 0.5]
    none = posted(store, like("b", near("Ann"), near("Ben")), "b")
    answered(store, none.id, False)
    assert labels(store)["Ann", "style"].certainty == 1.0


def test_an_appeal_is_heard_before_a_review(store: Store) -> None:
    said = posted(store, like("a", copied("Dot")), "a")
    answered(store, said.id, True, row="copy")
    appeal = open_appeal(store, said.id, "ann", "No.", at=later(days=1), key="appeal")
    claim_appeal(store, appeal.id, NOA, at=later(days=1), key="claim")
    how = {"granted": True, "reason": "Another fox.", "at": later(days=1), "key": "granted"}
    answer_appeal(store, appeal.id, NOA, **how)  # type: ignore[arg-type]
    (one,) = labels(store).values()
    assert (one.confirmed, one.by, one.origin) == (False, "noa", "appeal")


def test_erased_uploads_and_creators_who_are_not_enrolled_leave(store: Store) -> None:
    for work, creator in (("a", "Dot"), ("b", "Lyn")):
        said = posted(store, like(work, near(creator)), work, account=f"of {work}")
        answered(store, said.id, True)
    with store.reading() as reader:
        every = recorded_likeness(reader)
    assert [one.creator for one in of_enrolled(every, {"Lyn"})] == ["Lyn"]
    store.erase("of a", at=later(days=1), actor="sol")
    assert labels(store).keys() == {("Lyn", "style")}


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_labels_are_written_as_a_table(store: Store, tmp_path: Path, suffix: str) -> None:
    said = posted(store, like("a", near("Dot, Jr. \u202e")), "a")
    answered(store, said.id, False)
    out = tmp_path / f"labels{suffix}"
    with store.reading() as reader:
        write_likeness(recorded_likeness(reader), out)
    if suffix == ".csv":
        with out.open(newline="") as file:
            (row,) = csv.DictReader(file)
    else:
        (row,) = pq.read_table(out).to_pylist()
    assert (row["creator"], row["answer"], row["by"]) == ("Dot, Jr. \u202e", "refused", "mia")
    assert (row["likeness"], row["certainty"], row["origin"]) == ("style", "1", "moderator")


rows = st.builds(
    lambda style, copy: next(one for one in RULES.documents[0].rows if one.id == "near").model_copy(
        update={
            "when": (
                RULES.documents[0]
                .rows[0]
                .when[0]
                .model_copy(update={"style": style, "copy_of_work": copy}),
            )
        }
    ),
    st.sampled_from([None, "close", "review"]),
    st.sampled_from([None, "copy", "review"]),
)


@given(row=rows, evidence=similarities)
def test_nobody_is_named_whom_the_row_does_not_ask_about(row: Row, evidence: object) -> None:
    named = named_by(row, evidence)  # type: ignore[arg-type]
    (case,) = row.when
    for creator, likeness in named:
        found = evidence.creators if likeness is Likeness.STYLE else evidence.copies  # type: ignore[attr-defined]
        wanted = case.style if likeness is Likeness.STYLE else case.copy_of_work
        verdicts = {one.verdict for one in found if one.creator == creator}
        assert wanted is not None
        assert verdicts & ({wanted} if wanted in ("close", "copy") else {"close", "copy", "review"})
    assert named_by(row, None) == frozenset()
