"""From all that was found to one answer: the strongest evidence decides.

The first row that holds decides.

| what was found | verdict | evidence |
|---|---|---|
| proven: a generator made it, and proven: a person or camera did | inconclusive | proven |
| proven: a generator made it | ai | proven |
| proven: a person or camera made it, and proven: a generator edited it | inconclusive | proven |
| proven: a person or camera made it | human | proven |
| stated: a generator made it | ai | stated |
| declared: a generator made it | ai | declared |
| proven: a generator edited it | inconclusive | proven |
| proven: made by a camera, with more that is not understood | inconclusive | proven |
| stated or declared: a generator edited it, and the pixels say ai | ai | inferred |
| stated or declared: a generator edited it | inconclusive | stated, declared |
| anything else | what the pixels say | inferred |

- That a generator made it is believed unsigned: nobody gains by writing that into a work of their
  own. That a person made it is not, nor that a generator only edited it: anyone can write these to
  shield a picture, so neither stands against the pixels.
- A proven edit does, because its signed history is all there is to know, and how much of a
  generator's work makes a picture an AI's is for the policy to say.
- That a generator edited it says nothing of the image underneath, so it never weakens a statement
  that a generator made that too.
- What is merely noted never decides.
"""

from dataclasses import dataclass

from detector.technology import generator_family
from evidence.ai import AiEvidence, PixelEvidence, Verdict
from evidence.reasons import Reason, reason
from evidence.signals import CONTRADICTIONS, LABEL_READER, Claim, EvidenceKind, Signal

CERTAINTY = {EvidenceKind.PROVEN: 0.999, EvidenceKind.STATED: 0.99, EvidenceKind.DECLARED: 0.95}
"""Probability, at least, that a picture is by an AI where evidence of a kind decides that it is.

Set, not measured: false statements are too rare in any collection to be counted. Never 1, and far
enough from it that the pixels' own certainty still ranks.
"""

_KINDS = {kind: rank for rank, kind in enumerate(EvidenceKind)}
_CLAIMS = {claim: rank for rank, claim in enumerate(Claim)}


@dataclass(frozen=True)
class _Ruling:
    verdict: Verdict
    kind: EvidenceKind
    behind: tuple[Signal, ...] = ()
    why: Reason | None = None


def weaker(one: EvidenceKind, other: EvidenceKind) -> EvidenceKind:
    """The less sure of two kinds."""
    return max(one, other, key=_KINDS.__getitem__)


def strongest_first(signals: tuple[Signal, ...]) -> tuple[Signal, ...]:
    """Order signals by their kind, and then by how much they say, notes last; else as they came."""
    return tuple(sorted(signals, key=_strength))


def _strength(one: Signal) -> tuple[bool, int, int]:
    return one.claim is Claim.NOTED, _KINDS[one.kind], _CLAIMS[one.claim]


def decide(signals: tuple[Signal, ...], pixels: PixelEvidence) -> AiEvidence:
    """Weigh what was found in a file, and what its uploader declares, against its pixels.

    Args:
        signals: Everything but the pixels, in any order.
        pixels: What the pixels alone lead to, with what else they show.

    Returns:
        The evidence by the table above. Its reasons are those of the signals that decided, and
        whether they are a platform's label, then the contradictions, then those of the pixels.
    """
    found = strongest_first((*signals, *pixels.hints))
    ruling = _rule(found, pixels.verdict)
    why = (
        *(one.reason for one in ruling.behind),
        *(one.reason for one in found if one.reader == LABEL_READER and ruling.behind),
        *((ruling.why,) if ruling.why else ()),
        *(one.reason for one in found if one.reader == CONTRADICTIONS),
        *pixels.reasons,
        *(one.reason for one in pixels.hints),
    )
    generator = None if ruling.verdict is Verdict.HUMAN else _generator(found)
    return AiEvidence(
        verdict=ruling.verdict,
        probability=_probability(ruling, pixels.probability),
        evidence=ruling.kind,
        generator=generator,
        family=generator_family(generator),
        pixels=pixels,
        reasons=tuple(dict.fromkeys(why)),
        signals=found,
    )


def _rule(found: tuple[Signal, ...], pixels: Verdict) -> _Ruling:
    def of(kind: EvidenceKind, claim: Claim) -> tuple[Signal, ...]:
        return tuple(one for one in found if (one.kind, one.claim) == (kind, claim))

    made = {kind: of(kind, Claim.AI_MADE) for kind in EvidenceKind}
    edited = {kind: of(kind, Claim.AI_EDITED) for kind in EvidenceKind}
    proven, stated, declared = EvidenceKind.PROVEN, EvidenceKind.STATED, EvidenceKind.DECLARED
    by_hand = of(proven, Claim.HUMAN_MADE)

    if made[proven] and by_hand:
        return _Ruling(Verdict.INCONCLUSIVE, proven, made[proven] + by_hand, _TWO_PROOFS)
    if made[proven]:
        return _Ruling(Verdict.AI, proven, made[proven])
    if by_hand and edited[proven]:
        return _Ruling(Verdict.INCONCLUSIVE, proven, by_hand + edited[proven], _PARTLY)
    if by_hand:
        return _Ruling(Verdict.HUMAN, proven, by_hand)
    for kind in (stated, declared):
        if made[kind]:
            return _Ruling(Verdict.AI, kind, made[kind])
    if edited[proven]:
        return _Ruling(Verdict.INCONCLUSIVE, proven, edited[proven], _PARTLY)
    if unclear := of(proven, Claim.UNCLEAR):
        return _Ruling(Verdict.INCONCLUSIVE, proven, unclear, _NOT_UNDERSTOOD)
    for kind in (stated, declared):
        if edited[kind] and pixels is Verdict.AI:
            return _Ruling(Verdict.AI, EvidenceKind.INFERRED, edited[kind], _NO_SHIELD)
        if edited[kind]:
            return _Ruling(Verdict.INCONCLUSIVE, kind, edited[kind], _PARTLY)
    return _Ruling(pixels, EvidenceKind.INFERRED)


_TWO_PROOFS = reason("two_proofs")
_PARTLY = reason("partly_generated")
_NO_SHIELD = reason("edit_is_no_shield")
_NOT_UNDERSTOOD = reason("not_understood")


def _probability(ruling: _Ruling, pixels: float) -> float:
    """The probability that goes with a ruling: never less sure than what decided it."""
    certainty = CERTAINTY.get(ruling.kind)
    if certainty is None or ruling.verdict is Verdict.INCONCLUSIVE:
        return pixels
    return max(pixels, certainty) if ruling.verdict is Verdict.AI else min(pixels, 1 - certainty)


def _generator(found: tuple[Signal, ...]) -> str | None:
    """The generator that is named by the strongest claim, or else by the strongest note."""
    for claim in (Claim.AI_MADE, Claim.AI_EDITED, Claim.NOTED):
        for one in found:
            if one.claim is claim and one.generator:
                return one.generator
    return None
