"""Enrolled works by what a person calls them: a name, a path, a file, a digest."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path, PurePath

from core.text import printable
from imaging import Limits
from serving.errors import SourceError
from serving.sources.files import read_file
from similarity.errors import WorkNotFound
from similarity.gallery.creators import Work


def find_works(enrolled: Sequence[Work], wanted: Sequence[str]) -> tuple[Work, ...]:
    """The works that are meant, each once.

    A work is meant by the name that it was enrolled under, by the SHA-256 digest of its file, by a
    file of the same content wherever it lies now, or by a path that ends like its own.

    Args:
        enrolled: Works of one creator.
        wanted: What a person calls them.

    Raises:
        WorkNotFound: One is none of them, or may be several.
    """
    found = (_work(enrolled, called) for called in wanted)
    return tuple({work.id: work for work in found}.values())


def _work(enrolled: Sequence[Work], called: str) -> Work:
    exact = [work for work in enrolled if called in (work.name, work.sha256)]
    alike = exact or _same_content(enrolled, called) or _same_end(enrolled, called)
    if len({work.id for work in alike}) > 1:
        names = ", ".join(printable(work.name) for work in alike[:5])
        raise WorkNotFound(f"{printable(called)} may be any of {names}: say more of the path")
    if not alike:
        raise WorkNotFound(
            f"{printable(called)} is none of the creator's works: `rakkan creators show` lists them"
        )
    return alike[0]


def _same_content(enrolled: Sequence[Work], called: str) -> list[Work]:
    try:
        data = read_file(called, Limits()) if Path(called).is_file() else None
    except (SourceError, OSError, ValueError):  # ValueError: a null character
        return []
    digest = None if data is None else hashlib.sha256(data).hexdigest()
    return [work for work in enrolled if work.sha256 == digest]


def _same_end(enrolled: Sequence[Work], called: str) -> list[Work]:
    """Works whose path ends like this one, or whose path this one ends like."""
    wanted = _parts(called)
    return [
        work
        for work in enrolled
        if (own := _parts(work.name)) and wanted and _ends(*sorted((own, wanted), key=len))
    ]


def _ends(shorter: tuple[str, ...], longer: tuple[str, ...]) -> bool:
    return longer[len(longer) - len(shorter) :] == shorter


def _parts(path: str) -> tuple[str, ...]:
    return PurePath(os.path.normpath(path)).parts
