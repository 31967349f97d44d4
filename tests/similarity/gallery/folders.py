"""Galleries in folders, as tests open and look into them."""

from pathlib import Path

from similarity.gallery.folder import DiskGallery
from similarity.gallery.gallery import Identity
from similarity.gallery.generations import SNAPSHOTS
from tests.similarity.fakes import IDENTITY, measure, new_work

WORKS = [new_work(f"{number}", regions=3) for number in range(40)]


def opened(
    folder: Path, identity: Identity = IDENTITY, *, create: bool = True, delta: int = 5000
) -> DiskGallery:
    """A gallery that looks for other processes' changes before every search, and never waits."""
    return DiskGallery.open(
        folder, identity, measure, create=create, lag=0, patience=0.1, delta=delta
    )


def snapshots(folder: Path) -> list[str]:
    return [each.name for each in (folder / SNAPSHOTS).iterdir() if each.is_dir()]


def found(gallery: DiskGallery, name: str) -> bool:
    """Whether a work is found by its style, its content and its hash."""
    work = new_work(name, regions=3).description
    scores = [
        gallery.state().search_style(work.style[None], 1).scores[0, 0],
        gallery.state().search_copies(work.copy[:1], 1).scores[0, 0],
    ]
    assert (scores[0] > 0.99) == (scores[1] > 0.99)
    return bool(scores[0] > 0.99)
