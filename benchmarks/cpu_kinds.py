"""How far one image's scores and verdicts move between kinds of CPU and precisions of one encoder.

    python -m benchmarks.cpu_kinds --manifest data/manifest.csv --split dev --out cpu-kinds.json
        [--family int8|float] [--index DIR] [--images N] [--model NAME]

Every image is judged by the whole product, once for each kind, in a process of its own. Older CPUs
are emulated: there the arithmetic library inside OpenVINO is told (`ONEDNN_MAX_CPU_ISA`) to use no
newer instructions than theirs. A newer CPU than this one cannot be emulated.

The range of an image is the largest difference between any two kinds. The 99 % quantile of the
ranges, rounded up to a hundredth, is what an artefact states as its `numerical_width`.
"""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import ArrayLike, NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.command import Out, run, write
from detector.pixels.score import publish
from evidence.ai import Verdict, Withheld
from evidence.similarity import CreatorMatch
from imaging import ImagingError
from models import Precision, measured_choice
from models.artefact.manifest import DetectorManifest
from models.encoder.precision import machine_key
from serving.opening import open_judge
from serving.settings import Settings
from training.data.manifest import in_split, read_manifest
from training.detector.numerical_width import QUANTILE, width_of
from training.evaluation.intervals import Estimate, share


@dataclass(frozen=True)
class Kind:
    """A kind of CPU and a precision.

    Attributes:
        isa: The newest instructions that are used, as oneDNN names them.
        precision: Of the encoder.
    """

    isa: str
    precision: Precision

    def __str__(self) -> str:
        return f"{self.precision}, {self.isa}"


KINDS = {
    "int8": (
        Kind("AVX512_CORE_AMX", Precision.INT8),
        Kind("AVX2_VNNI", Precision.INT8),
        Kind("AVX512_CORE_AMX", Precision.INT8_BF16),
        Kind("AVX512_CORE_BF16", Precision.INT8_BF16),
    ),
    "float": (
        Kind("AVX512_CORE", Precision.FP32),
        Kind("AVX2", Precision.FP32),
        Kind("AVX512_CORE_AMX", Precision.BF16),
        Kind("AVX512_CORE_BF16", Precision.BF16),
    ),
}
"""By family of encoder, kinds that are right; the others are compared with the first.

`AVX512_CORE_VNNI` is left out: its int8 is that of `AVX512_CORE_AMX`, bit by bit.
"""


@dataclass(frozen=True)
class Answer:
    """What is said of one image on one kind.

    Attributes:
        score: Raw score of the pixels.
        otherwise_withheld: A verdict from the pixels is withheld, whatever the score.
        nearest: The creator nearest in style; None where there was no search.
        copies: Works found as copies or for review, with the score.
    """

    score: float
    otherwise_withheld: bool
    nearest: CreatorMatch | None = None
    copies: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Spread:
    """Quantiles of differences."""

    median: float
    q95: float
    q99: float
    largest: float

    @classmethod
    def of(cls, values: ArrayLike) -> "Spread":
        """Of absolute differences, at least one."""
        found = np.quantile(np.abs(np.asarray(values, np.float64)), (0.5, 0.95, QUANTILE, 1))
        return cls(*(float(value) for value in found))


@dataclass(frozen=True)
class Compared:
    """One kind beside the first; shares are of all images.

    Attributes:
        kind: Which.
        raw_score: Differences of the raw score.
        changed: Images with another verdict from the pixels, with no width in force.
        unsupported: Images with a verdict on the first kind that the score on this one is not
            beyond the threshold for, with no width in force.
        unsupported_by_width: The same, the verdict being published with the width in force.
        opposite: Images that are `ai` on one kind and `human` on the other, with no width in force.
        search: Of the search of an index; None where there was none.
    """

    kind: str
    raw_score: Spread
    changed: Estimate
    unsupported: Estimate
    unsupported_by_width: Estimate
    opposite: Estimate
    search: "SearchCompared | None"


@dataclass(frozen=True)
class SearchCompared:
    """The search of an index on one kind beside the first; shares are of all images.

    Attributes:
        nearest: Images with another nearest creator.
        verdicts: Images with another verdict on the nearest creator.
        style_score: Differences of its score, where it is the same creator.
        p_value: Differences of its p-value, likewise.
        copies: Images of which other works are found.
        copy_score: Differences of the scores of works found on both; None where none is.
    """

    nearest: Estimate
    verdicts: Estimate
    style_score: Spread
    p_value: Spread
    copies: Estimate
    copy_score: Spread | None


