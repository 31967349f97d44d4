"""Load the encoder, in the precision that suits this CPU, or on a GPU."""

import logging
from pathlib import Path

from core.extras import is_installed, require_extra
from models.encoder.devices import CPU, known_device, require_gpu
from models.encoder.features import Encoder
from models.encoder.precision import (
    ON_CPU,
    ON_GPU,
    Choice,
    Precision,
    choose_precision,
    machine_key,
    synthetic_views,
)
from models.encoder.spec import SPEC
from models.encoder.weights import Tensors, load_weights
from models.errors import PrecisionUnavailable

_LOG = logging.getLogger("rakkan.models")


def load_encoder(
    cache: Path,
    *,
    precision: Precision | None = None,
    threads: int | None = None,
    device: str = CPU,
) -> Encoder:
    """Load the fetched encoder.

    Args:
        cache: The folder that `fetch` filled.
        precision: What to compute in; None for the fastest that is right there. What is right on
            this CPU is measured once and remembered in the cache.
        threads: CPU threads; None for all.
        device: Where to compute; see `known_device`.

    Raises:
        ValueError: There can be no such device.
        EncoderNotFetched: The cache holds no encoder.
        EncoderDamaged: The file was changed on the disk.
        PrecisionUnavailable: The device does not compute in the precision, or wrongly.
        MissingExtra: torch or open_clip, which a GPU needs, is not installed.
        DeviceUnavailable: There is no such GPU.
    """
    _require_known(precision, known_device(device))
    if device != CPU:
        require_extra("torch", "computing on a GPU", "torch", "open_clip")
        require_gpu(device)
        return compiled_encoder(load_weights(cache), device, precision or ON_GPU[0])
    from models.encoder.openvino_encoder import OpenVinoEncoder  # OpenVINO takes long to load

    tensors = load_weights(cache)
    if precision is None:
        precision = _choose(cache, tensors).precision
    elif precision is not Precision.FP32:  # by which the others are judged
        _choose(cache, tensors).require(precision)
    return OpenVinoEncoder(tensors, precision, threads=threads)


def load_other_precisions(cache: Path, encoder: Encoder) -> tuple[Encoder, ...]:
    """Load an encoder in the other precisions of its id that this CPU computes in rightly.

    Those of GPUs are among them where the extra that GPUs need is installed, slow as they are here:
    what they give is what counts.

    Args:
        cache: The folder that `fetch` filled.
        encoder: From `load_encoder`.

    Raises:
        EncoderNotFetched: The cache holds no encoder.
        EncoderDamaged: The file was changed on the disk.
    """
    mine = getattr(encoder, "precision", None)
    right = (one.precision for one in measured_choice(cache).candidates if one.right)
    found = [load_encoder(cache, precision=other) for other in right if other != mine]
    if encoder.id == SPEC.float_id and is_installed("open_clip"):
        others = (other for other in ON_GPU if other not in (*ON_CPU, mine))
        found += [load_reference_encoder(cache, precision=other) for other in others]
    return tuple(other for other in found if other.id == encoder.id)


def measured_choice(cache: Path) -> Choice:
    """Which precision `load_encoder` takes by itself on this CPU, and why.

    Raises:
        EncoderNotFetched: The cache holds no encoder.
        EncoderDamaged: The file was changed on the disk.
    """
    return _choose(cache, load_weights(cache))


def load_reference_encoder(
    cache: Path, *, device: str = CPU, precision: Precision = Precision.FP32
) -> Encoder:
    """Load open_clip's own network with the fetched weights, on any torch device, as it stands.

    Raises:
        MissingExtra: torch or open_clip is not installed.
        EncoderNotFetched: The cache holds no encoder.
        EncoderDamaged: The file was changed on the disk.
    """
    require_extra("torch", "the reference encoder", "torch", "open_clip")
    from models.encoder.torch_encoder import TorchEncoder  # only here: torch is slow to load

    return TorchEncoder(load_weights(cache), device=device, precision=precision)


def compiled_encoder(
    tensors: Tensors, device: str, precision: Precision, compiler: str = "inductor"
) -> Encoder:
    """open_clip's own network, compiled; as it stands where that fails, which the log says.

    Args:
        tensors: The prepared weights.
        device: A torch device.
        precision: fp32 or fp16.
        compiler: Backend of `torch.compile`.
    """
    from models.encoder.torch_encoder import TorchEncoder  # only here: torch is slow to load

    try:
        encoder = TorchEncoder(tensors, device=device, precision=precision, compiler=compiler)
        encoder.encode(synthetic_views(2))  # It is compiled now, or never.
    except RuntimeError as error:  # whatever the compiler lacks, a C compiler among others
        first = str(error).partition("\n")[0]
        _LOG.warning("the encoder runs slower, as PyTorch cannot compile it here: %s", first)
        return TorchEncoder(tensors, device=device, precision=precision)
    return encoder


def _require_known(precision: Precision | None, device: str) -> None:
    known = ON_CPU if device == CPU else ON_GPU
    if precision is not None and precision not in known:
        where = "a CPU" if device == CPU else "a GPU"
        raise PrecisionUnavailable(
            f"{where} does not compute in the precision {precision}: choose one of "
            f"{', '.join(known)}, or none for the fastest that is right"
        )


def _choose(cache: Path, tensors: Tensors) -> Choice:
    from models.encoder.int8 import load_calibration
    from models.encoder.integer_probe import integer_sums_are_exact
    from models.encoder.openvino_encoder import OpenVinoEncoder
    from models.encoder.openvino_runtime import ov

    key = machine_key((ov.__version__, SPEC.float_id, load_calibration().encoder))
    return choose_precision(
        cache,
        key,
        lambda precision: OpenVinoEncoder(tensors, precision, threads=1),
        integer_sums_are_exact,
    )
