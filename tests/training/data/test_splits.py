from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.encoder.features import Features
from tests.training.tables import made_table
from training.data.features import FeatureTable
from training.data.manifest import Row
from training.data.splits import (
    assign_folds,
    group_keys,
    join_groups,
    near_duplicates,
    require_no_leak,
)
from training.errors import LeakageError, TooFewImages


def _rows(*texts: str) -> list[Row]:
    """Rows from `label source creator-or-generator [pair]`."""
    rows = []
    for i, text in enumerate(texts):
        label, source, who, pair = (*text.split(), "")[:4]
        names = {"generator": who} if label == "ai" else {"creator": who}
        rows.append(
            Row(i + 2, f"{i}.png", Path(f"{i}.png"), label, source=source, pair_group=pair, **names)
        )
    return rows


def _table(rows: list[Row], embedding: np.ndarray | None = None) -> FeatureTable:
    n = len(rows)
    embedding = np.eye(n, dtype=np.float32) if embedding is None else embedding
    zeros = np.zeros((n, 1, 1), np.float32)
    features = Features(embedding, zeros, zeros, zeros, encoder="fake:1")
    return made_table(tuple(rows), features)


def test_the_sources_of_one_generator_are_held_out_together() -> None:
    keys = group_keys(_rows("ai a FLUX", "ai a FLUX", "ai a SDXL", "ai b FLUX", "ai c SDXL"))
    assert keys == ["generator FLUX"] * 4 + ["generator SDXL"]


def test_a_source_that_mixes_generators_or_does_not_know_them_is_its_own_group() -> None:
    rows = _rows("ai a X", "ai a Y", "ai b unknown-AI", "ai c unknown-AI")
    assert group_keys(rows) == ["source a", "source a", "source b", "source c"]


def test_a_creator_with_works_in_two_sources_is_one_group() -> None:
    rows = _rows("human book Corot", "human louvre Corot", "human louvre Ingres")
    assert group_keys(rows) == ["creator Corot", "creator Corot", "source louvre"]


def test_a_large_source_of_many_creators_is_split_by_creator() -> None:
    rows = _rows(*(f"human big c{i % 25}" for i in range(250)), *["human small d"] * 3)
    keys = group_keys(rows)
    assert len(set(keys[:250])) == 25
    assert keys[250:] == ["source small"] * 3


def test_pairs_and_near_duplicates_join_groups() -> None:
    rows = _rows("ai a X p", "human b U p", "human c V", "human d W", "ai e Y")
    joined = join_groups(rows, group_keys(rows), [(2, 3)])
    assert joined[0] == joined[1]
    assert joined[2] == joined[3]
    assert len(set(joined)) == 3


@given(
    st.lists(st.tuples(st.integers(0, 12), st.sampled_from("abc")), min_size=30, max_size=200),
    st.integers(2, 5),
    st.integers(0, 3),
)
def test_folds_never_part_a_group_and_are_the_same_every_time(
    rows: list[tuple[int, str]], folds: int, seed: int
) -> None:
    groups, strata = [str(g) for g, _ in rows], [s for _, s in rows]
    if len(set(groups)) < folds:
        with pytest.raises(TooFewImages):
            assign_folds(groups, strata, folds, seed)
        return
    dealt = assign_folds(groups, strata, folds, seed)
    assert len(set(zip(groups, dealt.tolist(), strict=True))) == len(set(groups))
    assert set(dealt.tolist()) == set(range(folds))
    np.testing.assert_array_equal(dealt, assign_folds(groups, strata, folds, seed))


def test_folds_share_out_every_stratum() -> None:
    groups = [f"{s}{i % 20}" for s in "ab" for i in range(200)]
    dealt = assign_folds(groups, [g[0] for g in groups], 5, 0)
    for part in (dealt[:200], dealt[200:]):
        np.testing.assert_array_equal(np.bincount(part), [40] * 5)


def test_near_duplicates_are_close_in_embedding_and_in_hash() -> None:
    rows = _rows(*["human a x"] * 4)
    embedding = np.array([[1, 0], [0.99, 0.141], [1, 0], [0, 1]], np.float32)
    table = _table(rows, embedding)
    table.hashes[2] = 255  # close in embedding, quite another hash
    assert near_duplicates(table) == [(0, 1)]
    same_bytes = replace(table, sha256=(table.sha256[0], *table.sha256[:1] * 2, table.sha256[3]))
    assert (0, 2) in near_duplicates(same_bytes)


def test_the_guard_finds_injected_leaks() -> None:
    rows = _rows("ai a X", "ai b Y", "human c U p", "human d V p")
    table = _table(rows)
    whole = np.array([0, 1, 0, 0])
    require_no_leak(table, whole)
    with pytest.raises(LeakageError, match=r"2.png and 3.png have the same pair group"):
        require_no_leak(table, np.array([0, 1, 0, 1]))
    copied = replace(table, sha256=(table.sha256[0], table.sha256[0], *table.sha256[2:]))
    with pytest.raises(LeakageError, match=r"0.png and 1.png have the same bytes"):
        require_no_leak(copied, whole)
    with pytest.raises(LeakageError, match="near-duplicates"):
        require_no_leak(table, whole, [(0, 1)])
