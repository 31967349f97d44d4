"""Features of uploads are kept for labels that come later, and leave with their account."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from models.encoder.features import ARRAYS
from models.feature_store.uploads import UploadFeatures
from serving.keeping import FeatureKeeper
from serving.online import JudgedUpload, OnlineJudge, Upload
from tests.fakes import FakeDetector, FakeEncoder, FakeSearcher, fake_judge
from tests.scan.making import picture
from training.data.features import OF_IMAGE, compute_features
from training.data.manifest import Row

PICTURES = [picture(i, "PNG", side=60 + i) for i in range(5)]


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Keeping:
    """A keeper over a folder, with records that say what a test says."""

    def __init__(self, folder: Path, days: int = 30, together: int = 64) -> None:
        self.labelled: set[str] = set()
        self.store = UploadFeatures(folder / "uploads", days)
        self.cache = folder / "features"
        self.keeper = FeatureKeeper(
            self.store, self.cache, labelled=lambda: self.labelled, together=together
        )

    def upload(self, searcher: FakeSearcher | None = None) -> None:
        judge = fake_judge(FakeEncoder(), FakeDetector(doubt=0.4), similarity=searcher)
        with OnlineJudge(judge, on_judged=[self.keeper]) as online:
            for data in PICTURES:
                online.submit(Upload(lambda data=data: data)).result()  # type: ignore[misc]

    def collected(self) -> int:
        return self.store.collect(list(map(digest, PICTURES)), self.cache)


@pytest.mark.parametrize("searcher", [None, FakeSearcher()], ids=["alone", "with-index"])
def test_training_finds_what_it_would_have_computed(
    tmp_path: Path, searcher: FakeSearcher | None
) -> None:
    keeping = Keeping(tmp_path)
    keeping.upload(searcher)
    keeping.keeper.tidy()
    assert keeping.collected() == len(PICTURES)
    rows = []
    for i, data in enumerate(PICTURES):
        path = tmp_path / f"{i}.png"
        path.write_bytes(data)
        rows.append(Row(line=i, name=path.name, path=path, label="ai", sha256=digest(data)))
    computed = compute_features(rows, FakeEncoder(), tmp_path / "computed")
    for row in rows:
        row.path.unlink()
    found = compute_features(rows, FakeEncoder(), keeping.cache)
    assert found.sha256 == computed.sha256
    for name in ARRAYS:
        one, other = getattr(found.features, name), getattr(computed.features, name)
        np.testing.assert_allclose(one, other, rtol=2e-3, atol=1e-6)
    for name in OF_IMAGE:
        np.testing.assert_array_equal(getattr(found, name), getattr(computed, name))


def test_they_are_written_together_and_what_is_left_at_the_end(tmp_path: Path) -> None:
    keeping = Keeping(tmp_path, together=4)
    keeping.upload()
    assert len(list(keeping.store.folder.rglob("*.safetensors"))) == 1
    keeping.keeper.tidy()
    assert len(list(keeping.store.folder.rglob("*.safetensors"))) == 2


def test_what_is_forgotten_leaves_from_memory_and_disk(tmp_path: Path) -> None:
    keeping = Keeping(tmp_path, together=4)
    keeping.upload()
    keeping.keeper.forget({digest(PICTURES[0]), digest(PICTURES[4])})
    assert keeping.collected() == 3


def test_what_has_a_label_stays_when_its_days_are_over(tmp_path: Path) -> None:
    keeping = Keeping(tmp_path, days=0)
    keeping.upload()
    keeping.labelled = {digest(PICTURES[2])}
    keeping.keeper.tidy()
    assert not list(keeping.store.folder.glob("*"))
    (shard,) = keeping.cache.rglob("*.safetensors")
    assert bytes.fromhex(digest(PICTURES[2])) in shard.read_bytes()


def test_what_fails_after_an_answer_harms_no_answer() -> None:
    def failing(_: JudgedUpload) -> None:
        raise MemoryError

    seen: list[JudgedUpload] = []
    judge = fake_judge()
    with OnlineJudge(judge, on_judged=[failing, seen.append]) as online:
        answer = online.submit(Upload(lambda: PICTURES[0])).result()
    assert answer == judge.one(PICTURES[0])
    (one,) = seen
    assert (one.judge, one.judgement) == (judge, answer)
