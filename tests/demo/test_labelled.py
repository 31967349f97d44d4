from pathlib import Path

import numpy as np
import pytest

from demo.labelled import made_up_answers, write_labelled
from training.data.manifest import in_split, read_manifest, sample_rows
from training.evaluation.figures import detector_figures


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_labelled(tmp_path_factory.mktemp("labelled"), each=2)


def test_the_manifest_is_in_order_and_has_its_faults(manifest: Path) -> None:
    rows = read_manifest(manifest)
    assert all(row.path.is_file() for row in rows)
    assert {row.label for row in in_split(rows, "dev")} == {"ai", "human"}
    works = {row.name: row for row in rows}
    first, again = works["human/Paper Moon/0.jpg"], works["human/reposts/0.jpg"]
    assert (first.creator, first.split, again.split) == (again.creator, "train", "dev")
    assert {row.path.suffix for row in rows if row.label == "ai"} == {".png"}


def test_so_many_of_each_label_are_drawn(manifest: Path) -> None:
    rows = read_manifest(manifest)
    drawn = sample_rows(rows, 3, seed=1)
    assert [sum(row.label == label for row in drawn) for label in ("ai", "human")] == [3, 3]
    assert list(drawn) == [row for row in rows if row in set(drawn)]
    assert drawn == sample_rows(rows, 3, seed=1) != sample_rows(rows, 3, seed=2)
    assert sample_rows(rows, 1000) == rows


def test_made_up_answers_are_as_good_as_they_are_said_to_be() -> None:
    honest, boasting = (made_up_answers(overconfident=by) for by in (1.0, 3.0))
    assert np.array_equal(honest.scores, boasting.scores)
    figures = [detector_figures(answers) for answers in (honest, boasting)]
    assert figures[0].overall.auroc.value > 0.9
    assert figures[0].calibration_error < figures[1].calibration_error
