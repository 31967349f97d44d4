"""The scan: items in, rows out, in batches, with what was done before left alone."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import repeat
from pathlib import Path
from typing import Protocol

from core.text import valid
from detector import Measures, decide
from detector.readers.contract import Reader
from evidence import PixelEvidence
from evidence.similarity import SimilarityEvidence
from evidence.wording.ai import decoding_note
from evidence.wording.similarity import findings
from imaging import Limits
from models import Encoder, Features, encode_stream
from scan import layout as places
from scan.journal import Journal
from scan.likeness import Searcher, Searches, likeness_columns
from scan.report import write_report
from scan.results import write_results
from scan.schema import ImageResult
from scan.summary import ModelFacts, Progress, Summary
from scan.worker import Found, Worker
from serving.sources.budget import Holder
from serving.sources.files import count, items
from serving.sources.item import Item

BATCH = 16
"""Images that are encoded at once, and that a kill may lose."""

NO_INDEX = "none"


class Assessor(Protocol):
    """What judges one image: `detector.Detector`, or a fake."""

    def in_doubt(self, first: Features) -> bool:
        """Whether an image's other views shall be looked at, by the features of its first."""
        ...

    def assess(self, features: Features, measures: Measures) -> PixelEvidence:
        """Judge one image by the features of its views."""
        ...


def scan(
    paths: Sequence[Path],
    out: Path,
    *,
    encoder: Encoder,
    detector: Assessor,
    model: ModelFacts,
    readers: Sequence[Reader] = (),
    similarity: Searcher | None = None,
    account: str | None = None,
    limits: Limits | None = None,
    workers: int = 2,
    resume: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> Summary:
    """Scan files, folders and archives into a table and a report.

    Args:
        paths: What to scan; see `serving.sources.files.items`.
        out: The output folder; made if absent.
        encoder: Encodes the images.
        detector: Judges them by their features.
        model: What the rows and the report say about the model.
        readers: Of what files say of themselves; see `detector.statements.gather.default_readers`.
        similarity: The index in which every image is searched; None for no search.
        account: Whose uploads they are; works of its own creator do not count.
        limits: Bounds on what is read and decoded.
        workers: Threads that read, decode and search.
        resume: Go on with the scan in `out`, if there is one.
        progress: Called after each batch.

    Raises:
        ScanError: The output folder cannot be used.
        OSError: Writing failed.
    """
    limits = limits or Limits()
    identity = {
        "model": model.name,
        "encoder": encoder.id,
        "limits": ", ".join(f"{name} {value}" for name, value in vars(limits).items()),
        "readers": ", ".join(reader.id for reader in readers),
        "index": similarity.name if similarity is not None else NO_INDEX,
        "account": valid(account or "none"),
        "paths": ", ".join(valid(str(path)) for path in paths),
    }
    with closing(Journal.open(out, identity, resume=resume)) as journal:
        worker = Worker(
            journal, out, encoder.size, limits, readers, sketches=similarity is not None
        )
        total = _Total(paths, out)
        fresh = _Fresh(items(paths, limits, exclude=out), journal)
        started = last = time.monotonic()
        new = 0
        stream = encode_stream(
            fresh,
            worker.prepare,
            encoder,
            more=detector.in_doubt,
            batch_size=BATCH,
            workers=workers,
        )
        with closing(stream), ThreadPoolExecutor(workers, thread_name_prefix="search") as pool:
            search = Searches(similarity, account, pool) if similarity is not None else None
            for batch in stream:
                encoded = [(found, features) for _, found, features in batch]
                likenesses = search(encoded) if search else repeat(None, len(batch))
                said = [
                    _said(found, features, detector, model.name, likeness)
                    for (found, features), likeness in zip(encoded, likenesses, strict=True)
                ]
                images = [image for image in said if image is not None]
                now = time.monotonic()
                journal.write((found.visit for _, found, _ in batch), images, now - last)
                worker.written(image.sha256 for image in images)
                last = now
                new += len(batch)
                if progress is not None:
                    progress(Progress(fresh.known + new, total.value, now - started, new))
        write_results(journal.rows(), out / places.RESULTS)
        write_report(journal, out, model, index=similarity.name if similarity else None)
        return Summary(journal.counts(), out / places.RESULTS, out / places.REPORT)


def _said(
    found: Found,
    features: Features | None,
    detector: Assessor,
    model: str,
    likeness: SimilarityEvidence | None,
) -> ImageResult | None:
    """What is said of an item's bytes; None if nothing is, or it was said before."""
    facts = found.facts
    if facts is None or features is None:
        return found.failed
    evidence = decide(facts.signals, detector.assess(features, facts.measures))
    reasons = tuple(why.text for why in evidence.reasons)
    reasons += tuple(decoding_note(note) for note in facts.notes)
    return ImageResult(
        sha256=facts.sha256,
        width=facts.width,
        height=facts.height,
        format=facts.format,
        ai_probability=evidence.probability,
        ai_verdict=evidence.verdict.value,
        evidence=evidence.evidence.value,
        generator=evidence.generator,
        pixel_probability=evidence.pixels.probability,
        pixel_score=evidence.pixels.score,
        reasons=reasons + (findings(likeness) if likeness else ()),
        model=model,
        **(likeness_columns(likeness) if likeness else {}),
    )


class _Fresh:
    """The items that are new or changed.

    Attributes:
        known: How many were passed over, since an earlier run did them.
    """

    def __init__(self, found: Iterable[Item], journal: Journal) -> None:
        self.known = 0
        self._found = found
        self._journal = journal
        self._holder = Holder()

    def __iter__(self) -> Iterator[Item]:
        for item in self._found:
            if self._journal.keep(item.path, item.size, item.stamp):
                self.known += 1
            else:
                yield self._holder.hold(item) if item.streamed else item


class _Total:
    """Counts the items in the background.

    Attributes:
        value: How many there are; None while or where that is unknown.
    """

    def __init__(self, paths: Sequence[Path], out: Path) -> None:
        self.value: int | None = None
        threading.Thread(target=self._run, args=(paths, out), name="count", daemon=True).start()

    def _run(self, paths: Sequence[Path], out: Path) -> None:
        self.value = count(paths, exclude=out)
