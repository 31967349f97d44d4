"""What conditions ask about: taken from a judgement, its context and the account's history."""

from dataclasses import dataclass

from evidence import (
    Claim,
    CopyVerdict,
    CreatorVerdict,
    EvidenceKind,
    Judgement,
    PhotoAnswer,
    Verdict,
)
from labelling.account.signals import AccountSignal
from labelling.context import Context
from labelling.history import History
from labelling.policy.document import AiLevel

PLAIN_CODES = frozenset({"plain_material_ground", "plain_material_detail"})
ABOVE = "pixels_above"
"""The reason whose `high` is the upper end of the interval of the share of human works that the
pixels call `ai`."""


@dataclass(frozen=True)
class Facts:
    """All that a condition may ask for.

    Attributes:
        context: What the platform says.
        ai: How strongly something says that an AI made it; None where nothing does.
        rate: Share of human works that the pixels' verdict `ai` is wrong about, by the upper end
            of its 95 % interval; None where the pixels give no such verdict.
        human: On what kind of evidence the verdict is `human`; None where it is not.
        edited: Whether something says that an AI worked on an image that it did not make.
        photo: What the pixels say of being a photograph; None for models that cannot tell.
        plain: Whether there is too little to see.
        copy: How surely it holds a copy of somebody else's enrolled work; None for not, or where
            there was no search.
        style: How near it is to another creator's works; None for not, or without a search.
        stated_artist: Whether its prompt names an enrolled creator.
        codes: Reason codes of the judgement.
        signals: What the account's history says; None where no history is known.
        strikes: How many strikes stand; None where no history is known.
    """

    context: Context
    ai: AiLevel | None
    rate: float | None
    human: EvidenceKind | None
    edited: bool
    photo: PhotoAnswer | None
    plain: bool
    copy: CopyVerdict | None
    style: CreatorVerdict | None
    stated_artist: bool
    codes: frozenset[str]
    signals: tuple[AccountSignal, ...] | None
    strikes: int | None


def facts(
    judgement: Judgement,
    context: Context,
    history: History | None,
    signals: tuple[AccountSignal, ...] | None,
) -> Facts:
    """What conditions ask about an upload.

    Args:
        judgement: Of the image.
        context: What the platform says of it.
        history: Of the account, up to the upload; None where it is not known.
        signals: What that history says; None where it is not known.
    """
    ai, near = judgement.ai, judgement.similarity
    # Works of the account's own creator never count against it.
    own = frozenset(history.creators if history is not None else ())
    copies = [one.verdict for one in near.copies if one.creator not in own] if near else []
    styles = [one.verdict for one in near.creators if one.creator not in own] if near else []
    return Facts(
        context=context,
        ai=_level(judgement, context.declared_ai),
        rate=_rate(judgement) if ai.pixels.verdict is Verdict.AI else None,
        human=ai.evidence if ai.verdict is Verdict.HUMAN else None,
        edited=any(
            one.claim is Claim.AI_EDITED and one.kind is not EvidenceKind.INFERRED
            for one in ai.signals
        ),
        photo=None if ai.pixels.photo is None else ai.pixels.photo.answer,
        plain=too_plain(judgement),
        copy=next((one for one in CopyVerdict if one in copies), None),
        style=next((one for one in _NEAR if one in styles), None),
        stated_artist=False,
        codes=frozenset(why.code for why in ai.reasons)
        | frozenset(why.code for why in judgement.image.notes),
        signals=signals,
        strikes=None if history is None else history.standing_strikes(context.at),
    )


def too_plain(judgement: Judgement) -> bool:
    """Whether there is too little to see in an image."""
    pixels = judgement.ai.pixels
    return pixels.information.too_plain or any(hint.code in PLAIN_CODES for hint in pixels.hints)


_NEAR = (CreatorVerdict.CLOSE, CreatorVerdict.REVIEW)

_LEVELS = {
    EvidenceKind.PROVEN: AiLevel.PROVEN,
    EvidenceKind.STATED: AiLevel.STATED,
    EvidenceKind.DECLARED: AiLevel.DECLARED,
    EvidenceKind.INFERRED: AiLevel.INFERRED,
}


def _level(judgement: Judgement, declared: bool | None) -> AiLevel | None:
    ai = judgement.ai
    if ai.verdict is Verdict.AI:
        return _LEVELS[ai.evidence]
    if ai.verdict is Verdict.HUMAN:
        return None
    says_so = any(one.claim in (Claim.AI_MADE, Claim.AI_EDITED) for one in ai.signals)
    if says_so or ai.pixels.scored is Verdict.AI or declared:
        return AiLevel.SUSPECTED
    return None


def _rate(judgement: Judgement) -> float | None:
    for why in judgement.ai.pixels.reasons:
        if why.code == ABOVE:
            high = dict(why.values).get("high")
            return None if high is None else float(high)
    return None
