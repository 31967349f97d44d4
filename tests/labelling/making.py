"""Policies and judgements, made in a line."""

from typing import Any

from detector.verdict import decide as weigh
from evidence import (
    ArtefactId,
    Claim,
    EvidenceKind,
    ImageFacts,
    Information,
    Judgement,
    Photo,
    PhotoAnswer,
    PixelEvidence,
    Provenance,
    Reason,
    Signal,
    SimilarityEvidence,
    Verdict,
)
from labelling import ResolvedPolicy
from labelling.policy.document import Mode, Policy

WORDS = {"en": "Made by an AI.", "ja": "AI生成です。"}


def policy(*rows: dict[str, Any], mode: Mode = Mode.LIVE, **parts: Any) -> ResolvedPolicy:
    """A policy of some rows that are always in force, each named `row-0`, `row-1`, ..."""
    always = {"since": "2020-01-01", "rule": WORDS}
    given = [{**always, "id": f"row-{n}", **row} for n, row in enumerate(rows)]
    document = {"schema": 1, "name": "comics", "title": WORDS, "mode": mode, "rows": given, **parts}
    return ResolvedPolicy.of((Policy.model_validate(document),))


def judgement(
    pixels: Verdict = Verdict.INCONCLUSIVE,
    *signals: Signal,
    high: float = 0.008,
    photo: PhotoAnswer | None = None,
    plain: bool = False,
    similarity: SimilarityEvidence | None = None,
) -> Judgement:
    """What is said of an image, weighed as the detector weighs it.

    Args:
        pixels: What they lead to.
        *signals: What its file says.
        high: Upper end of the share of human works that the pixels call `ai`.
        photo: Whether it looks like a photograph.
        plain: Whether there is too little to see.
        similarity: What a search found.
    """
    above = Reason("pixels_above", "The pixels score above.", (("high", high),))
    seen = PixelEvidence(
        score=0.0,
        probability=0.5,
        scored=pixels,
        verdict=pixels,
        withheld=(),
        reasons=(above,) if pixels is Verdict.AI else (),
        information=Information(ground=0.1, detail=0.5, too_plain=plain),
        photo=None if photo is None else Photo(score=0.0, probability=0.5, answer=photo),
    )
    made_by = Provenance("1", "fake:1", "fp32", ArtefactId("fake", "0" * 64), ())
    facts = ImageFacts("0" * 64, 640, 480, "png")
    return Judgement(facts, weigh(signals, seen), similarity, made_by)


def says(claim: Claim, kind: EvidenceKind = EvidenceKind.STATED) -> Signal:
    """A file that says how it was made."""
    return Signal(reader="made-up", kind=kind, claim=claim, reason=Reason("camera", "It says so."))
