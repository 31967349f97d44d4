"""Enrolled works beside the report: small pictures of those that images are like."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from imaging import Limits
from scan import layout
from serving.work_pictures import work_picture


def show_works(
    works: Iterable[tuple[str, str]], out: Path, limits: Limits, workers: int
) -> frozenset[str]:
    """Keep thumbnails of works beside the report, and of no others.

    Args:
        works: Their names and the digests of their files. One whose file is not, unchanged, where
            it was enrolled from has none.
        out: The output folder.
        limits: Bounds on what is decoded.
        workers: Threads that decode.

    Returns:
        The digests of those that are shown.

    Raises:
        OSError: A thumbnail cannot be written.
    """

    def show(work: tuple[str, str]) -> str | None:
        name, sha256 = work
        place = out / layout.work(sha256)
        if not place.exists():
            picture = work_picture(name, sha256, limits)
            if picture is None:
                return None
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(picture)
        return sha256

    with ThreadPoolExecutor(workers) as pool:
        shown = frozenset(sha256 for sha256 in pool.map(show, works) if sha256 is not None)
    for stale in (out / layout.INSIDE / "works").glob("*/*.jpg"):
        if stale.stem not in shown:
            stale.unlink()
    return shown
