"""Load the encoder, in the precision that suits this CPU."""

from pathlib import Path

from core.extras import require_extra
from models.encoder.features import Encoder
from models.encoder.precision import Choice, Precision, choose_precision, machine_key
from models.encoder.spec import SPEC
from models.encoder.weights import Tensors, load_weights


def load_encoder(
    cache: Path, *, precision: Precision | None = None, threads: int | None = None
) -> Encoder:
    """Load the fetched encoder, on the CPU.

    Args:
        cache: The folder that `fetch` filled.
        precision: What to compute in; None for the fastest that is right on this CPU. What is
            right is measured once and remembered in the cache.
        threads: CPU threads; None for all.

    Raises:
        EncoderNotFetched: The cache holds no encoder.
        EncoderDamaged: The file was changed on the disk.
        PrecisionUnavailable: This CPU gives wrong results in the precision.
    """
    from models.encoder.openvino_encoder import OpenVinoEncoder  # OpenVINO takes long to load

    tensors = load_weights(cache)
    if precision is None:
        precision = _choose(cache, tensors).precision
    elif precision is not Precision.FP32:  # by which the others are judged
        _choose(cache, tensors).require(precision)
    return OpenVinoEncoder(tensors, precision, threads=threads)


def load_other_precisions(cache: Path, encoder: Encoder) -> tuple[Encoder, ...]:
    """Load an encoder in the other precisions of its id that are right on this CPU.

    Args:
        cache: The folder that `fetch` filled.
        encoder: From `load_encoder`.

    Raises:
        EncoderNotFetched: The cache holds no encoder.
        EncoderDamaged: The file was changed on the disk.
    """
    mine = getattr(encoder, "precision", None)
    right = (one.precision for one in measured_choice(cache).candidates if one.right)
    found = (load_encoder(cache, precision=other) for other in right if other != mine)
    return tuple(other for other in found if other.id == encoder.id)


def measured_choice(cache: Path) -> Choice:
    """Which precision `load_encoder` takes by itself on this CPU, and why.

    Raises:
        EncoderNotFetched: The cache holds no encoder.
        EncoderDamaged: The file was changed on the disk.
    """
    return _choose(cache, load_weights(cache))


def load_reference_encoder(cache: Path, *, device: str = "cpu") -> Encoder:
    """Load open_clip's own network with the fetched weights, on any torch device.

    Raises:
        MissingExtra: torch or open_clip is not installed.
        EncoderNotFetched: The cache holds no encoder.
        EncoderDamaged: The file was changed on the disk.
    """
    require_extra("torch", "the reference encoder", "torch", "open_clip")
    from models.encoder.torch_encoder import TorchEncoder  # only here: torch is slow to load

    return TorchEncoder(load_weights(cache), device=device)


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
