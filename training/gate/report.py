"""A regression set and two detectors to a report: may the challenger follow the champion?"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.files import write_whole
from detector import Detector
from imaging.perturbations.web import Tier
from models import Encoder
from models.artefact.detector import load_seen
from models.artefact.gate import REPORT, Compared, GateReport, Standing
from models.artefact.manifest import images_sha256
from pages.environment import render
from training.data.augmentation import TIERS
from training.data.features import (
    FeatureTable,
    Progress,
    Step,
    compute_features,
    in_parts,
    readable_in_all,
)
from training.data.manifest import in_split, read_manifest
from training.data.splits import group_keys, join_groups, near_duplicates
from training.errors import TooFewImages
from training.evaluation.answers import answers_of, doubtful_views
from training.evaluation.figures import Answers
from training.evaluation.worst_errors import THUMBNAILS, picture
from training.gate.compare import APPEALS, Margins, compare, newly_accused, reasons
from training.gate.kept_answers import KeptAnswers

PAGE = "gate.html"

SHOWN = 48
"""Newly accused works that are shown."""


@dataclass(frozen=True)
class Accused:
    """A human work that the challenger alone calls `ai`.

    Attributes:
        name: As in the manifest.
        tier: What it has been through.
        before: Probability that the champion publishes.
        after: That the challenger publishes.
        appealed: Whether its appeal was won.
        thumbnail: Path of its thumbnail, relative to the page; empty where the image is gone.
    """

    name: str
    tier: Tier
    before: float
    after: float
    appealed: bool
    thumbnail: str


def run_gate(
    manifest: Path,
    out: Path,
    *,
    champion: Detector,
    challenger: Detector,
    encoder: Encoder,
    cache: Path,
    splits: tuple[str, ...] | None = None,
    tiers: Sequence[Tier] = tuple(Tier),
    appeals: Collection[str] = (),
    margins: Margins | None = None,
    anchor: Detector | None = None,
    kept: KeptAnswers | None = None,
    progress: Progress | None = None,
    step: Step | None = None,
) -> GateReport:
    """Compare a challenger with the champion, and write why it may follow, or not.

    Images that one of them was made from are left out, but for those whose appeal was won: of
    these none may come back as `ai`, learnt from or not.

    Args:
        manifest: The regression set. It is frozen: the report names its images by one hash.
        out: Folder for `gate.json`, `gate.html` and the pictures on it.
        champion: In use.
        challenger: Of the same encoder.
        encoder: Theirs.
        cache: Folder of the feature cache.
        splits: Only these splits; None for all rows.
        tiers: What the images go through.
        appeals: Hex digests of images whose appeal was won.
        margins: How much worse it may be.
        anchor: The fixed detector with which it is compared besides; None for the champion.
        kept: Where the anchor's answers are kept; None for nowhere.
        progress: Told how far the features are.
        step: Told what is being done besides.

    Raises:
        EncoderDiffers: One was made with another encoder.
        TrainingError: The manifest is not valid, or a class has no image that neither has seen.
    """
    margins = margins or Margins()
    if anchor is not None and anchor.artefact.sha256 in (
        champion.artefact.sha256,
        challenger.artefact.sha256,
    ):
        anchor = None
    asked = (champion, challenger) if anchor is None else (champion, challenger, anchor)
    for one in asked:
        one.artefact.require(encoder.id)
    every = read_manifest(manifest)
    rows = every if splits is None else in_split(every, *splits)
    if not rows:
        raise TooFewImages("the regression set has no rows (in the splits asked for)")
    tell = in_parts(progress, [len(rows)] * len(tiers))
    tables = readable_in_all(
        {tier: compute_features(rows, encoder, cache, tell(), TIERS[tier]) for tier in tiers}
    )
    tables, seen = _unseen(tables, asked, appeals)
    first = tables[tiers[0]]
    won = np.array([digest in appeals for digest in first.sha256], bool)
    groups = join_groups(first.rows, group_keys(first.rows), near_duplicates(first))
    say = step or (lambda _: None)
    before, after = (
        _answers(tables, groups, one, encoder, cache, say) for one in (champion, challenger)
    )
    fixed = None
    if anchor is not None:
        fixed = _answers(tables, groups, anchor, encoder, cache, say, kept)
    compared = compare(before, after, won, margins, fixed)
    report = GateReport(
        champion=champion.name,
        champion_sha256=champion.artefact.sha256,
        challenger=challenger.name,
        challenger_sha256=challenger.artefact.sha256,
        anchor=None if anchor is None else anchor.name,
        anchor_sha256=None if anchor is None else anchor.artefact.sha256,
        images_sha256=images_sha256(
            f"{row.label} {d}" for row, d in zip(first.rows, first.sha256, strict=True)
        ),
        seen=seen,
        human_margin=margins.human,
        ai_margin=margins.ai,
        compared=compared,
        reasons=reasons(compared, margins),
    )
    out.mkdir(parents=True, exist_ok=True)
    accused = _accused(tables, before, after, won, out)
    html = render(
        "gate/page.html.j2",
        g=report,
        tiers=list(tables),
        accused=accused,
        tell=told,
    )
    write_whole(out / PAGE, html.encode())
    write_whole(out / REPORT, report.model_dump_json(indent=1).encode() + b"\n")
    return report


def told(one: Compared) -> str:
    """The name of a comparison, for people."""
    return {
        "all": "all",
        "worst": "most wrong before",
        APPEALS: "appeals won",
    }.get(one.what, one.name)


def counted(report: GateReport) -> Mapping[Standing, int]:
    """How many comparisons stand how."""
    return {
        standing: sum(one.standing is standing for one in report.compared) for standing in Standing
    }


def _unseen(
    tables: Mapping[Tier, FeatureTable], detectors: Sequence[Detector], appeals: Collection[str]
) -> tuple[dict[Tier, FeatureTable], int]:
    known = frozenset[str]().union(*(load_seen(one.artefact) for one in detectors))
    first = next(iter(tables.values()))
    kept = np.array([d in appeals or d[:16] not in known for d in first.sha256], bool)
    if {row.label for row, keep in zip(first.rows, kept, strict=True) if keep} != {"ai", "human"}:
        raise TooFewImages(
            "the regression set needs AI pictures and human works that neither detector was made"
            " from: keep some apart"
        )
    return {tier: table.where(kept) for tier, table in tables.items()}, int((~kept).sum())


def _answers(
    tables: Mapping[Tier, FeatureTable],
    groups: Sequence[str],
    detector: Detector,
    encoder: Encoder,
    cache: Path,
    say: Step,
    kept: KeptAnswers | None = None,
) -> dict[Tier, Answers]:
    say(f"judging by {detector.name}")

    def ask(tier: Tier, table: FeatureTable, of: Sequence[str] = ()) -> Answers:
        further = doubtful_views(table, TIERS[tier], detector, encoder, cache)
        return answers_of(table, of or table.sha256, detector, further)

    if kept is not None:
        return kept.answers(detector.artefact.sha256, tables, groups, ask)
    return {tier: ask(tier, table, groups) for tier, table in tables.items()}


def _accused(
    tables: Mapping[Tier, FeatureTable],
    before: Mapping[Tier, Answers],
    after: Mapping[Tier, Answers],
    won: NDArray[np.bool_],
    out: Path,
) -> list[Accused]:
    (out / THUMBNAILS).mkdir(exist_ok=True)
    found = []
    for tier, table in tables.items():
        for i in np.flatnonzero(newly_accused(before[tier], after[tier])):
            row = table.rows[int(i)]
            one = Accused(
                name=row.name,
                tier=tier,
                before=float(before[tier].probabilities[i]),
                after=float(after[tier].probabilities[i]),
                appealed=bool(won[i]),
                thumbnail=picture(row, table.sha256[int(i)], out) or "",
            )
            found.append(one)
    found.sort(key=lambda one: (not one.appealed, one.before - one.after))
    return found[:SHOWN]
