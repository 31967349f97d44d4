from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from detector import Detector
from evidence import Verdict
from tests.artefacts import fake_features, write_artefact
from tests.training.tables import made_table
from training.data.features import FeatureTable
from training.data.manifest import Row
from training.evaluation.answers import answers_of

SURE = 9.0


@pytest.fixture
def detector(tmp_path: Path) -> Detector:
    return Detector(write_artefact(tmp_path / "small"))


@pytest.fixture
def table() -> FeatureTable:
    """Three images that look most surely like AI pictures."""
    rows = tuple(Row(i, str(i), Path(str(i)), "human") for i in range(3))
    return made_table(rows, fake_features([SURE] * 3))


def test_nothing_is_published_of_plain_and_of_tiny_images(
    detector: Detector, table: FeatureTable
) -> None:
    """As in use: an evaluation without the safeguards would be of another detector."""
    plain, tiny = table.information.copy(), table.sides.copy()
    plain[0] = 0.99, 0.0
    tiny[1] = 300, 8
    answers = answers_of(replace(table, information=plain, sides=tiny), [""] * 3, detector)
    assert answers.verdicts == [Verdict.INCONCLUSIVE, Verdict.INCONCLUSIVE, Verdict.AI]
    np.testing.assert_allclose(answers.scores, SURE)


def test_the_answers_are_those_of_the_detector(detector: Detector, table: FeatureTable) -> None:
    answers = answers_of(table, ["a", "b", "c"], detector)
    one = detector.assess(table.image(0), table.measures(0))
    assert answers.probabilities[0] == one.probability
    assert answers.scores[0] == one.score
    assert answers.groups == ["a", "b", "c"]
