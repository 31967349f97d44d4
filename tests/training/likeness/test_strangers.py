"""Whose pictures count as innocent, and what they reached."""

import math
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence import ArtefactId, Judgement, Reason, SimilarityEvidence
from storage import Store
from storage.decisions import RecordedDecision
from tests.moderation.conftest import address, store
from tests.training.likeness.answers import answered, like, near, posted
from training.detector.recalibrate import REPEATED, SAME_CREATOR, SEEN
from training.likeness.labels import recorded_likeness
from training.likeness.strangers import (
    IMITATOR,
    NOT_SEARCHED,
    OTHER_MODEL,
    Stranger,
    live_strangers,
    sample_of,
    share_of,
)

__all__ = ["address", "store"]

MODEL = ArtefactId("ours", "1" * 64)


def artefact(correction: float = 2.0) -> SimpleNamespace:
    """What a sample asks of a model: who it is, and its correction."""
    return SimpleNamespace(id=MODEL, manifest=SimpleNamespace(cohort_correction=correction))


def by_model(one: Judgement, model: ArtefactId | None = MODEL) -> Judgement:
    return replace(one, made_by=replace(one.made_by, similarity=model))


def test_the_smallest_share_counts_by_which_somebody_could_be_accused() -> None:
    kept = near("Plain", p_value=0.0001)
    kept = replace(kept, reason=Reason("style_few_works", "Few."))
    evidence = SimilarityEvidence((), (near("A", p_value=0.04), near("B", p_value=0.2), kept), "i")
    assert share_of(evidence, 2.0) == pytest.approx(0.02)
    by_ai = replace(near("C", p_value=0.03), reason=Reason("style_by_ai", "Few by AIs."))
    assert share_of(SimilarityEvidence((), (by_ai,), "i"), 1.0) == 0.03
    assert share_of(SimilarityEvidence((), (), "i"), 1.0) == 1.0
    assert share_of(SimilarityEvidence((), (near("A", p_value=0.9),), "i"), 0.5) == 1.0


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.sampled_from(["", "ann", "ben"]), st.floats(1e-12, 1.0))
    )
)
def test_of_each_person_and_picture_one_counts_and_the_others_are_told(
    drawn: list[tuple[int, str, float]],
) -> None:
    strangers = [Stranger(f"{person} {i}", share, person) for i, person, share in drawn]
    left_out: Counter[str] = Counter()
    sample = sample_of(strangers, left_out)
    assert len(set(sample.sha256)) == len(sample.sha256) == len(sample.scores)
    assert len(sample.scores) + sum(sample.left_out.values()) == len(strangers)
    assert sample.left_out.keys() <= {REPEATED, SAME_CREATOR}
    assert (sample.scores >= 0).all()
    first = {one.sha256: one for one in reversed(strangers)}
    people = [first[digest].person for digest in sample.sha256]
    assert all(people.count(name) == 1 for name in people if name)


def test_uploads_count_whether_or_not_anybody_looked_at_them(store: Store) -> None:
    # One of each account; whose imitation was confirmed is no innocent, whose was refused is.
    posts = {
        "a": ("imitator", near("Dot", p_value=0.001)),
        "b": ("imitator", near("Dot", p_value=0.5)),
        "c": ("innocent", near("Dot", p_value=0.004)),
        "d": ("nobody looked", near("Lyn", "review", 0.02)),
        "e": ("far", near("Lyn", "none", 0.9)),
    }
    decided = {
        work: posted(store, by_model(like(work, found)), work, account)
        for work, (account, found) in posts.items()
    }
    posted(store, by_model(like("f", near("Lyn")), ArtefactId("theirs", "2" * 64)), "f", "other")
    posted(store, replace(like("g"), similarity=None), "g", "not searched")
    answered(store, decided["a"].id, True)
    answered(store, decided["c"].id, False)
    with store.reading() as reader:
        labels = recorded_likeness(reader)
    since = datetime.min.replace(tzinfo=UTC)
    decisions = list(store.decisions(since=since))
    sample = live_strangers(decisions, labels, artefact())  # type: ignore[arg-type]
    shares = sorted(math.exp(-score) for score in sample.scores)
    assert shares == pytest.approx([0.002, 0.01, 0.45])
    assert sample.left_out == {IMITATOR: 2, OTHER_MODEL: 1, NOT_SEARCHED: 1}
    seen = frozenset(digest[:16] for digest in sample.sha256)
    again = live_strangers(decisions, labels, artefact(), seen)  # type: ignore[arg-type]
    assert (len(again.scores), again.left_out[SEEN]) == (0, 3)


def test_what_was_erased_is_no_sample(tmp_path: Path) -> None:
    none = SimpleNamespace(judgement=None)
    sample = live_strangers([none], [], artefact())  # type: ignore[list-item, arg-type]
    assert sample.left_out == {NOT_SEARCHED: 1}
    assert RecordedDecision.__dataclass_fields__["judgement"]
