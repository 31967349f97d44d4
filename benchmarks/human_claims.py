"""How many human works are wrongly said to be an AI's by what stands in their files.

    RAKKAN_DATA=... python -m benchmarks.human_claims --out out/human-claims.json

Every file that the manifest calls a human work, of `train` and `dev` unless told otherwise, goes
through all readers as `rakkan score` has them. Each that comes out as made or edited by a
generator is listed with its sentences, for somebody to look at: a label may be wrong, too.

Files without metadata try the readers of pixels alone, so how many have any is told apart.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.command import Data, Out, run, write
from detector.readers.contract import Reader
from detector.statements.gather import default_readers, read_statements
from evidence.signals import Claim, Signal
from imaging import decode_for_view
from imaging.errors import ImagingError
from models.encoder.spec import SPEC
from training.data.manifest import Row, in_split, read_manifest
from training.evaluation.intervals import clopper_pearson

CLAIMS = (Claim.AI_MADE, Claim.AI_EDITED)
"""What no file of a human work is to say."""


@dataclass(frozen=True)
class Hit:
    """A human work whose file says that a generator had a part in it.

    Attributes:
        name: As the manifest has it.
        claim: The first such claim.
        sentences: All of them, as a moderator reads them.
    """

    name: str
    claim: Claim
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Claims:
    """What was found in a set of files.

    Attributes:
        read: How many files were read.
        with_metadata: How many of them have EXIF, XMP, IPTC-IIM or texts.
        refused: Names of those that do not decode.
        hits: In the order of the manifest.
    """

    read: int
    with_metadata: int
    refused: tuple[str, ...]
    hits: tuple[Hit, ...]

    def of(self, *claims: Claim) -> int:
        """How many files say one of these, by their first claim."""
        return sum(hit.claim in claims for hit in self.hits)


def claims_of(rows: Iterable[Row], readers: tuple[Reader, ...]) -> Claims:
    """Read all files and keep what they say of generators."""
    read = with_metadata = 0
    refused: list[str] = []
    hits: list[Hit] = []
    for row in rows:
        try:
            data = row.path.read_bytes()
            image = decode_for_view(data, SPEC.size)
        except ImagingError:
            refused.append(row.name)
            continue
        read += 1
        blocks = image.metadata
        with_metadata += bool(blocks.exif or blocks.xmp or blocks.iptc or blocks.text)
        hits += _hits(row, read_statements(data, image, readers))
    return Claims(read, with_metadata, tuple(refused), tuple(hits))


def _hits(row: Row, signals: tuple[Signal, ...]) -> Iterator[Hit]:
    said = [one for one in signals if one.claim in CLAIMS]
    if said:
        yield Hit(row.name, said[0].claim, tuple(one.text for one in said))


def main(
    data: Data,
    split: Annotated[list[str] | None, typer.Option("--split", help="Of the manifest.")] = None,
    out: Out = None,
) -> None:
    """Read, print, and write JSON."""
    rows = in_split(read_manifest(data / "manifest.csv"), *(split or ("train", "dev")))
    found = claims_of((row for row in rows if row.label == "human"), default_readers())
    console = Console(soft_wrap=True)
    for hit in found.hits:
        console.print(hit.name, hit.claim, *hit.sentences)
    shares = {"made by AI": found.of(Claim.AI_MADE), "made or edited": found.of(*CLAIMS)}
    for words, count in shares.items():
        low, high = clopper_pearson(count, found.read)
        console.print(
            f"{words}: {count} of {found.read:,} human works ({low:.3%} to {high:.3%}), "
            f"{len(found.refused)} not readable"
        )
    console.print(f"{found.with_metadata:,} of them have metadata")
    write(out, asdict(found))


if __name__ == "__main__":
    run(main)
