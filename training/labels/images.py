"""Where images are, by the digests of their files."""

import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from training.labels.claim import Claim


def located(labels: Iterable[Claim], folders: Collection[Path]) -> Iterator[Claim]:
    """Labels with the paths of their images as they are now; empty where an image is gone.

    Args:
        labels: One per image.
        folders: Where images are looked for, by their content, that are not where they were.
    """
    labels = tuple(labels)
    gone = {one.sha256 for one in labels if not _is_there(one)}
    found = dict(_found(folders, gone)) if gone else {}
    for one in labels:
        yield one if one.sha256 not in gone else replace(one, path=found.get(one.sha256, ""))


def _is_there(label: Claim) -> bool:
    return bool(label.path) and Path(label.path).is_file()


def _found(folders: Collection[Path], digests: Collection[str]) -> Iterator[tuple[str, str]]:
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                with path.open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
                if digest in digests:
                    yield digest, str(path.resolve())
