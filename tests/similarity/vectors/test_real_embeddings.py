"""The indices on embeddings of real images; `benchmarks.search` measures more of them."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from imaging import decode_for_view, global_view
from models import load_encoder
from similarity.gallery.gallery import Identity
from similarity.vectors.fast import FaissIndex
from similarity.vectors.snapshot import open_snapshot, write_snapshot
from similarity.vectors.with_delta import WithDelta
from tests.similarity.vectors.making import agree, definition
from training.data.manifest import in_split, read_manifest

IMAGES = 40


@pytest.fixture(scope="module")
def embeddings(data_dir: Path, encoder_cache: Path) -> NDArray[np.float32]:
    rows = in_split(read_manifest(data_dir / "manifest.csv"), "train")
    encoder = load_encoder(encoder_cache, threads=1)
    chosen = rows[:: len(rows) // IMAGES][:IMAGES]
    views = [
        global_view(decode_for_view(row.path.read_bytes(), encoder.size), encoder.size)
        for row in chosen
    ]
    features = [encoder.encode(np.stack(views[i : i + 10])) for i in range(0, IMAGES, 10)]
    vectors = np.concatenate([one.embedding for one in features]).astype(np.float32)
    vectors -= vectors.mean(axis=0)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_all_find_the_same(embeddings: NDArray[np.float32], tmp_path: Path) -> None:
    rows, queries = embeddings[:32].astype(np.float16).astype(np.float32), embeddings[32:]
    ids = np.arange(32)
    defined = definition(ids, rows)
    identity = Identity("encoder", "heads", rows.shape[1], 1)
    place = write_snapshot(tmp_path, identity, {"style": (ids, rows)})
    snapshot = open_snapshot(place, identity).indices["style"]
    half = FaissIndex.build(ids[::2], rows[::2])
    layered = WithDelta(half, definition(ids[1::2], rows[1::2]), ids[:0])
    for index in (snapshot, layered, FaissIndex.build(ids, rows, flat_up_to=0)):
        assert agree(index, defined, queries, 10) >= 0.99
