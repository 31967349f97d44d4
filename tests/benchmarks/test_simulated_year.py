from pathlib import Path

import numpy as np
import pytest

from benchmarks import simulated_year
from benchmarks.simulated_year import YEAR, Images, year
from training.data.manifest import Row
from training.detector.recipe import Recipe


@pytest.fixture(scope="module")
def images() -> Images:
    """Human works around nothing; every generator has a direction of its own."""
    rng = np.random.default_rng(0)
    names = ["", "SD1.x", *YEAR]
    rows, x = [], []
    for number, name in enumerate(names):
        count = 300 if name else 4000
        shift = np.zeros(16)
        shift[number] = 8.0 if name else 0.0
        for i in range(count):
            path = Path(f"{number}-{i}.png")
            about = {"generator": name} if name else {"creator": f"c{i // 4}"}
            label = "ai" if name else "human"
            rows.append(Row(line=i, name=str(path), path=path, label=label, source=name, **about))
            x.append(rng.normal(size=16) + shift)
    is_ai = np.array([row.label == "ai" for row in rows])
    draw = rng.random(len(rows))
    unseen = np.where(is_ai, draw < 0.3, draw < 0.25)
    digests = [f"{i:064x}" for i in range(len(rows))]
    return Images(rows, digests, np.float32(x), unseen, ~is_ai & ~unseen & (draw < 0.5))


def test_each_new_generator_is_learnt_and_none_forgotten(images: Images) -> None:
    recipe = Recipe(inputs=("embedding",), networks=1, epochs=5, hidden=16, learning_rate=3e-3)
    found = year(images, recipe, np.random.default_rng(0))
    assert [one.generator for one in found] == list(YEAR)
    taken = [one for one in found if one.promoted]
    assert len(taken) > 2
    assert np.mean([one.after - one.before for one in taken]) > 0.3
    assert max(one.accused for one in found) < 0.04
    assert all(one.after == one.before for one in found if not one.promoted)


def test_a_label_that_a_person_gave_is_wrong_now_and_then_and_uploaders_are_not_heard(
    images: Images,
) -> None:
    chosen = np.flatnonzero(images.is_ai)[:1000]
    labels = simulated_year.labelled(images, chosen, 0, np.random.default_rng(0))
    assert len(labels) == 1000
    wrong = sum(label == "human" for label in labels.values())
    assert 20 < wrong < 90
