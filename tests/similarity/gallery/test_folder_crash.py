"""Whenever a process is killed, its last change is done or not begun, and nothing else is lost."""

import random
import subprocess
import sys
import time
from pathlib import Path

from similarity.gallery.folder import SNAPSHOTS
from similarity.gallery.gallery import Gallery, NewWork
from similarity.vectors.base import MISSING
from tests.similarity import changing
from tests.similarity.fakes import MemoryGallery
from tests.similarity.files import traces

KILLS = 20
LONGEST = 0.4
"""Seconds from the first change until a process is killed; a change takes some hundredths."""


def killed_after(folder: Path, first: int, seconds: float) -> int:
    """Changes a gallery from change `first` on until it is killed; the first that is not told."""
    command = [sys.executable, "-m", "tests.similarity.changing", str(folder), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        time.sleep(seconds)
        process.kill()
        return int((line + process.stdout.read()).split()[-1]) + 1


def content(gallery: Gallery) -> list[tuple[str, list[str], list[bool]]]:
    """Creators, their works, and whether each work is what a search for it finds."""
    found = []
    for creator in gallery.state().creators():
        works = gallery.state().works_of(creator.name)
        assert creator.works == len(works)
        near = [
            gallery.state().search_style(new.description.style[None], 1).ids[0, 0]
            for new in (_named(work.name) for work in works)
        ]
        same = [int(id_) == work.id for id_, work in zip(near, works, strict=True)]
        found.append((creator.name, [work.name for work in works], same))
    count = sum(len(names) for _, names, _ in found)
    everything = gallery.state().search_style(
        changing.works(0)[0].description.style[None], count + 9
    )
    assert (everything.ids != MISSING).sum() == count
    return found


def _named(name: str) -> NewWork:
    number, each = map(int, name.split("."))
    return changing.works(number)[each]


def test_killed_at_any_moment(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    draw = random.Random(1)  # noqa: S311 - the same in every run
    definition = MemoryGallery()
    begun = 0
    for _ in range(KILLS):
        told = killed_after(folder, begun, draw.random() * LONGEST)
        for number in range(begun, told):
            changing.change(definition, number)
        before = content(definition)
        changing.change(definition, told)
        after = content(definition)
        gallery = changing.opened(folder)
        now = content(gallery)
        assert now in (before, after)
        if now == before != after:
            # It was not begun: do it now, so that both go on from the same state.
            changing.change(gallery, told)
        gallery.refresh()
        assert content(gallery) == after
        gallery.close()
        enrolled = {name for _, names, _ in after for name in names}
        gone = [
            work
            for number in range(max(0, told - 40), told + 1)
            for work in changing.works(number)
            if work.name not in enrolled
        ]
        assert traces(folder, gone) == []
        begun = told + 1
    left = [each.name for each in (folder / SNAPSHOTS).iterdir()] if begun else []
    assert len([name for name in left if not name.startswith(".")]) <= 1
