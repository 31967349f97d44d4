"""What the gate says of a challenger: the record by which it may be promoted."""

from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from models.artefact.manifest import Record
from models.errors import BrokenArtefact, GateNotPassed

REPORT = "gate.json"


class Standing(StrEnum):
    """How a challenger stands against the champion on some images."""

    NO_WORSE = "no_worse"
    """The whole interval of the change lies within the margin."""
    UNPROVEN = "unproven"
    """There are too few images to tell."""
    WORSE = "worse"
    """It is surely worse, and by more than the margin; on all human works, than the anchor by
    more than the margin."""


class Against(StrEnum):
    """With what a challenger is compared."""

    CHAMPION = "champion"
    """The model in use."""
    ANCHOR = "anchor"
    """The fixed model with which every challenger is compared: small steps cannot add up."""


class Change(Record):
    """By how much a rate of errors differs, challenger less champion, on the same images.

    Attributes:
        value: The change.
        low: Lower end of its 95 % interval, by a paired bootstrap of whole groups, or of
            images where there are fewer than ten.
        high: Upper end.
    """

    value: float
    low: float
    high: float


class Compared(Record):
    """Champion and challenger on some images of one class.

    Attributes:
        tier: What the images have been through.
        what: What they have in common: `all`, `kind`, `generator`, `source`, `worst`, `appeals`;
            of likeness also `copies`, `refused`, `confirmed`.
        name: Which kind, generator or source.
        label: Their class: of detectors `ai` or `human`; of likeness `stranger`, `own` for other
            works of enrolled creators, or `imitation`.
        n: How many.
        champion: Share that it gets wrong: of human works those called `ai`, of AI pictures those
            not called so; of strangers those called close to anybody, of others those not called
            near to the creator.
        challenger: Likewise.
        change: Of the share.
        standing: What that means.
        gates: Whether it may be no worse here.
        against: With what the challenger is compared; what is said of the champion is said of that.
    """

    tier: str
    what: str
    name: str
    label: Literal["ai", "human", "stranger", "own", "imitation"]
    n: int = Field(ge=1)
    champion: float
    challenger: float
    change: Change
    standing: Standing
    gates: bool
    against: Against = Against.CHAMPION


class GateReport(Record):
    """What the gate says.

    Attributes:
        schema_version: Of this document.
        champion: Name of the model in use.
        champion_sha256: Digest of its manifest.
        challenger: Name of the one that may follow.
        challenger_sha256: Digest of its manifest.
        anchor: Name of the fixed model with which it is compared besides; None where that is the
            champion.
        anchor_sha256: Digest of its manifest.
        images_sha256: Of the regression set: hash over labels and contents, sorted.
        seen: Images left out because one of the two was made from them.
        human_margin: By how much more of human works may be called `ai`, of strangers close.
        ai_margin: By how much fewer of AI pictures may be called so, of imitations and creators'
            other works near.
        compared: All comparisons.
        reasons: Why it is not to be promoted, in sentences; empty if it may be.
        index: Names the state of the index that was searched; None for detectors.
    """

    schema_version: Literal[1] = 1
    champion: str
    champion_sha256: str
    challenger: str
    challenger_sha256: str
    anchor: str | None = None
    anchor_sha256: str | None = None
    images_sha256: str
    seen: int
    human_margin: float
    ai_margin: float
    compared: tuple[Compared, ...]
    reasons: tuple[str, ...]
    index: str | None = None

    @property
    def passed(self) -> bool:
        """Whether the challenger may be promoted."""
        return not self.reasons


def read_gate(path: Path) -> GateReport:
    """The report in a folder, or in a file.

    Raises:
        BrokenArtefact: It cannot be read.
    """
    file = path / REPORT if path.is_dir() else path
    try:
        return GateReport.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise BrokenArtefact(
            f"{file} is no report of the gate: make one by `rakkan models gate`"
        ) from error


def require_passed(
    report: GateReport, champion: str | None, challenger: str, anchor: str | None = None
) -> None:
    """Check that a report lets a challenger follow the model in use.

    Args:
        report: Of the gate.
        champion: Digest of the manifest of the model in use; None where there is none.
        challenger: Digest of the challenger's manifest.
        anchor: Digest of the anchor's manifest; None where there is none besides the champion.

    Raises:
        GateNotPassed: It does not, or is about other models.
    """
    if report.challenger_sha256 != challenger:
        raise GateNotPassed(f"the report is about another model, {report.challenger}: run the gate")
    if report.champion_sha256 != champion:
        raise GateNotPassed(
            f"the report compares with {report.champion}, which is not in use: run the gate anew"
        )
    if report.anchor_sha256 != (None if anchor in (champion, challenger) else anchor):
        raise GateNotPassed(
            "the report compares with another anchor than the one now: run the gate"
        )
    if not report.passed:
        raise GateNotPassed(f"{report.challenger} did not pass the gate: {report.reasons[0]}")
