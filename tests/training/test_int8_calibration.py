"""The int8 calibration is made from training images, and what ships says so."""

from pathlib import Path

import numpy as np
import pytest

from models.artefact.artefact import open_artefact
from models.artefact.manifest import EncoderManifest
from models.encoder.channel_ranges import channel_ranges
from models.encoder.int8 import load_calibration
from models.encoder.spec import FOLDER, SPEC
from models.encoder.weights import load_weights
from training.data.manifest import read_manifest
from training.errors import TooFewImages
from training.int8_calibration import sample


def test_what_ships_was_made_from_the_split_train() -> None:
    manifest = open_artefact(FOLDER, EncoderManifest).manifest
    assert manifest.name == SPEC.architecture
    assert manifest.encoder == SPEC.float_id
    assert (manifest.calibration.split, manifest.calibration.images) == ("train", 256)


def test_takes_training_images_only(small_manifest: Path) -> None:
    views, paths = sample(small_manifest, 3)
    splits = {row.path: row.split for row in read_manifest(small_manifest)}
    assert views.shape == (3, SPEC.size, SPEC.size, 3)
    assert {splits[path] for path in paths} == {"train"}
    with pytest.raises(TooFewImages, match="fewer than"):
        sample(small_manifest, 10**6)


def test_ranges_widen_with_the_views(encoder_cache: Path) -> None:
    tensors = load_weights(encoder_cache)
    views = np.random.default_rng(0).integers(0, 256, (2, SPEC.size, SPEC.size, 3), np.uint8)
    one, both = channel_ranges(tensors, views[:1]), channel_ranges(tensors, views)
    assert set(both) == {
        f"{name}.{end}" for name in load_calibration().low for end in ("low", "high")
    }
    for name, values in both.items():
        wider = values <= one[name] if name.endswith("low") else values >= one[name]
        assert wider.all()
