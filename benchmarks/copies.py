"""How many edited copies of enrolled works are found, beside the plain cosine of the last layer.

    python -m benchmarks.copies --data FOLDER --split dev --out copies.json

Half of each creator's works are enrolled in an index in a temporary folder. Some of them are
copied in every way of `training.data.copy_edits` (the hard ones are judged in a table of their own,
of the same innocent pictures); the works that are not enrolled and pictures by
AIs are searched for as they are, and should be found nowhere. "Leniently": matches with other works
of the same creator, who may have used a drawing twice, count neither way.
"""

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.autoencoder import load_autoencoders
from benchmarks.command import Data, Out, Threads, run, write
from imaging import decode, decode_for_view, global_view, sketch
from imaging.ground import plain_ground
from models import Encoder, Features, Kind, Registry, encode_stream, load_encoder
from models.encoder.precision import machine_key
from models.encoder.stream import Prepared
from serving.settings import Settings
from similarity.artefact import SimilarityArtefact
from similarity.copies.search import CopyQuery, CopySearch
from similarity.gallery.creators import Consent, Enrolment
from similarity.gallery.gallery import Gallery, NewWork
from similarity.gallery.open import open_gallery
from similarity.search import Similarity
from training.data.copy_edits import EDITS, GROUNDED, HARD, Edit, Materials
from training.data.features import compute_features
from training.data.manifest import Row, in_split, read_manifest
from training.evaluation.intervals import Estimate
from training.similarity.copy_figures import CopyFigures, SearchAnswer, copy_figures
from training.similarity.copy_sample import Query, Truths, ask, backgrounds, take_sample

Sketch = NDArray[np.uint8]

SHOWN = 25
"""Errors that are printed."""


def enrol(rows: Sequence[Row], gallery: Gallery, similarity: Similarity, encoder: Encoder) -> None:
    """Enrol works, each under the name of its row, creator by creator."""

    def prepare(row: Row) -> Prepared[tuple[str, Sketch]]:
        image = decode_for_view(row.path.read_bytes(), encoder.size)
        return global_view(image, encoder.size)[None], (image.sha256, sketch(image))

    works: dict[str, list[NewWork]] = defaultdict(list)
    for batch in encode_stream(rows, prepare, encoder):
        for row, (sha256, drawn), features in batch:
            if features is not None:
                new = similarity.describer.new_work(row.name, sha256, features, drawn)
                works[row.creator or row.source].append(new)
    for creator, mine in works.items():
        gallery.enrol(Enrolment(creator, Consent(creator, datetime.now(UTC))), mine)


def judged(answers: Sequence[SearchAnswer]) -> dict[str, CopyFigures]:
    """Figures of the usual edits and of the hard ones, each beside all innocent pictures."""
    kinds = {"usual": EDITS, "hard": HARD}
    return {
        name: copy_figures([one for one in answers if not one.edit or one.edit in edits])
        for name, edits in kinds.items()
        if any(one.edit in edits for one in answers)
    }


def asks(query: Query) -> bool:
    """Whether an edit changes a picture as it says: some need a plain ground."""
    if query.edit not in GROUNDED:
        return True
    return plain_ground(decode(query.row.path.read_bytes()).pixels) is not None


def show(name: str, figures: CopyFigures, console: Console) -> None:
    """Print the figures, and the worst errors."""
    table = Table(
        "edit", "copies", "found", "leniently", "called", "first", "seen", "cosine", "first",
        title=f"{name} edits, per cent of copies [95 % interval]",
    )  # fmt: skip
    for edit in figures.edits:
        ours = (edit.found, edit.found_leniently, edit.proven, edit.first)
        shares = (*ours, edit.candidate, edit.baseline, edit.baseline_first)
        table.add_row(edit.edit, str(edit.found.n), *map(_written, shares))
    console.print(table)
    console.print(
        f"thresholds: {figures.threshold:.4f}, leniently {figures.lenient_threshold:.4f}, "
        f"of the cosine {figures.baseline_threshold:.4f}"
    )
    console.print(
        f"of 100 matches called copies are right: {_written(figures.precision)}, "
        f"leniently {_written(figures.lenient_precision)}"
    )
    console.print(
        f"of 100 innocent pictures are accused: {_written(figures.accused)}, "
        f"of copying another creator {_written(figures.accused_of_others)}"
    )
    median, high = figures.milliseconds
    console.print(f"CPU time of a search: median {median:.1f} ms, 95th percentile {high:.1f} ms")
    for answer, match in figures.errors[:SHOWN]:
        called = "called a copy" if match.proven else ""
        console.print(
            f"{match.score:.3f} {answer.query} [{answer.edit}] -> {match.work} {called}",
            markup=False,
        )


def _written(estimate: Estimate | None) -> str:
    if estimate is None:
        return "-"
    return f"{100 * estimate.value:.1f} [{100 * estimate.low:.0f} {100 * estimate.high:.0f}]"


def record(figures: CopyFigures) -> dict[str, object]:
    """The figures as a document."""
    errors: Iterable[dict[str, object]] = (
        {
            "query": answer.query,
            "edit": answer.edit,
            "work": match.work,
            "score": match.score,
            "truth": match.truth,
            "called": match.proven,
        }
        for answer, match in figures.errors
    )
    return asdict(figures) | {"errors": list(errors)}


def main(
    data: Data,
    split: Annotated[str, typer.Option("--split", help="Whose works are copied.")] = "dev",
    copied: Annotated[int, typer.Option("--copied", help="Works that are copied.")] = 60,
    innocent: Annotated[int, typer.Option("--innocent", help="Pictures that are not.")] = 300,
    edits: Annotated[list[Edit] | None, typer.Option("--edit", help="Only these.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of the choice of works.")] = 0,
    threads: Threads = 1,
    out: Out = None,
) -> None:
    """Measure, print, and write JSON."""
    settings = Settings.of()
    rows = in_split(read_manifest(data / "manifest.csv"), split)
    sample = take_sample(rows, copied=copied, innocent=innocent, seed=seed)
    encoder = load_encoder(settings.encoder_cache, threads=threads)
    everybody = (*sample.enrolled, *sample.innocent)
    table = compute_features(everybody, encoder, settings.features)
    redraw = [one.redraw for one in load_autoencoders(data / "vae")]
    queries = [query for query in sample.queries(edits or tuple(Edit)) if asks(query)]
    registry = Registry(settings.models)
    artefact = SimilarityArtefact.load(registry.in_use(Kind.SIMILARITY, encoder.id))
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        gallery = open_gallery(folder, artefact.identity, artefact.measure, create=True)
        similarity = Similarity.of(artefact, gallery)
        enrol(sample.enrolled, gallery, similarity, encoder)
        state = gallery.state()
        searching = CopySearch(state, state.works, artefact.manifest.copies)

        def candidates(features: Features, drawn: Sketch) -> list[str]:
            query = CopyQuery(similarity.describer.describe(features, drawn), drawn)
            (found,) = searching.candidates([query])
            return [work.name for work in state.works(list(found)).values()]

        asked = ask(
            queries,
            similarity,
            encoder,
            Truths(table, sample.enrolled),
            Materials(backgrounds(sample.innocent), redraw),
            candidates=candidates,
        )
        answers = list(track(asked, "searching", len(queries), console=Console(stderr=True)))
    figures = judged(answers)
    console.print(f"machine: {machine_key(())}; {len(sample.enrolled)} works enrolled")
    for name, each in figures.items():
        show(name, each, console)
    written = {name: record(each) for name, each in figures.items()}
    write(out, {"machine": machine_key(()), "figures": written})


if __name__ == "__main__":
    run(main)
