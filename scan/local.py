"""The engine that runs in this process, with threads."""

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from imaging import DecodedImage
from scan.engine import Batch, keep_thumbnail, small_copy
from scan.fetching import Fetcher, Fresh
from scan.journal import Journal
from serving.judge import Judge
from serving.sources.source import Source
from serving.stream import judge_stream


@dataclass(frozen=True)
class Local:
    """See `scan.engine.Engine`.

    Attributes:
        workers: Threads that read, decode and search.
    """

    workers: int = 2

    def judged(
        self, source: Source, out: Path, judge: Judge, journal: Journal, account: str | None
    ) -> Generator[Batch, None, None]:
        """See `scan.engine.Engine`."""

        def look(image: DecodedImage) -> None:
            keep_thumbnail(out, image.sha256, small_copy(image))

        fresh = Fresh(source.items(judge.limits, passed_over=out), journal)
        fetch = Fetcher(journal)
        batches = judge_stream(
            judge, fresh, fetch, look=look, account=account, workers=self.workers
        )
        with closing(batches):
            for batch in batches:
                yield Batch(batch, fresh.known)
                fetch.written(one.payload.sha256 for one in batch if one.payload.sha256)
