"""The precisions that an encoder computes in, and which of them are right on this CPU, and fast.

What a CPU says about itself does not tell: some have bf16 instructions that are slower than fp32,
and some add integers up wrongly. So both are measured, once, and remembered.
"""

import contextlib
import json
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from core.files import write_whole
from models.encoder.features import Encoder, Views
from models.encoder.spec import SPEC
from models.errors import PrecisionUnavailable


class Precision(StrEnum):
    """The arithmetic of the encoder's matrix multiplications.

    The float precisions share one encoder id, and so do the two of int8, which differ in what
    computes between the integer layers. CPUs compute in those of `ON_CPU`, GPUs in those of
    `ON_GPU`.
    """

    FP32 = "fp32"
    FP16 = "fp16"
    BF16 = "bf16"
    INT8 = "int8"
    INT8_BF16 = "int8-bf16"

    @property
    def integer(self) -> bool:
        """Whether the linear layers multiply integers."""
        return self in (Precision.INT8, Precision.INT8_BF16)

    @property
    def between(self) -> str:
        """OpenVINO's name of the type in which the float layers compute."""
        return "bf16" if self in (Precision.BF16, Precision.INT8_BF16) else "f32"


ON_CPU = (Precision.FP32, Precision.BF16, Precision.INT8, Precision.INT8_BF16)
"""In which OpenVINO computes on CPUs; which of them are right, and fast, is measured."""

ON_GPU = (Precision.FP16, Precision.FP32)
"""In which PyTorch computes on GPUs, the fastest first."""

FILE_NAME = "precision.json"
LEAST_COSINE = {
    Precision.FP32: 1.0 - 1e-5,
    Precision.BF16: 0.999,
    Precision.INT8: 0.98,
    Precision.INT8_BF16: 0.98,
}
"""To float32, on synthetic views, which are harder for int8 than pictures are."""
VIEWS = 2
ROUNDS = 5


@dataclass(frozen=True)
class Candidate:
    """One precision as measured.

    Attributes:
        precision: Which.
        images_per_second: Per second of CPU time, on one thread.
        cosine: Smallest cosine of an embedding to that of float32.
        right: Whether it holds to float32, and its integer sums are exact.
    """

    precision: Precision
    images_per_second: float
    cosine: float
    right: bool


@dataclass(frozen=True)
class Choice:
    """The precision to use, and why.

    Attributes:
        precision: The fastest that is right.
        candidates: All that were measured; what this CPU cannot compute in at all is not there.
    """

    precision: Precision
    candidates: tuple[Candidate, ...]

    @property
    def reason(self) -> str:
        """One sentence for a person."""
        speeds = ", ".join(
            f"{c.precision} {c.images_per_second:.1f}" + ("" if c.right else " (wrong results)")
            for c in self.candidates
        )
        return f"{self.precision}: the fastest on this CPU (images per CPU-second: {speeds})"

    def require(self, precision: Precision) -> None:
        """Check that a precision is right on this CPU.

        Raises:
            PrecisionUnavailable: It is not.
        """
        right = [c.precision for c in self.candidates if c.right]
        if precision not in right:
            raise PrecisionUnavailable(
                f"this CPU gives wrong results in the precision {precision}: choose one of "
                f"{', '.join(right)}, or none for the fastest of them"
            )


def choose_precision(
    cache: Path,
    key: str,
    make: Callable[[Precision], Encoder],
    exact: Callable[[], bool],
    *,
    clock: Callable[[], float] = time.process_time,
) -> Choice:
    """The choice remembered for this key, or else a measurement, remembered.

    Args:
        cache: Folder that remembers; need not be writable.
        key: Names everything that the choice depends on (`machine_key`).
        make: Makes the encoder of a precision, on one thread.
        exact: Whether integer sums are exact on this CPU.
        clock: CPU seconds.
    """
    path = cache / FILE_NAME
    remembered = _read(path)
    if key in remembered:
        try:
            return _parse(remembered[key])
        except (KeyError, TypeError, ValueError):
            pass  # written by another version: measured again
    choice = measure(make, exact(), clock)
    _write(path, {**remembered, key: asdict(choice)})
    return choice


def measure(
    make: Callable[[Precision], Encoder], exact: bool, clock: Callable[[], float]
) -> Choice:
    """Compare encoders with the float32 one, and time them in turns; the median counts.

    Args:
        make: See `choose_precision`; a precision in which it or its encoder raises
            `PrecisionUnavailable` is left out.
        exact: Whether integer sums are exact on this CPU.
        clock: CPU seconds.
    """
    views = synthetic_views(VIEWS)
    encoders: dict[Precision, Encoder] = {}
    embeddings: dict[Precision, NDArray[np.float32]] = {}
    for precision in ON_CPU:
        with contextlib.suppress(PrecisionUnavailable):
            encoder = make(precision)
            embeddings[precision] = encoder.encode(views).embedding
            encoders[precision] = encoder
    seconds: dict[Precision, list[float]] = {precision: [] for precision in encoders}
    for _ in range(ROUNDS):
        for precision, encoder in encoders.items():
            start = clock()
            encoder.encode(views)
            seconds[precision].append(clock() - start)
    candidates = []
    for precision, embedding in embeddings.items():
        cosine = float((embedding * embeddings[Precision.FP32]).sum(axis=1).min())
        right = cosine >= LEAST_COSINE[precision] and (exact or not precision.integer)
        speed = VIEWS / max(median(seconds[precision]), 1e-9)
        candidates.append(Candidate(precision, speed, cosine, right))
    best = max((c for c in candidates if c.right), key=lambda c: c.images_per_second)
    return Choice(best.precision, tuple(candidates))


def machine_key(parts: Sequence[str]) -> str:
    """Names this CPU, and whatever else the caller's encoders depend on."""
    return " | ".join((_cpu_name(), *parts))


def synthetic_views(n: int, size: int = SPEC.size) -> Views:
    """Deterministic pictures with soft gradients, hard edges and fine grain."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[0:size, 0:size] / size
    views = np.empty((n, size, size, 3), np.uint8)
    for view in views:
        picture: NDArray[np.float64] = np.zeros((size, size, 3))
        for _ in range(12):
            (cx, cy, reach), colour = rng.random(3), rng.normal(0, 90, 3)
            disc = np.hypot(x - cx, y - cy) < reach / 3
            wave = np.sin(30 * reach * (x * cx + y * cy))
            picture += np.where(disc, 1.0, 0.3 * wave)[..., None] * colour
        picture += rng.normal(0, 6, picture.shape)
        view[:] = np.clip(picture + 128, 0, 255)
    return views


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    wanted = ("vendor_id", "cpu family", "model", "model name", "stepping")
    facts = dict(line.split(":", 1) for line in reversed(lines) if ":" in line)
    facts = {name.strip(): value.strip() for name, value in facts.items()}
    return " ".join(facts[name] for name in wanted if name in facts) or platform.machine()


def _parse(record: dict[str, object]) -> Choice:
    candidates = record["candidates"]
    if not isinstance(candidates, list):
        raise TypeError("candidates must be a list")
    parsed = tuple(Candidate(**{**c, "precision": Precision(c["precision"])}) for c in candidates)
    return Choice(Precision(str(record["precision"])), parsed)


def _read(path: Path) -> dict[str, dict[str, object]]:
    try:
        record = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _write(path: Path, record: dict[str, dict[str, object]]) -> None:
    """Remember; a folder that cannot be written only costs another measurement."""
    with contextlib.suppress(OSError):
        write_whole(path, json.dumps(record, indent=2).encode())
