"""Opening what judges, and judging by it."""

import os
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import RakkanError
from evidence import Judgement
from serving.closing import Closing

if TYPE_CHECKING:
    from serving.judge import Judge as Composition

PathLike = str | os.PathLike[str]


@dataclass(frozen=True)
class Answer:
    """What came of one file of many.

    Attributes:
        path: As it was given.
        judgement: What is said of it; None where it cannot be judged.
        error: Why it cannot be judged; None where it was.
    """

    path: Path
    judgement: Judgement | None = None
    error: RakkanError | None = None


class Judge(Closing):
    """Judges images; made by `rakkan.open`. May be used by many threads."""

    def __init__(self, judge: "Composition") -> None:
        """Judge by a composition of `serving`; `rakkan.open` makes one from settings."""
        self._judge = judge

    def judge(
        self,
        image: bytes | PathLike,
        *,
        declared_ai: bool | None = None,
        expects_metadata: bool = False,
        account: str | None = None,
    ) -> Judgement:
        """Judge one image.

        Args:
            image: The bytes of its file, or where that lies.
            declared_ai: Whether the uploader declares that an AI made it; None where nothing is
                declared.
            expects_metadata: The file came on a way that keeps metadata: it is told if it has none.
            account: Whose upload it is; works of its own creator do not count.

        Raises:
            RakkanError: It is no image, or is refused.
        """
        return self._judge.one(
            image if isinstance(image, bytes) else self._read(Path(image)),
            declared_ai=declared_ai,
            expects_metadata=expects_metadata,
            account=account,
        )

    def judge_many(
        self,
        paths: Iterable[PathLike],
        *,
        account: str | None = None,
        workers: int | None = None,
    ) -> Iterator[Answer]:
        """Judge many images, in their order; memory does not grow with their number.

        Quicker than one by one: files are read and decoded in threads, and encoded in batches. A
        file that cannot be judged is an answer with `error`, and does not end the iteration.

        Args:
            paths: Where the files lie; a generator is read no further ahead than needed.
            account: As in `judge`, of all images.
            workers: Threads that read and decode; by default one for each CPU.
        """
        from serving.stream import judge_stream  # only here: it takes long to load

        def fetch(path: PathLike) -> tuple[bytes | None, tuple[Path, RakkanError | None]]:
            place = Path(path)
            try:
                return self._read(place), (place, None)
            except RakkanError as error:
                return None, (place, error)

        batches = judge_stream(
            self._judge, paths, fetch, account=account, workers=workers or os.cpu_count() or 1
        )
        with closing(batches):
            for batch in batches:
                for one in batch:
                    path, unread = one.payload
                    yield Answer(path, one.judgement, one.error or unread)

    def close(self) -> None:
        """Let go of the index; nothing is judged any more."""
        self._judge.close()

    def _read(self, path: Path) -> bytes:
        from serving.sources.files import read_image_file

        return read_image_file(path, self._judge.limits)


def open(  # noqa: A001 - it is called as `rakkan.open`
    *,
    index: PathLike | None = None,
    model: str | None = None,
    trust_anchors: PathLike | None = None,
    threads: int | None = None,
) -> Judge:
    """Open what judges, with the settings of the environment (`RAKKAN_HOME`, ...).

    Takes some seconds: open it once. `rakkan models fetch` must have been run before.

    Args:
        index: Of enrolled creators: a folder, or the address of a PostgreSQL database; every image
            is searched in it. None for no search.
        model: Name of the detector's model; None for the one in use.
        trust_anchors: A file of certificates (PEM) whose C2PA signatures are proofs; None for that
            of the settings.
        threads: CPU threads of the encoder; None for all.

    Raises:
        RakkanError: The encoder is not fetched, or there is no such model or index.
        OSError: The file of certificates cannot be read.
    """
    from serving.opening import open_judge  # only here: it loads the encoder's runtime

    return Judge(
        open_judge(
            model=model,
            index=None if index is None else os.fspath(index),
            trust_anchors=None if trust_anchors is None else Path(trust_anchors),
            threads=threads,
        )
    )
