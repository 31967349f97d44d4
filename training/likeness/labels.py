"""What moderators and appeals say of likeness: labels out of the records.

A review asks whether a row of the policy is right about an upload. Where the row is about a copy,
or about nearness to an enrolled creator, its answer says whether that likeness is real; so does the
answer to an appeal. What the model named by itself, and nobody looked at, is no label.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from core.files import write_whole
from evidence import CopyVerdict, CreatorVerdict, SimilarityEvidence
from labelling.account.signals import AccountSignalName
from labelling.policy.document import Row
from storage import Reader
from storage.decisions import RecordedDecision
from training.errors import AutomaticLabel
from training.labels.claim import PROGRAM, Origin
from training.labels.formats.table import dump_csv, dump_table


class Likeness(StrEnum):
    """In what an upload is like a creator's works."""

    STYLE = "style"
    COPY = "copy"


@dataclass(frozen=True)
class LikenessLabel:
    """What somebody says of an upload and an enrolled creator.

    Attributes:
        sha256: Hex digest of the upload's file.
        creator: Name of the creator.
        likeness: In what it was said to be like the creator's works.
        confirmed: Whether it is so.
        by: Who says so.
        at: When, with a time zone.
        certainty: How sure, above 0 and at most 1: a yes that may be about any of several creators
            is as sure as one of them.
        origin: A moderator's answer, or that to an appeal.
        account: Whose upload it is; empty where that is not known.
    """

    sha256: str
    creator: str
    likeness: Likeness
    confirmed: bool
    by: str
    at: datetime
    certainty: float
    origin: Origin
    account: str = ""


COLUMNS = (
    *("sha256", "creator", "likeness", "answer", "certainty"),
    *("origin", "by", "at"),
)
"""Of a file of labels; the answer is `confirmed` or `refused`."""


def recorded_likeness(reader: Reader) -> tuple[LikenessLabel, ...]:
    """The labels of the records, one for each upload, creator and likeness.

    Answers to appeals are heard before those to reviews; of the same weight the last one holds.
    Nothing is said of uploads that were erased.

    Raises:
        AutomaticLabel: An answer is this program's own.
    """
    said = sorted(_answers(reader), key=lambda one: (-one.origin.rank, one.at))
    last = {(one.sha256, one.creator, one.likeness): one for one in said}
    return tuple(last[key] for key in sorted(last))


def of_enrolled(
    labels: Iterable[LikenessLabel], creators: Collection[str]
) -> tuple[LikenessLabel, ...]:
    """The labels about creators who are enrolled still: those of who withdrew leave."""
    return tuple(one for one in labels if one.creator in creators)


def write_likeness(labels: Iterable[LikenessLabel], out: Path) -> None:
    """Write labels, as CSV or Parquet by the name of the file."""
    rows = [
        {
            "sha256": one.sha256,
            "creator": one.creator,
            "likeness": one.likeness.value,
            "answer": "confirmed" if one.confirmed else "refused",
            "certainty": format(one.certainty, ".6g"),
            "origin": one.origin.value,
            "by": one.by,
            "at": one.at.isoformat(),
        }
        for one in labels
    ]
    dump = dump_table if out.suffix.lower() == ".parquet" else dump_csv
    out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(out, dump(rows, COLUMNS))


@dataclass(frozen=True)
class _Answer:
    """Who said whether something is so, and when."""

    confirmed: bool
    by: str
    at: datetime
    origin: Origin


def _answers(reader: Reader) -> Iterator[LikenessLabel]:
    for review in reader.answered_reviews():
        if review.decision is None or review.confirmed is None:
            continue
        answer = _answer(review.confirmed, review.resolved_by, review.resolved_at, Origin.MODERATOR)
        decision = reader.decision(review.decision)
        if review.signal_creator is not None:
            yield from _of_account(reader, decision, review.signal_creator, answer)
        for row in _rows(reader, decision):
            if row.id in review.rows:
                yield from _labels(decision, named_by(row, _evidence(decision)), answer)
    for appeal in reader.answered_appeals():
        if appeal.granted is None:
            continue
        answer = _answer(not appeal.granted, appeal.resolved_by, appeal.resolved_at, Origin.APPEAL)
        decision = reader.decision(appeal.decision)
        held = {one.row for one in decision.decision.rows} if decision.decision else set()
        rows = [row for row in _rows(reader, decision) if row.id in held]
        named = [named_by(row, _evidence(decision)) for row in rows]
        # What stands after an appeal may stand by a row that is about something else.
        if appeal.granted or all(named):
            for one in named:
                yield from _labels(decision, one, answer)


def named_by(row: Row, evidence: SimilarityEvidence | None) -> frozenset[tuple[str, Likeness]]:
    """Whom an upload is like, as a row of a policy asks: names of creators, each with in what.

    Args:
        row: Of the policy.
        evidence: Of the upload; None where nothing was searched.
    """
    if evidence is None:
        return frozenset()
    named: set[tuple[str, Likeness]] = set()
    for case in row.when:
        if case.style is not None:
            nearest = {CreatorVerdict.CLOSE, case.style}
            named |= {
                (one.creator, Likeness.STYLE) for one in evidence.creators if one.verdict in nearest
            }
        if case.copy_of_work is not None:
            surest = {CopyVerdict.COPY, case.copy_of_work}
            named |= {
                (one.creator, Likeness.COPY) for one in evidence.copies if one.verdict in surest
            }
    return frozenset(named)


def _of_account(
    reader: Reader, decision: RecordedDecision, creator: str, answer: _Answer
) -> Iterator[LikenessLabel]:
    """Of the uploads on which an account signal about a creator rests."""
    signals = () if decision.decision is None else decision.decision.signals
    for signal in signals:
        if signal.creator != creator:
            continue
        copied = signal.name is AccountSignalName.IMPERSONATION
        named = frozenset({(creator, Likeness.COPY if copied else Likeness.STYLE)})
        for work in signal.works:
            for one in reader.decisions_about(work):
                yield from _labels(one, named, answer)


def _labels(
    decision: RecordedDecision, named: Collection[tuple[str, Likeness]], answer: _Answer
) -> Iterator[LikenessLabel]:
    if decision.judgement is None:
        return
    for creator, likeness in sorted(named):
        several = sum(kind is likeness for _, kind in named)
        yield LikenessLabel(
            sha256=decision.judgement.image.sha256,
            creator=creator,
            likeness=likeness,
            confirmed=answer.confirmed,
            by=answer.by,
            at=answer.at,
            certainty=1 / several if answer.confirmed else 1.0,
            origin=answer.origin,
            account=decision.account or "",
        )


def _rows(reader: Reader, decision: RecordedDecision) -> Iterator[Row]:
    if decision.context is not None:
        policy = reader.policy(decision.policy_sha256)
        yield from (row for _, row in policy.rows_in_force(decision.context))


def _evidence(decision: RecordedDecision) -> SimilarityEvidence | None:
    return None if decision.judgement is None else decision.judgement.similarity


def _answer(confirmed: bool, by: str | None, at: datetime | None, origin: Origin) -> _Answer:
    if by is None or at is None or by == PROGRAM:
        raise AutomaticLabel("an answer about likeness is not by a person: it is never learnt from")
    return _Answer(confirmed, by, at, origin)
