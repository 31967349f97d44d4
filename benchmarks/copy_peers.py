"""Which edited copies are found, beside what people use for that today, at the same precision.

    pip install -e '.[peers]'
    python -m benchmarks.copy_peers --data FOLDER --split dev --out out/copy-peers.json

The works, the copies and the innocent pictures are those of `benchmarks.copies`. Each method takes
every picture in turn, and is cut at a threshold of its own, at which 99 of 100 best matches are
right. Siblings (other works of the same creator) are passed over: most methods take two variants of
one drawing for the same, and so does a person.

The neural network of imagededup is not among them: its weights come from the network at the first
use. In its place stands the cosine of the last layer of our own encoder.
"""

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol

import numpy as np
import typer
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.autoencoder import load_autoencoders
from benchmarks.command import Data, Out, Threads, run, write
from benchmarks.copies import enrol
from core.extras import require_extra
from imaging import Pixels, decode_for_view, sketch
from models import Encoder, Features, Kind, Registry, load_encoder
from models.encoder.precision import machine_key
from serving.settings import Settings
from similarity.artefact import SimilarityArtefact
from similarity.copies.pdq import distance, hash_of, hashes_of
from similarity.gallery.open import open_gallery
from similarity.search import Similarity
from training.data.augmentation import CLEAN
from training.data.copy_edits import EDITS, Materials, edited
from training.data.features import compute_features
from training.data.manifest import Row, in_split, read_manifest
from training.similarity.copy_figures import CopyFigures, Scored, SearchAnswer, copy_figures
from training.similarity.copy_sample import TOP, Query, Truths, backgrounds, take_sample

Bits = NDArray[np.uint8]
"""uint8 [P, B]: a hash of B bytes in P positions."""


class Hash(Protocol):
    """A perceptual hash."""

    def __call__(self, pixels: Pixels) -> Bits:
        """Hash a picture, uint8 [H, W, 3]."""
        ...


def pdq(pixels: Pixels) -> Bits:
    """PDQ (Meta 2019), one position."""
    return hash_of(_grey(pixels))[0][None]


def pdq_in_eight_positions(pixels: Pixels) -> Bits:
    """PDQ of an upload as it is, turned and mirrored."""
    return hashes_of(_grey(pixels))


def imagehash_phash(pixels: Pixels) -> Bits:
    """The DCT hash of `imagehash`."""
    import imagehash  # here and below: an extra

    return np.packbits(imagehash.phash(Image.fromarray(pixels)).hash.reshape(1, -1), axis=1)


def imagededup_phash(pixels: Pixels) -> Bits:
    """The DCT hash of `imagededup`."""
    from imagededup.methods import PHash

    return _from_hex(PHash().encode_image(image_array=pixels))


def imagededup_dhash(pixels: Pixels) -> Bits:
    """The difference hash of `imagededup`."""
    from imagededup.methods import DHash

    return _from_hex(DHash().encode_image(image_array=pixels))


def _grey(pixels: Pixels) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(pixels).convert("L"))


def _from_hex(text: str) -> Bits:
    return np.frombuffer(bytes.fromhex(text), np.uint8)[None]


HASHES: Mapping[str, tuple[Hash, Hash]] = {
    "PDQ": (pdq, pdq),
    "PDQ, 8 positions": (pdq, pdq_in_eight_positions),
    "imagehash pHash": (imagehash_phash, imagehash_phash),
    "imagededup PHash": (imagededup_phash, imagededup_phash),
    "imagededup DHash": (imagededup_dhash, imagededup_dhash),
}
"""By name: how a work is hashed, and how an upload."""

OURS, COSINE = "rakkan", "cosine, last layer"


@dataclass(frozen=True)
class HashSearch:
    """Compares an upload's hash with those of all works."""

    names: Sequence[str]
    works: NDArray[np.uint8]
    upload: Hash

    def search(self, pixels: Pixels) -> list[tuple[str, float]]:
        """The nearest works, each with minus the bits in which it differs."""
        bits = distance(self.upload(pixels)[:, None], self.works[None]).min(axis=0)
        best = np.argsort(bits, kind="stable")[:TOP]
        return [(self.names[i], -float(bits[i])) for i in best]


def hash_searches(rows: Sequence[Row]) -> dict[str, HashSearch]:
    """Hash all works in every way."""
    images = [decode_for_view(row.path.read_bytes(), 224).pixels for row in rows]
    names = [row.name for row in rows]
    return {
        name: HashSearch(names, np.concatenate([work(image) for image in images]), upload)
        for name, (work, upload) in HASHES.items()
    }


