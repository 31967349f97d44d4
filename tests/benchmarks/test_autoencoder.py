from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from benchmarks.autoencoder import Autoencoder, load_autoencoders
from models.errors import ArtefactNotFound, BrokenArtefact


def write(path: Path, operation: str, names: tuple[str, str] = ("x", "y"), **attributes) -> None:
    ports = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 3, "h", "w"]) for name in names
    ]
    node = helper.make_node(operation, [names[0]], [names[1]], **attributes)
    graph = helper.make_graph([node], "network", ports[:1], ports[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=9)
    onnx.save(model, path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An autoencoder that negates twice, and clips on its way."""
    for half in ("encoder", "decoder"):
        write(tmp_path / f"twice_{half}.onnx", "Neg")
    return tmp_path


def test_a_network_that_changes_nothing_gives_the_same_pixels(folder: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (43, 21, 3)).astype(np.uint8)
    redrawn = Autoencoder(folder, "twice").redraw(pixels[::-1])
    np.testing.assert_array_equal(redrawn, pixels[::-1])
    assert redrawn.flags.c_contiguous


def test_threads_each_get_their_own_picture_back(folder: Path) -> None:
    autoencoder = Autoencoder(folder, "twice")
    pictures = [np.full((256, 256, 3), value, np.uint8) for value in range(200)]
    with ThreadPoolExecutor(8) as pool:
        redrawn = list(pool.map(autoencoder.redraw, pictures))
    for before, after in zip(pictures, redrawn, strict=True):
        np.testing.assert_array_equal(after, before)


def test_what_leaves_the_range_is_clipped(folder: Path) -> None:
    write(folder / "once_encoder.onnx", "Neg")
    write(folder / "once_decoder.onnx", "Identity")
    assert [a.name for a in load_autoencoders(folder)] == ["once", "twice"]
    assert (Autoencoder(folder, "once").redraw(np.full((8, 8, 3), 9, np.uint8)) == 0).all()


@pytest.mark.parametrize(
    "pixels",
    [np.zeros((0, 64, 3), np.uint8), np.zeros((64, 64), np.uint8), np.zeros((64, 64, 3))],
    ids=["empty", "grey", "float"],
)
def test_what_is_no_picture_is_refused(folder: Path, pixels: np.ndarray) -> None:
    with pytest.raises(ValueError, match="uint8"):
        Autoencoder(folder, "twice").redraw(pixels)


def test_missing_and_damaged_files(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ArtefactNotFound, match="other_encoder"):
        Autoencoder(folder, "other")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ArtefactNotFound, match="no autoencoder"):
        load_autoencoders(tmp_path / "empty")
    write(folder / "twice_decoder.onnx", "Neg", ("z", "y"))
    with pytest.raises(BrokenArtefact, match="does not take x"):
        Autoencoder(folder, "twice")
    (folder / "twice_decoder.onnx").write_bytes(b"\0" * 64)
    with pytest.raises(BrokenArtefact, match="damaged"):
        Autoencoder(folder, "twice")


def test_real_autoencoders_keep_what_a_picture_shows(data_dir: Path) -> None:
    y, x = np.mgrid[:61, :70]
    pixels = np.stack([x * 3, y * 3, (x + y) % 64 * 3], axis=2).astype(np.uint8)
    found = load_autoencoders(data_dir / "vae")
    assert [a.name for a in found] == ["taef1", "taesd", "taesd3", "taesdxl"]
    for autoencoder in found:
        redrawn = autoencoder.redraw(pixels)
        assert redrawn.shape == pixels.shape
        difference = np.abs(redrawn.astype(int) - pixels).mean()
        assert 0.5 < difference < 15, autoencoder.name
