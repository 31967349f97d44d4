"""Pictures redrawn by the autoencoder of a latent-diffusion model: the same picture, other pixels.

Needed for training and evaluation only; the files are not part of the product.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.encoder.openvino_runtime import ov
from models.errors import ArtefactNotFound, BrokenArtefact

STEP = 8
"""The networks take sides that are multiples of this; a picture is padded by its edges to them."""


class Autoencoder:
    """An encoder and a decoder in one folder: `<name>_encoder.onnx` and `<name>_decoder.onnx`.

    Both take `x` and give `y`, the pictures float32 [N, 3, H, W] in 0..1.

    Attributes:
        name: Of the two files.
    """

    def __init__(self, folder: Path, name: str, *, threads: int = 1) -> None:
        """Load and compile both networks.

        Args:
            folder: Where the files are.
            name: Of the two files.
            threads: CPU threads.

        Raises:
            ArtefactNotFound: A file is missing.
            BrokenArtefact: A file is no such network.
        """
        self.name = name
        self._encode = _compile(folder / f"{name}_encoder.onnx", threads)
        self._decode = _compile(folder / f"{name}_decoder.onnx", threads)

    def redraw(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Encode and decode a picture.

        Args:
            pixels: uint8 [H, W, 3].

        Returns:
            uint8 [H, W, 3].

        Raises:
            ValueError: It is no such array, or empty.
        """
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.size:
            raise ValueError(f"a picture is uint8 [H, W, 3], not {pixels.dtype} {pixels.shape}")
        height, width = pixels.shape[:2]
        whole = np.pad(pixels, ((0, -height % STEP), (0, -width % STEP), (0, 0)), "edge")
        x = np.ascontiguousarray(whole.transpose(2, 0, 1)[None] / np.float32(255), np.float32)
        y = _infer(self._decode, _infer(self._encode, x))
        redrawn = np.rint(255 * np.clip(y[0], 0, 1)).astype(np.uint8)
        return np.ascontiguousarray(redrawn.transpose(1, 2, 0)[:height, :width])


def load_autoencoders(folder: Path, *, threads: int = 1) -> tuple[Autoencoder, ...]:
    """All autoencoders of a folder, by name.

    Raises:
        ArtefactNotFound: There is none, or the decoder of one is missing.
        BrokenArtefact: A file is no such network.
    """
    names = sorted(path.stem.removesuffix("_encoder") for path in folder.glob("*_encoder.onnx"))
    if not names:
        raise ArtefactNotFound(f"{folder} holds no autoencoder (*_encoder.onnx)")
    return tuple(Autoencoder(folder, name, threads=threads) for name in names)


def _infer(network: Any, x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Run a network, in a request of its own.

    A compiled model that is called has one for all threads: they would get each other's pictures.
    """
    y: NDArray[np.float32] = network.create_infer_request().infer({"x": x})["y"]
    return y


def _compile(path: Path, threads: int) -> Any:
    if not path.is_file():
        raise ArtefactNotFound(f"{path} is missing")
    config = {"PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": 1, "INFERENCE_NUM_THREADS": threads}
    core = ov.Core()
    try:
        model = core.read_model(path)
        if [sorted(port.names) for port in (*model.inputs, *model.outputs)] != [["x"], ["y"]]:
            raise BrokenArtefact(f"{path} does not take x and give y")
        return core.compile_model(model, "CPU", config)
    except RuntimeError as error:
        raise BrokenArtefact(f"{path} cannot be loaded: it is damaged") from error
