import numpy as np
import pytest

from models.patch_head import PatchHead
from tests.artefacts import FakeEncoder
from tests.training.grainy import grainy_table
from training.data.features import FeatureTable
from training.detector.heat_evaluation import LAYOUTS, ai_part, localisation, splice

BY_GRAIN = PatchHead(np.array([0, 1, 0], np.float32), bias=0.0)
BY_NOTHING = PatchHead(np.zeros(3, np.float32), bias=0.0)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> FeatureTable:
    return grainy_table(tmp_path_factory.mktemp("images"))


@pytest.fixture(scope="module")
def groups(table: FeatureTable) -> list[str]:
    return [row.generator or row.creator for row in table.rows]


@pytest.fixture(scope="module")
def folds(groups: list[str]) -> np.ndarray:
    return np.array([int(group[-1]) % 3 for group in groups])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_half_of_a_collage_is_by_an_ai(layout: str) -> None:
    part = ai_part(layout, 14)
    assert part.shape == (14, 14)
    assert part.sum() == 98


def test_layouts_are_what_their_names_say() -> None:
    picture = {layout: ai_part(layout, 2).astype(int).tolist() for layout in LAYOUTS}
    assert picture == {
        "left": [[1, 0], [1, 0]],
        "right": [[0, 1], [0, 1]],
        "top": [[1, 1], [0, 0]],
        "bottom": [[0, 0], [1, 1]],
        "diagonal": [[1, 0], [0, 1]],
        "antidiagonal": [[0, 1], [1, 0]],
    }


def test_parts_meet_between_patches() -> None:
    ai, human = np.full((32, 32, 3), 200, np.uint8), np.full((32, 32, 3), 50, np.uint8)
    collage = splice(ai, human, ai_part("left", 4))
    assert (collage[:, :16] == 200).all()
    assert (collage[:, 16:] == 50).all()


def test_a_map_that_sees_the_difference_finds_the_ai_part(
    table: FeatureTable, groups: list[str], folds: np.ndarray
) -> None:
    found = localisation(table, groups, folds, [BY_GRAIN] * 3, FakeEncoder(), count=30, seed=0)
    assert found is not None
    assert found.auroc.n == found.hotter.n == 30
    assert found.auroc.value > 0.99
    assert found.auroc.low <= found.auroc.value <= found.auroc.high
    assert found.hotter.value == 1


def test_a_map_that_sees_nothing_is_at_chance(
    table: FeatureTable, groups: list[str], folds: np.ndarray
) -> None:
    found = localisation(table, groups, folds, [BY_NOTHING] * 3, FakeEncoder(), count=6, seed=0)
    assert found is not None
    assert found.auroc.value == 0.5
    assert found.hotter.value == 0


def test_pictures_of_a_fold_meet_the_head_that_has_not_seen_them(
    table: FeatureTable, groups: list[str], folds: np.ndarray
) -> None:
    # One head of three is right, and only fold 2 has pictures of both classes.
    inverted = PatchHead(-BY_GRAIN.weight, bias=0.0)
    one_sided = np.where(folds == 2, 2, table.is_ai)
    for fold in range(3):
        heads = [BY_GRAIN if i == fold else inverted for i in range(3)]
        found = localisation(table, groups, one_sided, heads, FakeEncoder(), count=9, seed=0)
        assert found is not None
        assert found.hotter.n == 3
        assert found.hotter.value == (fold == 2)


def test_the_same_seed_gives_the_same_figures(
    table: FeatureTable, groups: list[str], folds: np.ndarray
) -> None:
    one, two = (
        localisation(table, groups, folds, [BY_GRAIN] * 3, FakeEncoder(), count=9, seed=4)
        for _ in range(2)
    )
    assert one == two


def test_without_a_fold_of_both_classes_there_are_no_figures(
    table: FeatureTable, groups: list[str]
) -> None:
    apart = table.is_ai.astype(np.int64)
    assert (
        localisation(table, groups, apart, [BY_GRAIN] * 2, FakeEncoder(), count=6, seed=0) is None
    )
