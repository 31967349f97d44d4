from pathlib import Path

import numpy as np

from benchmarks.against import Times
from benchmarks.similar import Answers, Difference, chosen, keep
from benchmarks.similar_turns import kept
from models import Features
from tests.fakes import FakeEncoder
from tests.scan.making import picture
from training.data.manifest import Row


def row(name: str, label: str, creator: str = "") -> Row:
    return Row(2, name, Path(name), label, creator=creator)


def test_what_is_searched_for_is_not_enrolled() -> None:
    rows = [row(f"{person}/{i}", "human", str(person)) for person in range(6) for i in range(9)]
    rows += [row(f"ai/{i}", "ai") for i in range(30)]
    enrolled, asked = chosen(rows, creators=4, works=7, uploads=12)
    assert len(enrolled) == 4 * 7
    assert len({one.creator for one in enrolled}) == 4
    assert len(asked) == len({one.name for one in asked} - {one.name for one in enrolled}) == 12
    assert sum(one.label == "ai" for one in asked) == 4
    assert chosen(rows, 4, 7, 12) == (enrolled, asked)


def test_what_two_trees_say_differently_is_counted() -> None:
    times = [Times(1.0, 1.0)]
    before = Answers(times, [{("a", "copy")}, {("b", "copy")}], [{"X": 1.0, "Y": 2.0}, {}])
    after = Answers(times, [{("a", "review")}, {("b", "copy")}], [{"X": 1.5}, {}])
    assert Difference.of(before, before) == Difference(0, 0, 0, 0.0)
    assert Difference.of(before, after) == Difference(lost=1, added=1, creators=1, score=0.5)


def test_what_a_search_needs_is_kept(tmp_path: Path) -> None:
    rows = []
    for i in range(3):
        file = tmp_path / f"{i}.png"
        file.write_bytes(picture(i, "PNG", side=60))
        rows.append(Row(2, f"{i}", file, "human", creator="Ann"))
    assert keep(tmp_path / "works.npz", rows, FakeEncoder()) == 3
    found = list(kept(tmp_path / "works.npz"))
    assert [(name, creator) for name, creator, _ in found] == [(f"{i}", "Ann") for i in range(3)]
    for _, _, (features, sketch) in found:
        assert isinstance(features, Features)
        assert len(features) == 1
        assert sketch.dtype == np.uint8
        assert sketch.ndim == 2
