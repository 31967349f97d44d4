"""What a scan keeps of its paths and images, as records and as rows of the journal's tables."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.errors import RakkanError
from core.text import unbroken
from evidence import Judgement
from evidence.document import dump_judgement
from labelling import Decision
from labelling.document import dump_decision
from scan.documents import Packer
from scan.journal_file import IMAGES, JUDGED, LISTED
from scan.listing import Attention, Listing
from scan.schema import COLUMNS, ScanRow, asked, decided
from serving.stream import Judged

_REASONS = COLUMNS.index("reasons")


@dataclass(frozen=True)
class Visit:
    """What came of one path.

    Attributes:
        path: As shown.
        size: In bytes, where known.
        stamp: As in `Item`.
        sha256: Of the bytes; None if they could not be read, or the file is no image.
        error: Why the bytes could not be read.
        skipped: Whether the file is no image.
    """

    path: str
    size: int | None
    stamp: int | None
    sha256: str | None = None
    error: RakkanError | None = None
    skipped: bool = False


@dataclass(frozen=True)
class Entry:
    """What a scan says of one path: a judgement or an error.

    Attributes:
        path: As shown.
        size: In bytes, where known.
        sha256: Of the bytes, where they could be read.
        judgement: Of the bytes.
        error: Why there is none, in one plain line.
        error_code: Stable name of that.
        decision: What a policy asks for; None where none was applied.
    """

    path: str
    size: int | None
    sha256: str | None
    judgement: Judgement | None
    error: str | None
    error_code: str | None
    decision: Decision | None = None

    @property
    def row(self) -> ScanRow:
        """The same as a row of the table: defines what the journal's columns hold."""
        if self.judgement is not None:
            return ScanRow.of(self.judgement, self.path, self.size, self.decision)
        return ScanRow(
            path=self.path,
            sha256=self.sha256,
            size=self.size,
            error=self.error,
            error_code=self.error_code,
        )


@dataclass(frozen=True)
class Listed:
    """An image as the report lists it.

    Attributes:
        row: As in the table.
        listing: What the report says beside it.
    """

    row: ScanRow
    listing: Listing


def path_record(visit: Visit, run: int) -> dict[str, Any]:
    """A row of the paths."""
    return {
        "path": visit.path,
        "size": visit.size,
        "stamp": visit.stamp,
        "run": run,
        "sha256": visit.sha256,
        "skipped": visit.skipped,
        "error": None if visit.error is None else unbroken(str(visit.error)),
        "error_code": None if visit.error is None else visit.error.code,
    }


def image_record(one: Judged[Visit], packer: Packer | None) -> dict[str, Any]:
    """A row of the images: what is said of the bytes of an item, not decided about."""
    said: dict[str, Any] = dict.fromkeys(column.name for column in IMAGES.columns)
    if one.judgement is not None and packer is not None:
        row = ScanRow.of(one.judgement, one.payload.path, one.payload.size)
        listing = Listing.of(one.judgement, row)
        said |= {
            "sha256": one.judgement.image.sha256,
            "document": packer.pack(dump_judgement(one.judgement)),
            **{name: getattr(row, name) for name in JUDGED},
            **{name: getattr(listing, name) for name in LISTED},
        }
    elif one.error is not None:
        said |= {
            "sha256": one.payload.sha256,
            "attention": int(Attention.ERROR),
            "error": unbroken(str(one.error)),
            "error_code": one.error.code,
        }
    return said


def decided_record(sha256: str, decision: Decision, packer: Packer | None) -> dict[str, Any]:
    """What changes in the row of the image `of` that is decided about."""
    return {
        "of": sha256,
        **decided(decision),
        "asked": asked(decision),
        "decision": None if packer is None else packer.pack(dump_decision(decision)),
    }


def row_values(found: Sequence[Any]) -> tuple[Any, ...]:
    """The values of a row, from those of `COLUMNS` and `asked`."""
    *values, asked = found
    if asked and values[_REASONS] is not None:
        # What the policy says stands first.
        values[_REASONS] = tuple(dict.fromkeys((*asked, *values[_REASONS])))
    return tuple(values)


def listed(found: Sequence[Any]) -> Listed:
    """An image as the report lists it, from the values of `COLUMNS`, `LISTED` and `asked`."""
    values, beside = found[: len(COLUMNS)], found[len(COLUMNS) : -1]
    row = dict(zip(COLUMNS, row_values((*values, found[-1])), strict=True))
    if row["ai_verdict"] is None:
        # No bytes were read, or they are no image that can be judged.
        return Listed(ScanRow(**row), Listing(attention=Attention.ERROR))
    listing = Listing(**dict(zip(LISTED, beside, strict=True)))
    if found[-1]:
        # What the policy says tells of this image, too.
        more = len(row["reasons"]) - len(values[_REASONS])
        listing = replace(listing, told=listing.told + more)
    return Listed(ScanRow(**row), listing)