@dataclass(frozen=True)
class Asked:
    """What every method says of one picture, in turn."""

    encoder: Encoder
    similarity: Similarity
    hashes: Mapping[str, HashSearch]
    truths: Truths
    materials: Materials

    def answers(self, query: Query) -> dict[str, SearchAnswer]:
        """By method; the time is all that the method takes of a decoded picture."""
        treatment = CLEAN if query.edit is None else edited(query.edit, self.materials)
        view, image = treatment.view(query.row.path.read_bytes(), self.encoder.size)
        found: dict[str, SearchAnswer] = {}
        started = time.process_time()
        features = self.encoder.encode(view[None])
        evidence = self.similarity.search(features, sketch(image), top=TOP)
        ours = [(match.work, match.score) for match in evidence.copies]
        found[OURS] = self._answer(query, ours, started)
        found[COSINE] = self._cosine(query, features)
        for name, method in self.hashes.items():
            started = time.process_time()
            found[name] = self._answer(query, method.search(image.pixels), started)
        return found

    def _cosine(self, query: Query, features: Features) -> SearchAnswer:
        started = time.process_time()
        best = self.truths.baseline(query, features.embedding[0])
        return self._answer(query, [(one.work, one.score) for one in best], started)

    def _answer(
        self, query: Query, matches: Sequence[tuple[str, float]], started: float
    ) -> SearchAnswer:
        return SearchAnswer(
            query=query.row.name,
            group=query.row.creator or query.row.source,
            edit="" if query.edit is None else str(query.edit),
            matches=tuple(
                Scored(work, score, self.truths.of(query, work)) for work, score in matches
            ),
            baseline=(),
            candidate=None,
            milliseconds=1000 * (time.process_time() - started),
        )


def show(figures: Mapping[str, CopyFigures], console: Console) -> None:
    """Print what is found of each kind of copy by each method."""
    table = Table("per cent found", *figures)
    first = next(iter(figures.values()))
    for number, edit in enumerate(first.edits):
        shares = [one.edits[number].found_leniently for one in figures.values()]
        table.add_row(
            f"{edit.edit} ({edit.found.n})",
            *(f"{100 * s.value:.1f} [{100 * s.low:.0f} {100 * s.high:.0f}]" for s in shares),
        )
    table.add_row("CPU ms, median", *(f"{one.milliseconds[0]:.1f}" for one in figures.values()))
    console.print(table)


def record(figures: CopyFigures) -> dict[str, object]:
    """The figures of one method as a document."""
    return {
        "threshold": figures.lenient_threshold,
        "cpu_ms": figures.milliseconds[0],
        "found": {
            edit.edit: {
                "n": edit.found_leniently.n,
                "value": edit.found_leniently.value,
                "low": edit.found_leniently.low,
                "high": edit.found_leniently.high,
            }
            for edit in figures.edits
        },
    }


def main(
    data: Data,
    split: Annotated[str, typer.Option("--split", help="Whose works are copied.")] = "dev",
    copied: Annotated[int, typer.Option("--copied", help="Works that are copied.")] = 60,
    innocent: Annotated[int, typer.Option("--innocent", help="Pictures that are not.")] = 300,
    threads: Threads = 1,
    out: Out = None,
) -> None:
    """Measure, print, and write JSON."""
    require_extra("peers", "the hashes of others", "imagededup")
    settings = Settings.of()
    rows = in_split(read_manifest(data / "manifest.csv"), split)
    sample = take_sample(rows, copied=copied, innocent=innocent)
    encoder = load_encoder(settings.encoder_cache, threads=threads)
    table = compute_features((*sample.enrolled, *sample.innocent), encoder, settings.features)
    artefact = SimilarityArtefact.load(
        Registry(settings.models).in_use(Kind.SIMILARITY, encoder.id)
    )
    redraw = [one.redraw for one in load_autoencoders(data / "vae")]
    with tempfile.TemporaryDirectory() as folder:
        gallery = open_gallery(folder, artefact.identity, artefact.measure, create=True)
        similarity = Similarity.of(artefact, gallery)
        enrol(sample.enrolled, gallery, similarity, encoder)
        asked = Asked(
            encoder,
            similarity,
            hash_searches(sample.enrolled),
            Truths(table, sample.enrolled),
            Materials(backgrounds(sample.innocent), redraw),
        )
        queries = track(sample.queries(EDITS), "searching", console=Console(stderr=True))
        answers = [asked.answers(query) for query in queries]
    figures = {name: copy_figures([one[name] for one in answers]) for name in answers[0]}
    console = Console()
    console.print(f"machine: {machine_key(())}; {len(sample.enrolled)} works enrolled")
    show(figures, console)
    write(
        out,
        {
            "machine": machine_key(()),
            "enrolled": len(sample.enrolled),
            "methods": {name: record(one) for name, one in figures.items()},
        },
    )


if __name__ == "__main__":
    run(main)
