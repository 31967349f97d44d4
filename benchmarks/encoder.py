"""The encoder alone, in each precision, beside the matrix-multiply peak of that precision.

Run: python -m benchmarks.encoder [--threads N] [--batch N] [--rounds N] [--out FILE]

The peak is that of large matrix products in the same library, the best of several shapes. All are
measured in turns, in one process; medians of CPU seconds count, with wall seconds beside them.
"""

import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.command import Out, Rounds, Threads, run, write
from models import ON_CPU, Precision, load_encoder
from models.encoder.openvino_runtime import ops, ov
from models.encoder.precision import machine_key, synthetic_views
from models.encoder.spec import SPEC
from serving.settings import Settings

SHAPES = ((2048, 2048, 2048), (1576, 768, 3072), (1576, 3072, 768), (4096, 1024, 4096))
"""Rows, inner and columns of the products whose best speed is the peak."""
BLAS_SETTINGS = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")


def flops_per_image() -> int:
    """Floating-point operations of one view, a multiplication and an addition being two.

    A block: 2 T (3 + 1 + 4 + 4) C^2 for its linear layers and 4 T^2 C for its attention, with T
    tokens of width C. The last one asks for the class token only: keys and values for all tokens,
    4 T C^2, the rest for one, 2 (1 + 1 + 4 + 4) C^2, and 4 T C of attention.
    """
    tokens, width = SPEC.tokens, SPEC.width
    block = 2 * tokens * 12 * width**2 + 4 * tokens**2 * width
    last = 4 * tokens * width**2 + 2 * 10 * width**2 + 4 * tokens * width
    patches = 2 * (tokens - 1) * (3 * SPEC.patch**2) * width
    return (SPEC.blocks - 1) * block + last + patches + 2 * width * SPEC.embedding


@dataclass
class Job:
    """Something that is timed.

    Attributes:
        run: Does it once.
        work: Operations of one run.
        cpu: CPU seconds of each run.
        wall: Wall seconds of each run.
    """

    run: Callable[[], object]
    work: float
    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    def once(self) -> None:
        """Run and take the times."""
        cpu, wall = time.process_time(), time.perf_counter()
        self.run()
        self.cpu.append(time.process_time() - cpu)
        self.wall.append(time.perf_counter() - wall)

    @property
    def speed(self) -> float:
        """Operations per CPU-second."""
        return self.work / median(self.cpu)


@dataclass(frozen=True)
class Row:
    """The figures of one precision.

    Attributes:
        precision: Which.
        images_per_cpu_second: Median.
        images_per_second: Median, by the wall clock.
        gflops: Of the encoder, per CPU-second.
        peak_gflops: Of the best product in the same arithmetic, per CPU-second.
        share_of_peak: The encoder's part of it.
        to_fastest_float: Speed relative to the fastest of fp32 and bf16.
    """

    precision: str
    images_per_cpu_second: float
    images_per_second: float
    gflops: float
    peak_gflops: float
    share_of_peak: float
    to_fastest_float: float


def product(kind: str, shape: tuple[int, int, int], threads: int) -> Job:
    """A matrix product in fp32, bf16 or int8."""
    rows, inner, columns = shape
    rng = np.random.default_rng(0)
    x = ops.parameter([rows, inner], np.float32)
    y: ov.Node = x
    if kind == "int8":
        low, high = (ops.constant(np.float32(end)) for end in (0, 1))
        y = ops.fake_quantize(x, low, high, low, high, 256)
        integers = rng.integers(-127, 128, (columns, inner)).astype(np.int8)
        scale = ops.constant(np.full((columns, 1), 0.01, np.float32))
        matrix = ops.multiply(ops.convert(ops.constant(integers), np.float32), scale)
    else:
        matrix = ops.constant(rng.standard_normal((columns, inner)).astype(np.float32))
    model = ov.Model([ops.result(ops.matmul(y, matrix, False, True))], [x], "product")
    config = {
        "INFERENCE_PRECISION_HINT": "bf16" if kind == "bf16" else "f32",
        "INFERENCE_NUM_THREADS": threads,
        "ENABLE_CPU_PINNING": False,
    }
    request = ov.Core().compile_model(model, "CPU", config).create_infer_request()
    values = rng.random((rows, inner)).astype(np.float32)
    return Job(
        lambda: request.infer([values], share_inputs=True, share_outputs=True),
        2.0 * rows * inner * columns,
    )


def measure(cache: Path, threads: int, batch: int, rounds: int) -> list[Row]:
    """Time everything in turns."""
    views = synthetic_views(batch)
    encoders = {p: load_encoder(cache, precision=p, threads=threads) for p in ON_CPU}
    jobs = {
        p: Job(partial(encoder.encode, views), float(flops_per_image() * batch))
        for p, encoder in encoders.items()
    }
    kinds = ("fp32", "bf16", "int8")
    products = {kind: [product(kind, shape, threads) for shape in SHAPES] for kind in kinds}
    everything = [*jobs.values(), *(job for some in products.values() for job in some)]
    for job in everything:
        job.run()
    for _ in range(rounds):
        for job in everything:
            job.once()
    peaks = {kind: max(job.speed for job in some) for kind, some in products.items()}
    fastest = max(jobs[p].speed for p in (Precision.FP32, Precision.BF16))
    return [
        Row(
            precision=str(p),
            images_per_cpu_second=batch / median(job.cpu),
            images_per_second=batch / median(job.wall),
            gflops=job.speed / 1e9,
            peak_gflops=peaks["int8" if p.integer else str(p)] / 1e9,
            share_of_peak=job.speed / peaks["int8" if p.integer else str(p)],
            to_fastest_float=job.speed / fastest,
        )
        for p, job in jobs.items()
    ]


def main(
    threads: Threads = 1,
    batch: Annotated[int, typer.Option("--batch", min=1, help="Views at a time.")] = 8,
    rounds: Rounds = 7,
    out: Out = None,
) -> None:
    """Print the table, and write JSON."""
    rows = measure(Settings.of().encoder_cache, threads, batch, rounds)
    facts = {
        "machine": machine_key((f"OpenVINO {ov.__version__}",)),
        "threads": threads,
        "batch": batch,
        "rounds": rounds,
        "gflop_per_image": flops_per_image() / 1e9,
        "blas": {name: os.environ[name] for name in BLAS_SETTINGS if name in os.environ},
    }
    table = Table(
        "Precision",
        "images / CPU-s",
        "images / s",
        "GFLOP / CPU-s",
        "peak",
        "of peak",
        "to fastest float",
        title="The encoder alone",
    )
    for row in rows:
        table.add_row(
            row.precision,
            f"{row.images_per_cpu_second:.2f}",
            f"{row.images_per_second:.2f}",
            f"{row.gflops:.0f}",
            f"{row.peak_gflops:.0f}",
            f"{100 * row.share_of_peak:.0f} %",
            f"{row.to_fastest_float:.2f} x",
        )
    console = Console()
    for name, value in facts.items():
        console.print(f"{name}: {value}")
    console.print(table)
    write(out, facts | {"precisions": [asdict(row) for row in rows]})


if __name__ == "__main__":
    run(main)
