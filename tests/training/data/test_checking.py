from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.encoder.features import ARRAYS, Features
from tests.training.tables import made_table
from training.data.checking import require_files, require_one_label
from training.data.features import FeatureTable
from training.data.manifest import Row, read_training_rows
from training.errors import ContradictoryLabels, LeakageError, MissingFiles


def row(i: int, folder: Path, label: str = "ai") -> Row:
    return Row(line=i + 2, name=f"{i}.png", path=folder / f"{i}.png", label=label)


def table(*rows: Row) -> FeatureTable:
    arrays = {name: np.zeros((len(rows), 1, 1), np.float32) for name in ARRAYS}
    return made_table(rows, Features(**arrays, encoder="none"))


def test_missing_images_are_named(tmp_path: Path) -> None:
    rows = [row(i, tmp_path) for i in range(14)]
    for one in rows[:2]:
        one.path.touch()
    rows[2] = replace(rows[2], sha256="a" * 64)
    with pytest.raises(MissingFiles, match=r"of 3\.png \(line 5\); .*; 12\.png.* and 1 more:"):
        require_files(rows)
    require_files(rows[:3])
    require_files(rows[:3], kept=set(rows[:3]))
    with pytest.raises(MissingFiles, match=r"2\.png \(line 4\)"):
        require_files(rows[:3], kept=set(rows[:2]))


def test_contradictory_labels_are_named(tmp_path: Path) -> None:
    found = table(row(0, tmp_path), row(1, tmp_path, "human"))
    require_one_label(found)
    same = replace(found, sha256=("a" * 64,) * 2)
    with pytest.raises(ContradictoryLabels, match=r"0\.png \(ai, line 2\) and 1\.png \(human"):
        require_one_label(same)


@pytest.mark.parametrize(
    ("column", "value", "what"), [("sha256", "a" * 64, "bytes"), ("pair_group", "p", "pair group")]
)
def test_what_stands_in_two_splits_is_named(
    column: str, value: str, what: str, tmp_path: Path
) -> None:
    manifest = tmp_path / "manifest.csv"
    text = "path,label,split,{}\na.png,ai,train,{v}\nb.png,ai,{},{v}\n"
    manifest.write_text(text.format(column, "dev", v=value))
    with pytest.raises(LeakageError, match=rf"a\.png \(line 2, train\) .* the same {what}"):
        read_training_rows(manifest)
    manifest.write_text(text.format(column, "train", v=value))
    assert len(read_training_rows(manifest)) == 2
