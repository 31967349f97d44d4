from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from evidence.reasons import Reason
from evidence.similarity import CopyMatch, CopyVerdict, SimilarityEvidence
from imaging import decode, sketch
from models import Features
from tests.fakes import FakeEncoder
from training.data.copy_edits import Edit, Materials
from training.data.features import FeatureTable, compute_features
from training.data.manifest import Row, read_manifest
from training.errors import TooFewImages
from training.similarity.copy_figures import Truth, copy_figures
from training.similarity.copy_sample import Query, Sample, Truths, ask, backgrounds, take_sample


@dataclass
class Thumbnails:
    """Finds copies that look the same when they are small."""

    works: dict[str, np.ndarray] = field(default_factory=dict)

    def enrol(self, rows) -> None:
        self.works = {row.name: _small(sketch(decode(row.path.read_bytes()))) for row in rows}

    def search(self, features: Features, sketch, *, sha256=None, account=None, top=5):
        assert len(features) == 1
        seen = _small(sketch)
        scores = {name: float(seen @ work) for name, work in self.works.items()}
        best = sorted(scores, key=lambda name: -scores[name])[:top]
        return SimilarityEvidence(tuple(_match(name, scores[name]) for name in best), (), "fake")


def _small(sketch) -> np.ndarray:
    cells = np.asarray(Image.fromarray(sketch).resize((12, 12)), np.float64).ravel()
    return (cells - cells.mean()) / (np.linalg.norm(cells - cells.mean()) + 1e-9)


def _match(name: str, score: float) -> CopyMatch:
    verdict = CopyVerdict.COPY if score > 0.9 else CopyVerdict.REVIEW
    why = Reason("same", "It looks the same.")
    return CopyMatch(name, "c", score, verdict, None, None, False, "", why, 0, 0)


@pytest.fixture(scope="module")
def rows(small_manifest: Path) -> tuple[Row, ...]:
    return tuple(row for row in read_manifest(small_manifest) if row.split == "train")


@pytest.fixture(scope="module")
def sample(rows) -> Sample:
    return take_sample(rows, copied=8, innocent=12)


@pytest.fixture(scope="module")
def table(rows, tmp_path_factory: pytest.TempPathFactory) -> FeatureTable:
    return compute_features(rows, FakeEncoder(), tmp_path_factory.mktemp("features"))


def test_half_of_each_creators_works_are_enrolled(rows, sample: Sample) -> None:
    assert sample == take_sample(rows, copied=8, innocent=12)
    assert sample != take_sample(rows, copied=8, innocent=12, seed=1)
    for creator in {row.creator for row in rows if row.label == "human"}:
        assert sum(row.creator == creator for row in sample.enrolled) in (2, 3)
    assert set(sample.copied) <= set(sample.enrolled)
    assert not set(sample.innocent) & set(sample.enrolled)
    assert [row.label for row in sample.innocent].count("ai") == 4
    assert len(sample.innocent) == 12
    sources = [row.source for row in sample.copied]
    assert len(sources) == len(set(sources)), "no source has more than its share"


def test_every_copied_work_is_copied_in_every_way(sample: Sample) -> None:
    queries = sample.queries([Edit.CROP, Edit.BLUR])
    assert len(queries) == 2 * len(sample.copied) + 12
    assert {q.row for q in queries if q.edit is Edit.BLUR} == set(sample.copied)
    assert {q.row for q in queries if q.edit is None} == set(sample.innocent)


def test_without_human_works_there_is_nothing_to_copy(rows) -> None:
    with pytest.raises(TooFewImages):
        take_sample([row for row in rows if row.label == "ai"], copied=1, innocent=1)


def test_copies_are_found_and_the_innocent_are_not_accused(sample: Sample, table) -> None:
    search = Thumbnails()
    search.enrol(sample.enrolled)
    judging = Truths(table, sample.enrolled)
    materials = Materials(backgrounds(sample.innocent), [lambda pixels: pixels])
    queries = sample.queries([Edit.JPEG30, Edit.MIRROR])
    answers = list(
        ask(
            queries,
            search,
            FakeEncoder(),
            judging,
            materials,
            candidates=lambda features, drawn: list(search.works)[:3],
        )
    )
    assert [(a.query, a.edit) for a in answers] == [
        (q.row.name, "" if q.edit is None else str(q.edit)) for q in queries
    ]
    figures = copy_figures(answers)
    by_edit = {f.edit: f for f in figures.edits}
    assert by_edit["jpeg30"].found.value == by_edit["jpeg30"].proven.value == 1
    assert by_edit["mirror"].found.value < 0.5
    assert by_edit["all"].candidate is not None
    assert figures.accused.value == 0
    assert all(len(a.baseline) == 5 and a.milliseconds >= 0 for a in answers)
    assert all(a.baseline[0].score >= a.baseline[-1].score for a in answers)


def test_a_picture_that_cannot_be_decoded_is_left_out(sample: Sample, table, tmp_path) -> None:
    bad = Row(1, "bad", tmp_path / "missing.png", "ai")
    queries = [Query(bad), Query(sample.innocent[0])]
    materials = Materials(backgrounds(sample.innocent), [])
    judging = Truths(table, sample.enrolled)
    answers = list(ask(queries, Thumbnails(), FakeEncoder(), judging, materials))
    assert [a.query for a in answers] == [sample.innocent[0].name]
    assert answers[0].candidate is None


def test_what_a_match_is(tmp_path: Path) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (8, 8, 3)).astype(np.uint8)
    files = {
        "work.png": (picture, "Ann", "shop"),
        "twin.png": (picture, "Bob", "shop"),
        "larger.png": (picture.repeat(3, axis=0).repeat(3, axis=1), "Cid", "shop"),
        "other.png": (255 - picture, "Ann", "shop"),
        "face 1.png": (picture[::-1], "Kim", "@dicebear/collection@9"),
        "face 2.png": (picture[:, ::-1], "Kim", "@dicebear/collection@9"),
        "face 3.png": (255 - picture[::-1], "Lee", "@dicebear/collection@9"),
    }
    rows = []
    for number, (name, (pixels, creator, source)) in enumerate(files.items()):
        large = pixels.repeat(20, axis=0).repeat(20, axis=1)
        Image.fromarray(large).save(tmp_path / name)
        rows.append(Row(number, name, tmp_path / name, "human", source=source, creator=creator))
    table = compute_features(rows, FakeEncoder(), tmp_path / "features")
    judging = Truths(table, tuple(rows))
    work, face = rows[0], rows[4]
    copy = Query(work, Edit.CROP)
    assert judging.of(copy, "work.png") is Truth.RIGHT
    assert judging.of(copy, "twin.png") is Truth.RIGHT, "the same bytes"
    assert judging.of(copy, "larger.png") is Truth.EXCUSED, "it shows the same"
    assert judging.of(copy, "other.png") is Truth.SIBLING
    assert judging.of(copy, "face 1.png") is Truth.WRONG
    assert judging.of(Query(work), "twin.png") is Truth.EXCUSED
    assert judging.of(Query(face, Edit.CROP), "face 2.png") is Truth.EXCUSED
    assert judging.of(Query(face, Edit.CROP), "face 3.png") is Truth.WRONG
