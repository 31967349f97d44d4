"""One row per image: what a scan says, as a type and as the table's columns."""

from dataclasses import dataclass, fields

import pyarrow as pa


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What is said of an image; all None but `error` where that says why.

    Attributes:
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
        creator_score: Likeness to the first of them.
        creator_verdict: Of the first of them: `close`, `review` or `none`.
        index_name: Names the state of the index that was searched.
        error: One plain line, or None.
    """

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


@dataclass(frozen=True, kw_only=True)
class ImageResult(Judgement):
    """The judgement of some bytes, wherever they lie.

    Attributes:
        sha256: Hex digest of the bytes.
    """

    sha256: str


@dataclass(frozen=True, kw_only=True)
class ScanRow(Judgement):
    """One row of `results.parquet`: the judgement of a path, with room for parts to come.

    Attributes:
        path: As given, joined with the way to the file or member; valid UTF-8.
        sha256: Hex digest of the bytes, where they could be read.
        size: Length in bytes, where known.
        label: The label that the policy asks for.
        action: What the policy asks for.
        policy: Name of the policy.
    """

    path: str
    sha256: str | None = None
    size: int | None = None
    label: str | None = None
    action: str | None = None
    policy: str | None = None


_FILE_COLUMNS = ("path", "sha256", "size")
ROW_COLUMNS = tuple(dict.fromkeys((*_FILE_COLUMNS, *(field.name for field in fields(ScanRow)))))
IMAGE_COLUMNS = tuple(field.name for field in fields(ImageResult))
LIST_COLUMNS = ("nearest_creators", "reasons")

_TYPES = {
    **dict.fromkeys(("size", "width", "height"), pa.int64()),
    **dict.fromkeys(LIST_COLUMNS, pa.list_(pa.string())),
    **dict.fromkeys(
        ("ai_probability", "pixel_probability", "pixel_score", "copy_score", "creator_score"),
        pa.float64(),
    ),
}


def parquet_schema() -> pa.Schema:
    """The columns of `results.parquet`, the file first, then what is said of it."""
    return pa.schema(
        [
            pa.field(name, _TYPES.get(name, pa.string()), nullable=name != "path")
            for name in ROW_COLUMNS
        ]
    )
