from pathlib import Path

import numpy as np
import pytest

from benchmarks import simulated_year
from benchmarks.simulated_year import (
    FIGURES,
    GATE,
    OF_HUMANS,
    RULES,
    YEAR,
    Head,
    Images,
    heads_of_the_year,
    parts,
    year,
)
from training.data.manifest import Row
from training.detector.recipe import Recipe


@pytest.fixture(scope="module")
def images() -> Images:
    """Human works around nothing; every generator has a direction of its own."""
    rng = np.random.default_rng(0)
    names = ["", "SD1.x", *YEAR]
    rows, x = [], []
    for number, name in enumerate(names):
        count = 300 if name else 6000
        shift = np.zeros(16)
        shift[number] = 8.0 if name else 0.0
        for i in range(count):
            path = Path(f"{number}-{i}.png")
            about = {"generator": name} if name else {"creator": f"c{i // 4}"}
            label = "ai" if name else "human"
            rows.append(Row(line=i, name=str(path), path=path, label=label, source=name, **about))
            x.append(rng.normal(size=16) + shift)
    digests = [f"{i:064x}" for i in range(len(rows))]
    return Images(rows, digests, np.float32(x), parts(rows, digests, 0))


@pytest.fixture(scope="module")
def heads(images: Images) -> list[Head]:
    recipe = Recipe(inputs=("embedding",), networks=1, epochs=5, hidden=16, learning_rate=3e-3)
    return heads_of_the_year(images, recipe, np.random.default_rng(0))


@pytest.mark.parametrize("rule", ["no gate", "champion", "champion and anchor"])
def test_each_new_generator_is_learnt_and_none_forgotten(
    images: Images, heads: list[Head], rule: str
) -> None:
    found = year(images, heads, RULES[rule])
    assert [one.generator for one in found] == list(YEAR)
    taken = [one for one in found if one.promoted]
    assert len(taken) > 2
    assert np.mean([one.after - one.before for one in taken]) > 0.3
    assert max(one.accused for one in found) < 0.04
    assert all(one.after == one.before for one in found if not one.promoted)


def test_steps_within_the_margin_add_up_but_for_the_anchor(images: Images) -> None:
    """Each head accuses three human works of the gate's more: 0.3 % of them."""
    human = np.flatnonzero(~images.is_ai & (images.part == GATE))
    heads = []
    for step in range(len(YEAR) + 1):
        scores = np.where(images.is_ai, 1.0, 0.0).astype(np.float32)
        scores[human[: 3 * step]] = 1.0
        heads.append(Head(scores, 0.5))
    promoted = {
        name: sum(one.promoted for one in year(images, heads, rule)) for name, rule in RULES.items()
    }
    assert len(human) > 600
    assert promoted["champion"] == len(YEAR)
    assert promoted["champion and anchor"] == 1


def test_no_creator_is_in_two_parts_and_no_two_seeds_draw_the_same(images: Images) -> None:
    of_creator: dict[str, set[str]] = {}
    for row, part in zip(images.rows, images.part, strict=True):
        if row.creator:
            of_creator.setdefault(row.creator, set()).add(part)
    assert all(len(found) == 1 for found in of_creator.values())
    other = parts(images.rows, images.digests, 1)
    assert 0.2 < np.mean(other == images.part) < 0.6
    for drawn in (images.part, other):
        assert 0.09 < np.mean(drawn[~images.is_ai] == FIGURES) < 0.15
    assert OF_HUMANS * len(YEAR) < np.sum(~images.is_ai & (images.part == "learn"))


def test_a_label_that_a_person_gave_is_wrong_now_and_then_and_uploaders_are_not_heard(
    images: Images,
) -> None:
    chosen = np.flatnonzero(images.is_ai)[:1000]
    labels = simulated_year.labelled(images, chosen, 0, np.random.default_rng(0))
    assert len(labels) == 1000
    wrong = sum(label == "human" for label in labels.values())
    assert 20 < wrong < 90
