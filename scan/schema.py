"""One row per image: what a scan says, as a type and as the table's columns.

`ScanRow` is the one list of columns: the table's types, the order and the journal's columns follow
from it. A row is made from a judgement in one place, `ScanRow.of`.
"""

from dataclasses import dataclass, fields
from types import NoneType
from typing import get_args, get_type_hints

import pyarrow as pa

from evidence import (
    CopyMatch,
    CopyVerdict,
    CreatorVerdict,
    Judgement,
    SimilarityEvidence,
)
from evidence.wording.ai import decoding_note
from evidence.wording.similarity import findings
from labelling import Decision

NEAREST = 5
"""Creators that a row names."""


@dataclass(frozen=True, kw_only=True)
class ScanRow:
    """One row of the table; all None but where it lies and `error` where that says why.

    Attributes:
        path: As given, joined with the way to the file or member; valid UTF-8.
        sha256: Hex digest of the bytes, where they could be read.
        size: Length in bytes, where known.
        width: In pixels, upright.
        height: In pixels, upright.
        format: Lower-case name of the container.
        ai_probability: Calibrated probability that an AI made it, 0 to 1.
        ai_verdict: `ai`, `human` or `inconclusive`.
        evidence: The strongest kind of evidence behind the verdict.
        generator: Name of the generator where it is known.
        pixel_probability: Calibrated probability from the pixels alone, 0 to 1.
        pixel_score: Raw score of the pixels, unbounded; higher is more AI-like.
        reasons: Why, one plain sentence each; then what decoding changed, and what was found in
            the index.
        model: Name of the artefact.
        copy_of: Name of the enrolled work of which it holds a copy, as it was enrolled.
        copy_creator: Of that work.
        copy_score: How surely, 0 to 1.
        copy_to_review: Name of an enrolled work that a person should compare it with.
        nearest_creators: Up to five creators, the nearest in style first, whatever the verdict;
            None where there was no search.
        creator_score: Of the first of them: 0 where the stranger in the middle is, 1 where one in
            twenty is.
        creator_verdict: Of the first of them: `close`, `review` or `none`.
        index_name: Names the state of the index that was searched.
        error: One plain line, or None.
        label: The label that the policy asks for.
        action: What the policy asks for.
        policy: Name of the policy.
        error_code: Stable name of what is wrong, beside its sentence.
        version: Of the code that judged.
        policy_sha256: Hex digest of the policy, with all that it inherits.
        pixel_verdict: What the pixels alone say: `ai`, `human` or `inconclusive`.
    """

    path: str
    sha256: str | None = None
    size: int | None = None
    width: int | None = None
    height: int | None = None
    format: str | None = None
    ai_probability: float | None = None
    ai_verdict: str | None = None
    evidence: str | None = None
    generator: str | None = None
    pixel_probability: float | None = None
    pixel_score: float | None = None
    reasons: tuple[str, ...] | None = None
    model: str | None = None
    copy_of: str | None = None
    copy_creator: str | None = None
    copy_score: float | None = None
    copy_to_review: str | None = None
    nearest_creators: tuple[str, ...] | None = None
    creator_score: float | None = None
    creator_verdict: str | None = None
    index_name: str | None = None
    error: str | None = None
    label: str | None = None
    action: str | None = None
    policy: str | None = None
    error_code: str | None = None
    version: str | None = None
    policy_sha256: str | None = None
    pixel_verdict: str | None = None

    @classmethod
    def of(
        cls, judgement: Judgement, path: str, size: int | None, decision: Decision | None = None
    ) -> "ScanRow":
        """The row of an image at a path.

        Args:
            judgement: Of its bytes.
            path: As shown.
            size: Length in bytes, where known.
            decision: What a policy asks for; None where none was applied.
        """
        image, ai, near = judgement.image, judgement.ai, judgement.similarity
        copy = None if near is None else _first(near, CopyVerdict.COPY)
        alike = None if near is None else _first(near, CopyVerdict.REVIEW)
        nearest = near.creators[0] if near is not None and near.creators else None
        return cls(
            path=path,
            sha256=image.sha256,
            size=size,
            width=image.width,
            height=image.height,
            format=image.format,
            ai_probability=ai.probability,
            ai_verdict=ai.verdict.value,
            evidence=ai.evidence.value,
            generator=ai.generator,
            pixel_probability=ai.pixels.probability,
            pixel_score=ai.pixels.score,
            reasons=_reasons(judgement, decision),
            model=judgement.made_by.detector.name,
            copy_of=None if copy is None else copy.work,
            copy_creator=None if copy is None else copy.creator,
            copy_score=None if copy is None else copy.score,
            copy_to_review=None if alike is None else alike.work,
            nearest_creators=None
            if near is None
            else tuple(one.creator for one in near.creators[:NEAREST]),
            creator_score=None if nearest is None else nearest.score,
            creator_verdict=None
            if near is None
            else (CreatorVerdict.NONE if nearest is None else nearest.verdict).value,
            index_name=judgement.made_by.index,
            version=judgement.made_by.version,
            pixel_verdict=ai.pixels.verdict.value,
            **({} if decision is None else decided(decision)),
        )


COLUMNS = tuple(field.name for field in fields(ScanRow))


def column_type(name: str, record: type = ScanRow) -> type:
    """What a column holds where it is not null: `str`, `int`, `float`, or `tuple` of `str`."""
    hint = get_type_hints(record)[name]
    (kind,) = {part for part in get_args(hint) or (hint,) if part is not NoneType}
    return tuple if getattr(kind, "__origin__", None) is tuple else kind


_PARQUET = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    tuple: pa.list_(pa.string()),
}


def parquet_schema() -> pa.Schema:
    """The columns of `results.parquet`: the file first, then what is said of it."""
    return pa.schema(
        [pa.field(name, _PARQUET[column_type(name)], nullable=name != "path") for name in COLUMNS]
    )


OF_ALL = frozenset({"declaration_missing", "history_missing", "policy_in_shadow"})
"""Codes of what holds for every image of a scan, and is told once for all."""

OF_THE_SCORE = frozenset({"pixels_above", "pixels_below", "pixels_overlap"})
"""Codes of where a score lies: nearly every image shares its sentence with many others."""


def decided(decision: Decision) -> dict[str, str | None]:
    """What a decision says in a row, by column."""
    return {
        "label": decision.label,
        "action": decision.action.value,
        "policy": decision.policy.name,
        "policy_sha256": decision.policy.sha256,
    }


def asked(decision: Decision) -> tuple[str, ...]:
    """Why a policy asks for what it asks for, one plain sentence each."""
    said = (why.text for why in decision.reasons if why.code not in OF_ALL)
    return tuple(dict.fromkeys(said))


def of_the_score(judgement: Judgement) -> int:
    """How many of an image's reasons, the last ones, only say where its score lies."""
    return len({why.text for why in judgement.ai.reasons if why.code in OF_THE_SCORE})


def _first(near: SimilarityEvidence, verdict: CopyVerdict) -> CopyMatch | None:
    return next((one for one in near.copies if one.verdict is verdict), None)


def _reasons(judgement: Judgement, decision: Decision | None) -> tuple[str, ...]:
    """Why, one plain sentence each: what tells most of this image first."""
    near, why = judgement.similarity, judgement.ai.reasons
    said = (
        *(() if decision is None else asked(decision)),
        *(() if near is None else findings(near)),
        *(one.text for one in why if one.code not in OF_THE_SCORE),
        *(decoding_note(note) for note in judgement.image.notes),
        *(one.text for one in why if one.code in OF_THE_SCORE),
    )
    return tuple(dict.fromkeys(said))
