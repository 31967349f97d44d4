"""Files of labels to claims about images: every image is looked at, every doubtful row refused."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from training.data.checking import named
from training.errors import ContradictoryLabels, LabelsError, MissingFiles
from training.labels.claim import Claim, Origin
from training.labels.formats.folder import read_folder
from training.labels.formats.found import Found
from training.labels.formats.label_studio import read_label_studio
from training.labels.formats.table import read_table


class Format(StrEnum):
    """In what labels come and go."""

    CSV = "csv"
    PARQUET = "parquet"
    LABEL_STUDIO = "label-studio"
    LABEL_STUDIO_MIN = "label-studio-min"
    FOLDER = "folder"


READERS: Mapping[Format, Callable[[Path], Iterator[Found]]] = {
    Format.CSV: read_table,
    Format.PARQUET: read_table,
    Format.LABEL_STUDIO: read_label_studio,
    Format.LABEL_STUDIO_MIN: read_label_studio,
    Format.FOLDER: read_folder,
}
SUFFIXES = {".csv": Format.CSV, ".parquet": Format.PARQUET, ".json": Format.LABEL_STUDIO}


@dataclass(frozen=True)
class Imported:
    """What a file of labels comes to.

    Attributes:
        claims: In its order.
        missing: Rows whose image was not found, and which are left out.
        repeated: Rows that say again what another has said.
    """

    claims: tuple[Claim, ...]
    missing: tuple[str, ...]
    repeated: int


def format_of(path: Path) -> Format:
    """The format that a name stands for; a folder is one per class.

    Raises:
        LabelsError: It stands for none.
    """
    if path.is_dir() or not path.suffix:
        return Format.FOLDER
    if path.suffix.lower() not in SUFFIXES:
        raise LabelsError(f"{path.name} is no .csv, .parquet, .json or folder: name its format")
    return SUFFIXES[path.suffix.lower()]


def read_labels(
    file: Path,
    *,
    by: str,
    at: datetime,
    format_: Format | None = None,
    images: Path | None = None,
    certainty: float = 1.0,
    source: str = "",
    allow_missing: bool = False,
) -> Imported:
    """Read labels, and look at their images.

    Args:
        file: A file, or the folder of the classes.
        by: Who says so, where the file does not tell.
        at: When, likewise.
        format_: Of the file; None for what its name says.
        images: Folder that relative paths begin in; None for that of the file.
        certainty: How sure, where the file does not tell.
        source: Where the images come from, likewise; empty for nothing.
        allow_missing: Leave out rows whose image is not found, instead of refusing the file.

    Raises:
        MissingFiles: Images are not there; names the rows.
        ContradictoryLabels: The same person says two things of one image; names the rows.
        LabelsError: The file cannot be read, or a row is not valid.
    """
    found = list(READERS[format_ or format_of(file)](file))
    root = images or (file if file.is_dir() else file.parent)
    claims: dict[tuple[str, str], Claim] = {}
    rows: dict[tuple[str, str], str] = {}
    missing: list[str] = []
    contradictory: list[str] = []
    repeated = 0
    for one in found:
        place = root / one.path if one.path else None
        digest = _digest(one, place)
        if digest is None:
            missing.append(f"{one.where} ({one.path})")
            continue
        claim = _claim(one, digest, place, by, at, certainty, source)
        key = (digest, claim.by)
        if key in claims:
            if claims[key].label != claim.label and claims[key].at == claim.at:
                contradictory.append(f"{rows[key]} and {one.where}")
            repeated += claims[key].label == claim.label
            if claim.at < claims[key].at:
                continue
        claims[key], rows[key] = claim, one.where
    if contradictory:
        raise ContradictoryLabels(
            f"the same person calls an image both ai and human in {named(contradictory)}"
        )
    if missing and not allow_missing:
        raise MissingFiles(
            f"there is no image for {named(missing)}: name their folder by --images, or leave these"
            " rows out by --allow-missing"
        )
    if not found:
        raise LabelsError(f"{file.name} holds no label")
    return Imported(tuple(claims.values()), tuple(missing), repeated)


def _digest(one: Found, place: Path | None) -> str | None:
    """The image's digest: of the file where it is there, or else as the row says; None for none."""
    if one.sha256 and not re.fullmatch("[0-9a-f]{64}", one.sha256):
        raise LabelsError(f"{one.where}: {one.sha256!r} is no SHA-256 in hexadecimal")
    if not one.sha256 and place is None:
        raise LabelsError(f"{one.where}: neither a path nor a sha256")
    try:
        if place is not None:
            with place.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            if one.sha256 and digest != one.sha256:
                raise LabelsError(f"{one.where}: {one.path} is not the image of this sha256")
            return digest
    except (OSError, ValueError):
        pass
    return one.sha256 or None


def _claim(
    one: Found,
    digest: str,
    place: Path | None,
    by: str,
    at: datetime,
    certainty: float,
    source: str,
) -> Claim:
    facts = dict(one.facts)
    if source:
        facts.setdefault("source", source)
    try:
        return Claim(
            sha256=digest,
            label=one.label,
            by=one.by or by,
            at=one.at or at,
            certainty=certainty if one.certainty is None else one.certainty,
            # Whatever a file says of itself: only the records tell what an appeal or a moderator
            # of this platform decided.
            origin=Origin.DECLARATION if one.origin is Origin.DECLARATION else Origin.IMPORT,
            path="" if place is None or not place.is_file() else str(place.resolve()),
            facts=facts,
        )
    except LabelsError as error:
        raise type(error)(f"{one.where}: {error}") from None
