"""Generations of an index in a folder: the same creators and works, described by other heads.

    FOLDER/ledger.sqlite3, snapshots/     the first generation
    FOLDER/generations/2/                 another one, laid out alike
    FOLDER/current                        number of the one in use; absent while that is the first

A process keeps the generation that it opened, whose files stay where they are, until it opens the
index anew. So the index can go from one to the next while others search it.
"""

import shutil
from pathlib import Path

from core.files import write_whole
from similarity.errors import BrokenIndex

LEDGER = "ledger.sqlite3"
SNAPSHOTS = "snapshots"
GENERATIONS = "generations"
CURRENT = "current"


def in_use(folder: Path) -> Path:
    """The folder of the generation in use.

    Raises:
        BrokenIndex: What is said of it cannot be.
    """
    try:
        number = (folder / CURRENT).read_text("ascii").strip()
    except (FileNotFoundError, NotADirectoryError):
        return folder
    except (OSError, ValueError) as error:
        raise BrokenIndex(f"{folder / CURRENT} cannot be read") from error
    if not number.isdigit():
        raise BrokenIndex(f"{folder / CURRENT} names no generation of the index: {number[:20]!r}")
    return folder if number == "1" else folder / GENERATIONS / number


def generations(folder: Path) -> tuple[Path, ...]:
    """The folders of all generations, in use or not, the oldest first."""
    every = (folder, *_later(folder))
    return tuple(one for one in every if (one / LEDGER).is_file())


def others(folder: Path) -> tuple[Path, ...]:
    """The folders of all generations but the one in use, the oldest first."""
    now = in_use(folder)
    return tuple(one for one in generations(folder) if one != now)


def following(folder: Path) -> Path:
    """The folder of a new generation; not made yet."""
    last = max((int(one.name) for one in _later(folder)), default=1)
    return folder / GENERATIONS / str(last + 1)


def unfinished(folder: Path) -> tuple[Path, ...]:
    """What was left of generations whose making was cut short, unless it goes on now."""
    found = (folder / GENERATIONS).glob("*")
    return tuple(one for one in found if not one.name.isdigit())


def put_into_use(folder: Path, generation: Path) -> None:
    """Have the index opened in a generation from now on."""
    number = "1" if generation == folder else generation.name
    write_whole(folder / CURRENT, f"{number}\n".encode())


def discard(folder: Path, generation: Path) -> None:
    """Delete a generation that is not in use; who has it open keeps what it has in memory."""
    if generation != folder:
        shutil.rmtree(generation)
        return
    shutil.rmtree(folder / SNAPSHOTS, ignore_errors=True)
    for file in folder.glob(f"{LEDGER}*"):
        file.unlink()


def _later(folder: Path) -> list[Path]:
    found = (one for one in (folder / GENERATIONS).glob("*") if one.name.isdigit())
    return sorted(found, key=lambda one: int(one.name))
