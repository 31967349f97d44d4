from pathlib import Path

import numpy as np
import pytest

from benchmarks.against import Task, Times, Tree, compete, execute, first_import, ratio
from benchmarks.errors import RunFailed
from models import Precision

OLD, NEW = (Tree(name, Path(name), Path(name)) for name in ("old", "new"))


def test_trees_take_turns_and_the_first_round_does_not_count() -> None:
    order: list[str] = []

    def do(tree: Tree) -> Times:
        order.append(tree.name)
        warm = len(order) > 2
        return Times(cpu=(2.0 if tree is OLD else 1.0) if warm else 99.0, wall=3.0)

    found = compete(Task.SCAN, [OLD, NEW], do, rounds=3)
    assert order == ["new", "old", "old", "new"] * 2
    assert (found.cpu, found.wall) == ((2.0, 1.0), (3.0, 3.0))
    assert found.cpu_ratio.value == pytest.approx(0.5)
    assert (found.wall_ratio.value, found.wall_ratio.n) == (pytest.approx(1.0), 3)


def test_a_ratio_is_of_pairs() -> None:
    noise = np.random.default_rng(0).uniform(1, 10, 30)
    found = ratio(noise, 0.9 * noise)
    assert (found.low, found.value, found.high) == pytest.approx((0.9, 0.9, 0.9))
    wide = ratio(noise, 0.9 * noise[::-1])
    assert wide.low < 0.9 < wide.high


def test_each_tree_runs_its_own_packages(tmp_path: Path) -> None:
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "__init__.py").write_text("open('ran', 'w')")
    tree = Tree("made", tmp_path, tmp_path)
    taken = execute(tree, first_import(tree), Precision.INT8)
    assert (tmp_path / "ran").exists()
    assert taken.cpu > 0
    (tmp_path / "evidence" / "__init__.py").write_text("raise ValueError('no good')")
    with pytest.raises(RunFailed, match=r"made: .* no good"):
        execute(tree, first_import(tree), Precision.INT8)
