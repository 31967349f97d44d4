"""Small pictures and archives, made in memory."""

import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image

from evidence import (
    AiEvidence,
    EvidenceKind,
    GeneratorFamily,
    ImageFacts,
    Information,
    Judgement,
    PixelEvidence,
    Reason,
    SimilarityEvidence,
    Verdict,
)
from scan.records import Visit
from serving.stream import Judged
from tests.fakes import MADE_BY


def picture(seed: int, form: str = "PNG", side: int = 40) -> bytes:
    """A picture of one colour, which the seed gives."""
    colour = np.random.default_rng(seed).integers(0, 256, 3, dtype=np.uint8)
    pixels = np.broadcast_to(colour, (side, side + seed % 7, 3))
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, form)
    return buffer.getvalue()


def write_folder(folder: Path, files: Mapping[str, bytes]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def write_zip(
    path: Path, files: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED
) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, compression)
    return path


def write_tar(path: Path, files: Mapping[str, bytes], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def judgement(
    sha256: str,
    probability: float = 0.5,
    verdict: Verdict = Verdict.INCONCLUSIVE,
    *,
    reasons: tuple[str, ...] = ("Why.",),
    similarity: SimilarityEvidence | None = None,
) -> Judgement:
    """A judgement from the pixels alone."""
    why = tuple(Reason("why", text) for text in reasons)
    pixels = PixelEvidence(
        score=probability,
        probability=probability,
        scored=verdict,
        verdict=verdict,
        withheld=(),
        reasons=why,
        information=Information(ground=0.1, detail=0.5, too_plain=False),
    )
    return Judgement(
        ImageFacts(sha256, 640, 480, "jpeg"),
        AiEvidence(
            verdict=verdict,
            probability=probability,
            evidence=EvidenceKind.INFERRED,
            generator=None,
            family=GeneratorFamily.UNKNOWN,
            pixels=pixels,
            reasons=why,
        ),
        similarity,
        MADE_BY,
    )


def judged(path: str, of: Judgement, size: int = 1234, stamp: int = 1) -> Judged[Visit]:
    """A path with the judgement of its bytes."""
    return Judged(Visit(path, size, stamp, of.image.sha256), of)
