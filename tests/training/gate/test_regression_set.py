"""What a gate judges by stands apart for good, in whole groups, and how much it can prove."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.artefact.gate import Standing
from training.data.manifest import Row, read_manifest
from training.data.splits import group_keys
from training.gate.compare import paired_change, standing_of
from training.gate.regression_set import (
    GATE,
    chance_of_proof,
    counted,
    digest_of,
    draw,
    works_for,
    write_set,
)


def row(number: int, label: str, source: str, **more: str) -> Row:
    name = f"{number}.png"
    return Row(line=number, name=name, path=Path(name), label=label, source=source, **more)


rows = st.lists(
    st.builds(
        row,
        st.integers(0, 200),
        st.sampled_from(["ai", "human"]),
        st.sampled_from("abcdef"),
        creator=st.sampled_from(["", "Dot", "Lyn"]),
        pair_group=st.sampled_from(["", "", "p"]),
        split=st.sampled_from(["", "train", "dev", "gate"]),
    ),
    min_size=1,
    unique_by=lambda one: one.name,
)


def digests(found: list[Row]) -> list[str]:
    return [f"{one.line:016x}" + "0" * 48 for one in found]


@given(found=rows, share=st.floats(0.01, 0.99), known=st.sets(st.integers(0, 200)))
def test_groups_stay_whole_and_what_is_known_is_learnt_from(
    found: list[Row], share: float, known: set[int]
) -> None:
    seen = {f"{one:016x}" for one in known}
    splits = draw(found, digests(found), known=seen, share=share)
    of_group: dict[tuple[str, str], set[str]] = {}
    for one, group, split in zip(found, group_keys(found), splits, strict=True):
        if one.split == "dev":
            assert split == "dev"
        elif one.line in known:
            assert split == "train"
        else:
            of_group.setdefault((one.label, group), set()).add(split)
    assert all(len(one) == 1 for one in of_group.values())


@given(found=rows, more=rows, share=st.floats(0.01, 0.99))
def test_what_stood_apart_stays_apart_whatever_comes(
    found: list[Row], more: list[Row], share: float
) -> None:
    splits = draw(found, digests(found), known=(), share=share)
    apart = {d for d, split in zip(digests(found), splits, strict=True) if split == GATE}
    names = {one.name for one in found}
    grown = [*found, *(one for one in more if one.name not in names)]
    later = draw(grown, digests(grown), known=apart, standing=apart, share=share)
    assert set(later[: len(found)]) <= {"train", "dev", GATE}
    for digest, split in zip(digests(found), later, strict=False):
        assert digest not in apart or split == GATE


def test_the_set_is_a_manifest_with_both_splits(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"a")
    made = [
        replace(row(i, label, f"{label} {i}"), path=tmp_path / "a.png")
        for i in range(40)
        for label in ("ai", "human")
    ]
    made = [replace(one, name=f"{n}", certainty=0.5) for n, one in enumerate(made)]
    splits = draw(made, [f"{n:064x}" for n in range(80)], known=(), share=0.5)
    found = counted(made, splits)
    assert min(found.values()) > 8
    unique = made[:1]
    write_set(unique, ["0" * 64], splits[:1], tmp_path / "set" / "set.csv")
    (read,) = read_manifest(tmp_path / "set" / "set.csv")
    assert (read.path, read.sha256) == (tmp_path / "a.png", "0" * 64)
    assert (read.label, read.split, read.certainty) == ("ai", splits[0], 0.5)
    assert digest_of(read) == "0" * 64
    assert digest_of(made[0]).startswith("ca978112")
    assert digest_of(replace(made[0], path=tmp_path / "gone")) == ""


@pytest.mark.parametrize(("works", "rate"), [(1000, 0.01), (2000, 0.005), (4200, 0.005)])
def test_the_chance_is_that_of_gates_that_were_drawn(works: int, rate: float) -> None:
    rng = np.random.default_rng(0)
    names = [str(i) for i in range(works)]
    proven = 0
    for _ in range(120):
        before, after = (rng.random(works) < rate for _ in range(2))
        change = paired_change(before, after, names)
        proven += standing_of(change, 0.005, works) is Standing.NO_WORSE
    assert proven / 120 == pytest.approx(chance_of_proof(works, rate, 0.005), abs=0.12)


def test_how_many_works_it_takes() -> None:
    assert chance_of_proof(735, 0.0001, 0.005) == 0.0
    for rate in (0.001, 0.005, 0.01):
        wanted = works_for(0.9, rate, 0.005)
        assert chance_of_proof(wanted, rate, 0.005) >= 0.9
        assert wanted == 736 or chance_of_proof(wanted - 1, rate, 0.005) < 0.9
    assert works_for(0.9, 0.0001, 0.005) == 736
