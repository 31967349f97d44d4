import csv
from pathlib import Path

import numpy as np

from evidence import Verdict
from tests.training.labels.claims import digest
from training.data.manifest import Row
from training.evaluation.figures import Answers
from training.labels.formats.table import read_table
from training.labels.suspects import suspected, write_suspects

N = 400
WRONG = frozenset(range(0, N, 20))
"""Images whose label is wrong: 1 in 20."""


def rows() -> list[Row]:
    found = []
    for i in range(N):
        ai = (i % 2 == 0) is not (i in WRONG)
        path = Path(f"{i}.png")
        label = "ai" if ai else "human"
        found.append(Row(line=i, name=str(path), path=path, label=label, source="s", kind="icon"))
    return found


def answers(repeats: int = 1) -> Answers:
    """Of heads that are mostly right, whatever the label says."""
    rng = np.random.default_rng(0)
    every = rows() * repeats
    truth = np.array([row.line % 2 == 0 for row in every])
    chances = np.clip(np.where(truth, 0.85, 0.15) + 0.12 * rng.normal(size=len(every)), 0.01, 0.99)
    verdicts = [Verdict.INCONCLUSIVE] * len(every)
    return Answers(every, ["g"] * len(every), chances, chances, verdicts, repeats)


DIGESTS = {row: digest(row.name) for row in rows()}


def test_labels_that_are_wrong_are_suspected_and_few_others() -> None:
    found = [one.row.line for one in suspected(answers(), DIGESTS)]
    assert len(WRONG & set(found)) >= 0.3 * len(WRONG), "surer than of the usual one: about half"
    assert len(set(found) - WRONG) <= 2
    assert set(found[: len(WRONG) // 2]) <= WRONG, "the likeliest come first"
    assert len(set(found)) == len(found)


def test_several_answers_to_an_image_count_together() -> None:
    found = suspected(answers(repeats=3), DIGESTS)
    lines = [one.row.line for one in found]
    assert len(set(lines)) == len(lines) >= 0.3 * len(WRONG)
    assert set(lines) <= WRONG
    one = found[0]
    assert (one.sha256, 0 < one.probability < 1) == (DIGESTS[one.row], True)


def test_they_are_written_as_a_table_that_can_be_imported(tmp_path: Path) -> None:
    found = suspected(answers(), DIGESTS)
    out = tmp_path / "deep" / "suspects.csv"
    write_suspects(found, out)
    with out.open(newline="") as file:
        first = next(csv.DictReader(file))
    assert first["path"] == found[0].row.name
    assert float(first["probability"]) == round(found[0].probability, 4)
    read = list(read_table(out))
    assert [one.sha256 for one in read] == [one.sha256 for one in found]
    assert [one.label for one in read] == [one.row.label for one in found]