@dataclass(frozen=True)
class Figures:
    """All that was measured.

    Attributes:
        machine: The CPU, and the version of OpenVINO.
        model: The detector.
        images: How many were judged.
        kinds: What was compared.
        ranges: Largest difference of the raw score between any two kinds, by image.
        width: What follows from `ranges` for the artefact.
        given: Share of images with a verdict from the pixels on the first kind, without a width.
        lost: Share of images whose verdict the width withholds.
        compared: Every other kind beside the first.
    """

    machine: str
    model: str
    images: int
    kinds: tuple[str, ...]
    ranges: Spread
    width: float
    given: Estimate
    lost: Estimate
    compared: tuple[Compared, ...]


def judge_all(
    paths: Sequence[Path], precision: Precision, index: str | None, model: str | None
) -> list[Answer | None]:
    """Judge files in this process; None for those that cannot be decoded."""
    settings = Settings(precision=precision)
    answers: list[Answer | None] = []
    with open_judge(settings, model=model, index=index, threads=1, decode_again=False) as judge:
        for path in paths:
            try:
                said = judge.one(path.read_bytes())
            except ImagingError:
                answers.append(None)
                continue
            pixels, found = said.ai.pixels, said.similarity
            answers.append(
                Answer(
                    score=pixels.score,
                    otherwise_withheld=bool(set(pixels.withheld) - {Withheld.OVERLAPPING}),
                    nearest=found.creators[0] if found and found.creators else None,
                    copies={one.work: one.score for one in found.copies} if found else {},
                )
            )
    return answers


def judge_as(
    kind: Kind, paths: Sequence[Path], index: str | None, model: str | None
) -> list[Answer | None]:
    """The same in a process that takes this CPU for one of that kind."""
    with ProcessPoolExecutor(1, get_context("spawn"), _restrict, (kind.isa,)) as pool:
        return pool.submit(judge_all, paths, kind.precision, index, model).result()


def _restrict(isa: str) -> None:
    os.environ["ONEDNN_MAX_CPU_ISA"] = isa  # read when OpenVINO is loaded


def figures(
    answers: Mapping[Kind, Sequence[Answer]], manifest: DetectorManifest, machine: str
) -> Figures:
    """Compare the kinds.

    Args:
        answers: Of the same images in the same order, for each kind.
        manifest: Of the detector: its thresholds.
        machine: Named in the figures.
    """
    kinds = list(answers)
    scores = np.array([[one.score for one in answers[kind]] for kind in kinds])
    width = width_of(scores)
    first = answers[kinds[0]]
    plain = _verdicts(first, manifest, 0)
    wide = _verdicts(first, manifest, width)

    def compared(kind: Kind) -> Compared:
        other = answers[kind]
        there = _verdicts(other, manifest, 0)
        given, there_given = plain != Verdict.INCONCLUSIVE, there != Verdict.INCONCLUSIVE
        return Compared(
            kind=str(kind),
            raw_score=Spread.of([a.score - b.score for a, b in zip(first, other, strict=True)]),
            changed=share(plain != there),
            unsupported=share(given & (plain != there)),
            unsupported_by_width=share((wide != Verdict.INCONCLUSIVE) & (wide != there)),
            opposite=share(given & there_given & (plain != there)),
            search=_searches(first, other),
        )

    return Figures(
        machine=machine,
        model=manifest.name,
        images=len(first),
        kinds=tuple(map(str, kinds)),
        ranges=Spread.of(np.ptp(scores, axis=0)),
        width=width,
        given=share(plain != Verdict.INCONCLUSIVE),
        lost=share(plain != wide),
        compared=tuple(compared(kind) for kind in kinds[1:]),
    )


def _verdicts(
    answers: Sequence[Answer], manifest: DetectorManifest, width: float
) -> NDArray[np.str_]:
    """What the pixels' scores lead to with a width in force."""
    ai = manifest.point("ai", manifest.ai_rate)
    human = manifest.point("human", manifest.human_rate)
    return np.array(
        [
            Verdict.INCONCLUSIVE
            if one.otherwise_withheld
            else publish(one.score, ai, human, width)[0]
            for one in answers
        ],
        dtype=np.str_,
    )


