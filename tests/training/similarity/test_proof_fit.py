from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.artefact.artefact import CARD, GOLDEN
from models.artefact.manifest import ProofWeights
from models.artefact.registry import SHIPPED
from models.errors import FolderTaken
from similarity.artefact import HEADS, SimilarityArtefact
from similarity.copies.verification import NOTHING, terms
from similarity.golden import check_rows
from tests.fakes import FakeEncoder
from tests.similarity.drawings import drawing
from tests.similarity.thresholds import COPIES
from training.data.manifest import Row
from training.errors import TooFewImages
from training.similarity.proof_fit import (
    SHARED,
    STRETCHED,
    Pair,
    collect,
    cross_fit_weights,
    fit_weights,
    report,
    with_weights,
)

WORKS = 3


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    """Two coloured drawings by each of eight creators; half of them will be enrolled."""
    folder = tmp_path_factory.mktemp("drawings")
    made = []
    for seed in range(16):
        pixels = np.stack([drawing(3 * seed + channel, 240, 180) for channel in range(3)], axis=2)
        path = folder / f"{seed}.png"
        Image.fromarray(pixels).save(path)
        creator = f"creator {seed // 2}"
        made.append(Row(seed, path.name, path, "human", source=creator, creator=creator))
    return made


@pytest.fixture(scope="module")
def pairs(rows: list[Row], tmp_path_factory: pytest.TempPathFactory) -> tuple[Pair, ...]:
    return collect(rows, COPIES, FakeEncoder(), tmp_path_factory.mktemp("features"), works=WORKS)


def test_every_work_is_copied_in_every_way_and_compared_with_others(pairs) -> None:
    works = {pair.work for pair in pairs}
    assert len(works) == WORKS
    kinds = {pair.kind for pair in pairs if pair.right}
    assert {STRETCHED, "crop", "collage", "twice"} <= kinds
    assert "redraw" not in kinds
    assert sum(pair.right for pair in pairs) == WORKS * len(kinds)
    assert {pair.kind for pair in pairs} - kinds == set(SHARED)
    for work in works:
        rivals = [p for p in pairs if p.work == work and p.kind == "crop" and not p.right]
        assert 3 <= len(rivals) <= 10
    assert all(pair.terms.shape == (len(terms(NOTHING)),) for pair in pairs)
    assert all((pair.terms >= 0).all() and (pair.terms <= 1).all() for pair in pairs)


def test_the_fitted_weights_tell_copies_from_others(pairs) -> None:
    weighing = fit_weights(pairs)
    assert weighing.bias < 0
    assert (weighing.weights >= 0).all()
    scores, right = weighing(pairs), np.array([pair.right for pair in pairs])
    assert np.median(scores[right]) > 0.9
    assert scores[~right].max() < 0.5
    held_out = cross_fit_weights(pairs, 3)
    assert held_out[right].mean() > held_out[~right].mean() + 0.5


def test_the_weights_and_figures_are_written(pairs) -> None:
    lines: list[str] = []
    weights = report(pairs, COPIES, lines.append)
    assert lines[0] == f"bias {weights.bias:.2f}"
    assert list(weights.weights) == list(terms(NOTHING))
    assert [line.split("'")[1] for line in lines[1:5]] == list(terms(NOTHING))
    assert lines[-1].startswith("all ")
    assert str(sum(not pair.right for pair in pairs)) in lines[-1].split()


def test_the_weights_are_written_into_a_model_of_the_same_heads(tmp_path: Path) -> None:
    artefact = SimilarityArtefact.load(SHIPPED / "similarity-v3-int8")
    old = artefact.manifest
    halved = {name: weight / 2 for name, weight in COPIES.proof.weights.items()}
    weights = ProofWeights(bias=COPIES.proof.bias, weights=halved)
    made = with_weights(artefact, weights, tmp_path / "similarity-v3")
    check_rows(made)
    assert (made.name, made.manifest.copies.proof) == ("similarity-v3", weights)
    assert made.manifest.copies == COPIES.model_copy(update={"proof": weights})
    assert made.manifest.files[HEADS] == old.files[HEADS]
    assert made.manifest.files[GOLDEN] != old.files[GOLDEN]
    assert made.path(CARD).read_text("utf-8").startswith("Made from similarity-v3-int8, with other")
    with pytest.raises(FolderTaken):
        with_weights(artefact, weights, tmp_path / "similarity-v3")


def test_without_human_works_there_is_nothing_to_prove(tmp_path: Path) -> None:
    with pytest.raises(TooFewImages):
        collect([Row(1, "a", tmp_path / "a.png", "ai")], COPIES, FakeEncoder(), tmp_path / "cache")
