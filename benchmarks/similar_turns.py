"""Searches in one tree, a few at a time, as it is told by `benchmarks.similar`.

Run with the packages of either tree, so nothing that changed between them is used here but what is
asked for first. Reads lines `FIRST LAST`, and answers each with one line of JSON.
"""

import hashlib
import json
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import Features, Kind, Registry
from serving.settings import Settings
from similarity.artefact import SimilarityArtefact
from similarity.gallery.creators import Consent, Enrolment
from similarity.gallery.open import open_gallery
from similarity.search import Similarity

AT_ONCE = 8
"""Uploads that a scan searches for at once: half a batch, by each of two threads."""

Picture = tuple[Features, NDArray[np.uint8]]


def kept(path: Path) -> Iterator[tuple[str, str, Picture]]:
    """Name, creator, features and sketch of pictures that `benchmarks.similar` wrote."""
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files if not name.startswith("sketch")}
        encoder = str(arrays.pop("encoder"))
        names, creators = arrays.pop("names"), arrays.pop("creators")
        for i, (name, creator) in enumerate(zip(names, creators, strict=True)):
            one = {key: values[i : i + 1] for key, values in arrays.items()}
            yield str(name), str(creator), (Features(**one, encoder=encoder), file[f"sketch{i}"])


def enrolled(works: Path, folder: Path) -> Similarity:
    """The search of an index of the works, made anew."""
    pictures = list(kept(works))
    registry = Registry(Settings.of().models)
    artefact = SimilarityArtefact.load(
        registry.in_use(Kind.SIMILARITY, pictures[0][2][0].encoder),
    )
    gallery = open_gallery(str(folder), artefact.identity, artefact.measure, create=True)
    similarity = Similarity.of(artefact, gallery)
    mine: dict[str, list[Any]] = {}
    for name, creator, (features, sketch) in pictures:
        # No file's digest, but one that is its own: none is the very file of an upload.
        digest = hashlib.sha256(name.encode()).hexdigest()
        work = similarity.describer.new_work(name, digest, features, sketch)
        mine.setdefault(creator, []).append(work)
    for creator, made in mine.items():
        gallery.enrol(Enrolment(creator, Consent(creator, datetime.now(UTC))), made)
    similarity.settle()
    return similarity


def search(searching: Any, pictures: Sequence[Picture]) -> list[Any]:
    """The evidence on each picture: of many at once, if the tree can do that."""
    if not hasattr(searching, "search_all"):
        return [searching.search(*picture) for picture in pictures]
    from similarity.upload import Upload

    return [
        evidence
        for start in range(0, len(pictures), AT_ONCE)
        for evidence in searching.search_all(
            [Upload(*picture) for picture in pictures[start : start + AT_ONCE]]
        )
    ]


def main(folder: Path, scratch: Path) -> None:
    """Enrol, say so, and search as long as there are lines."""
    similarity = enrolled(folder / "works.npz", scratch)
    searching = similarity.at(similarity.gallery.state())
    uploads = [picture for _, _, picture in kept(folder / "uploads.npz")]
    search(searching, uploads[:AT_ONCE])
    print("ready", flush=True)
    for line in sys.stdin:
        first, last = map(int, line.split())
        cpu, wall = time.process_time(), time.perf_counter()
        found = search(searching, uploads[first:last])
        answer = {
            "cpu": time.process_time() - cpu,
            "wall": time.perf_counter() - wall,
            "copies": [[[one.work, one.verdict] for one in each.copies] for each in found],
            "styles": [[[one.creator, one.score] for one in each.creators] for each in found],
        }
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
