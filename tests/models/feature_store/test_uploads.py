from datetime import date
from pathlib import Path

import numpy as np
import pytest

from models.encoder.features import ARRAYS
from models.feature_store.shards import Arrays, Shards
from models.feature_store.uploads import UploadFeatures

ENCODER, NAME = "fake:1", "fake_1"


def digest(i: int) -> str:
    return f"{i:064x}"


def arrays(*images: int) -> Arrays:
    values = np.array(images, np.float32)
    return {name: np.tile(values[:, None] / 3, (1, 4)) for name in ARRAYS} | {
        "sides": np.array([[i, i] for i in images])
    }


def keep(store: UploadFeatures, day: int, *images: int) -> None:
    today = date(2026, 11, day)
    store.keep(ENCODER, NAME, [digest(i) for i in images], arrays(*images), today)


def files(store: UploadFeatures) -> list[str]:
    return sorted(path.name for path in store.folder.glob("*"))


@pytest.fixture
def store(tmp_path: Path) -> UploadFeatures:
    found = UploadFeatures(tmp_path / "uploads", days=3)
    for day in (1, 2, 3, 4):
        keep(found, day, day, 100 + day)
    return found


def test_what_got_a_label_is_found_by_training(store: UploadFeatures, tmp_path: Path) -> None:
    cache = tmp_path / "features"
    assert store.collect([digest(2), digest(104), digest(999)], cache) == 2
    assert store.collect([digest(2)], cache) == 0, "it is there already"
    shards = Shards(cache / NAME, ENCODER)
    assert shards.digests(tokens=False) == {digest(2), digest(104)}
    found = shards.gather([digest(104), digest(2)], [*ARRAYS, "sides"])
    for name in ARRAYS:
        assert found[name].dtype == np.float32
        np.testing.assert_allclose(found[name][:, 0], [104 / 3, 2 / 3], rtol=1e-3)
    assert found["sides"].tolist() == [[104, 104], [2, 2]]


def test_they_are_kept_for_some_days(store: UploadFeatures) -> None:
    assert not store.expiring(date(2026, 11, 3))
    assert store.expiring(date(2026, 11, 5))
    store.expire(date(2026, 11, 5))
    assert files(store) == ["2026-11-03", "2026-11-04"]


def test_they_take_no_more_space_than_they_may(store: UploadFeatures, tmp_path: Path) -> None:
    size = sum(path.stat().st_size for path in store.folder.rglob("*.safetensors"))
    less = UploadFeatures(store.folder, days=30, most_bytes=int(0.6 * size))
    assert less.expiring(date(2026, 11, 4))
    less.expire(date(2026, 11, 4))
    assert files(store) == ["2026-11-03", "2026-11-04"]


def test_what_is_forgotten_is_nowhere(store: UploadFeatures) -> None:
    keep(store, 2, 1)
    (store.folder / "notes").mkdir()
    assert store.forget([digest(1), digest(4)]) >= 2
    for path in store.folder.rglob("*.safetensors"):
        data = path.read_bytes()
        assert bytes.fromhex(digest(1)) not in data
        assert bytes.fromhex(digest(4)) not in data
    assert store.forget([]) == 0


def test_of_nothing_nothing_is_made(tmp_path: Path) -> None:
    store = UploadFeatures(tmp_path / "none")
    store.expire()
    assert (store.collect([digest(1)], tmp_path / "cache"), store.forget([digest(1)])) == (0, 0)
    assert not store.expiring()
    assert not list(tmp_path.iterdir())