def _searches(first: Sequence[Answer], other: Sequence[Answer]) -> SearchCompared | None:
    pairs = [(a, b) for a, b in zip(first, other, strict=True) if a.nearest and b.nearest]
    if not pairs:
        return None
    nearest = [(a.nearest, b.nearest) for a, b in pairs if a.nearest and b.nearest]
    same = [(a, b) for a, b in nearest if a.creator == b.creator]
    found = [(a.copies[w], b.copies[w]) for a, b in pairs for w in a.copies.keys() & b.copies]
    return SearchCompared(
        nearest=share([a.creator != b.creator for a, b in nearest]),
        verdicts=share([a.verdict != b.verdict for a, b in nearest]),
        style_score=Spread.of([a.score - b.score for a, b in same]),
        p_value=Spread.of([a.p_value - b.p_value for a, b in same]),
        copies=share([a.copies.keys() != b.copies.keys() for a, b in pairs]),
        copy_score=Spread.of([a - b for a, b in found]) if found else None,
    )


def show(result: Figures, console: Console) -> None:
    """Print the figures."""
    console.print(f"{result.machine}; {result.model}; {result.images} images", markup=False)
    table = Table(
        "beside " + result.kinds[0], "median", "95 %", "99 %", "largest",
        "other verdict", "unsupported", "with width", "opposite",
        title="raw score; images per cent [95 % interval]",
    )  # fmt: skip
    searches = Table(
        "beside " + result.kinds[0], "nearest", "verdict", "copies",
        "score: median", "99 %", "largest", "p: median", "99 %", "largest", "copy score: largest",
        title="search; images per cent [95 % interval]",
    )  # fmt: skip
    for one in result.compared:
        shares = (one.changed, one.unsupported, one.unsupported_by_width, one.opposite)
        table.add_row(one.kind, *_quantiles(one.raw_score), *map(_percent, shares))
        found = one.search
        if found:
            spreads = (found.style_score, found.p_value)
            searches.add_row(
                one.kind,
                *map(_percent, (found.nearest, found.verdicts, found.copies)),
                *(f"{v:.3f}" for s in spreads for v in (s.median, s.q99, s.largest)),
                f"{found.copy_score.largest:.3f}" if found.copy_score else "-",
            )
    table.add_row("any two", *_quantiles(result.ranges))
    console.print(table)
    if searches.row_count:
        console.print(searches)
    console.print(
        f"width {result.width:.2f}; verdicts without it {_percent(result.given)}, "
        f"of which it withholds {_percent(result.lost)} (of all images)",
        markup=False,
    )


def _quantiles(spread: Spread) -> tuple[str, ...]:
    return tuple(f"{value:.3f}" for value in asdict(spread).values())


def _percent(estimate: Estimate) -> str:
    return f"{100 * estimate.value:.1f} [{100 * estimate.low:.1f} {100 * estimate.high:.1f}]"


class Family(StrEnum):
    """Encoders whose precisions share an id; the keys of `KINDS`."""

    INT8 = "int8"
    FLOAT = "float"


def main(
    manifest: Annotated[
        Path, typer.Option("--manifest", exists=True, dir_okay=False, help="CSV or Parquet.")
    ],
    split: Annotated[str | None, typer.Option("--split", help="Of the manifest.")] = None,
    images: Annotated[
        int | None, typer.Option("--images", min=1, help="Judge so many, evenly spread.")
    ] = None,
    family: Annotated[Family, typer.Option("--family", help="The encoder.")] = Family.INT8,
    index: Annotated[str | None, typer.Option("--index", help="An index to search.")] = None,
    model: Annotated[
        str | None, typer.Option("--model", help="Name of the detector; else the one in use.")
    ] = None,
    out: Out = None,
) -> None:
    """Measure, print, write."""
    rows = read_manifest(manifest)
    paths = [row.path for row in (in_split(rows, split) if split else rows)]
    if images is not None:
        every = np.linspace(0, len(paths) - 1, min(images, len(paths))).astype(int)
        paths = [paths[i] for i in every]

    kinds = KINDS[family]
    settings = Settings(precision=kinds[0].precision)
    # Remembered from now on: what is right on this CPU is not asked of one that is emulated.
    measured_choice(settings.encoder_cache)
    with open_judge(settings, model=model) as judge:
        detector, machine = judge.detector.artefact.manifest, machine_key((judge.encoder.id,))
    console = Console(width=160)
    given: dict[Kind, list[Answer | None]] = {}
    for kind in kinds:
        console.print(str(kind), markup=False)
        given[kind] = judge_as(kind, paths, index, model)
    whole = [i for i in range(len(paths)) if given[kinds[0]][i]]
    answers = {kind: [one for i in whole if (one := given[kind][i])] for kind in kinds}
    result = figures(answers, detector, machine)
    show(result, console)
    write(out, asdict(result))


if __name__ == "__main__":
    run(main)
