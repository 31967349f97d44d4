"""Changes a gallery without end, as a process that a test can kill.

Arguments: FOLDER FIRST. Change number n is always the same; prints `n` when it is done.
"""

import itertools
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np

from similarity.errors import CreatorNotFound
from similarity.gallery.folder import DiskGallery
from similarity.gallery.gallery import Gallery, NewWork
from tests.similarity.fakes import IDENTITY, NOW, consent, enrol, measure, new_work

CREATORS = 4


def opened(folder: Path) -> DiskGallery:
    return DiskGallery.open(folder, IDENTITY, measure, create=True, delta=6, clock=lambda: NOW)


def works(number: int) -> list[NewWork]:
    """The works that change `number` enrols, if it enrols."""
    return [new_work(f"{number}.{each}") for each in range(1 + number % 4)]


def creator(number: int) -> str:
    """Of whom change `number` is about."""
    return f"creator {np.random.default_rng(number).integers(CREATORS)}"


def change(gallery: Gallery, number: int) -> None:
    """Do change `number`."""
    kind = np.random.default_rng(number).random()
    if kind < 0.55:
        enrol(gallery, creator(number), consent(), works(number))
    elif kind < 0.85:
        with suppress(CreatorNotFound):
            gallery.withdraw(creator(number))
    elif isinstance(gallery, DiskGallery):
        gallery.compact()


if __name__ == "__main__":
    gallery = opened(Path(sys.argv[1]))
    for number in itertools.count(int(sys.argv[2])):
        change(gallery, number)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
