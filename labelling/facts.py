"""What conditions ask about: taken from a judgement, its context and the account's history."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

from evidence import (
    AiEvidence,
    Claim,
    CopyVerdict,
    CreatorVerdict,
    EvidenceKind,
    Judgement,
    PhotoAnswer,
    SimilarityEvidence,
    Verdict,
)
from labelling.account.signals import AccountSignal
from labelling.context import Context
from labelling.history import History
from labelling.policy.document import AiLevel

WEIGHING_CODES = frozenset(
    {"two_proofs", "partly_generated", "edit_is_no_shield", "not_understood"}
)
"""Reasons that say how evidence was weighed, and not what was found."""

PLAIN_CODES = frozenset({"plain_material_ground", "plain_material_detail"})
ABOVE = "pixels_above"
"""The reason whose `high` is the upper end of the interval of the share of human works that the
pixels call `ai`."""


class Basis(Enum):
    """What a condition that holds rests on."""

    OBJECTIVE = "objective"
    """A proof, a statement, a declaration, a moderator's confirmation, or earlier decisions."""
    INFERRED = "inferred"
    """Pixels, or a pattern in a history: it may be wrong about an innocent."""
    NEUTRAL = "neutral"
    """What the upload is; speaks for nothing."""


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
        near: What a search found of others: without creators who own the account, and their
            works. None where there was no search.
        owner_known: Whether such creators would be known: not for an account without a history.
        codes: Reason codes of what was found, each with what it rests on: a statement, or an
            inference, or (of decoding) neither. How evidence was weighed is none of them: more of
            it may take that back.
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
    near: SimilarityEvidence | None
    owner_known: bool
    codes: Mapping[str, Basis]
    signals: tuple[AccountSignal, ...] | None
    strikes: int | None

    @property
    def copy(self) -> CopyVerdict | None:
        """How surely it holds a copy of somebody else's enrolled work; None for not."""
        verdicts = [one.verdict for one in self.near.copies] if self.near else []
        return next((one for one in CopyVerdict if one in verdicts), None)

    @property
    def style(self) -> CreatorVerdict | None:
        """How near it is to another creator's works; None for not."""
        verdicts = [one.verdict for one in self.near.creators] if self.near else []
        return next((one for one in _NEAR if one in verdicts), None)

    @property
    def stated_artist(self) -> bool:
        """Whether its prompt names another creator."""
        return self.near is not None and bool(self.near.prompted)


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
    ai = judgement.ai
    return Facts(
        context=context,
        ai=_level(judgement, context.declared_ai),
        rate=_rate(judgement) if ai.pixels.verdict is Verdict.AI else None,
        human=ai.evidence if ai.verdict is Verdict.HUMAN else None,
        edited=_edited(ai),
        photo=None if ai.pixels.photo is None else ai.pixels.photo.answer,
        plain=too_plain(judgement),
        near=_of_others(judgement.similarity, history),
        # An upload of no account has no history: whoever asks knows of no owner.
        owner_known=history is not None or context.account is None,
        codes=_codes(judgement),
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
    if ai.pixels.verdict is Verdict.AI and _edited(ai):
        # A proven edit says less than the pixels do, and takes nothing from them.
        return AiLevel.INFERRED
    says_so = any(one.claim in (Claim.AI_MADE, Claim.AI_EDITED) for one in ai.signals)
    if says_so or ai.pixels.scored is Verdict.AI or declared:
        return AiLevel.SUSPECTED
    return None


def _edited(ai: AiEvidence) -> bool:
    return any(
        one.claim is Claim.AI_EDITED and one.kind is not EvidenceKind.INFERRED for one in ai.signals
    )


def _of_others(
    near: SimilarityEvidence | None, history: History | None
) -> SimilarityEvidence | None:
    """What was found without the works of the account's own creators: they never count."""
    if near is None or history is None:
        return near
    return replace(
        near,
        copies=tuple(one for one in near.copies if one.creator not in history.creators),
        creators=tuple(one for one in near.creators if one.creator not in history.creators),
        prompted=tuple(one for one in near.prompted if one.creator not in history.creators),
    )


def _codes(judgement: Judgement) -> Mapping[str, Basis]:
    ai = judgement.ai
    found = (*ai.signals, *ai.pixels.hints)
    return {
        **{note.code: Basis.NEUTRAL for note in judgement.image.notes},
        **{why.code: Basis.INFERRED for why in ai.pixels.reasons},
        **{one.code: Basis.INFERRED for one in found},
        **{one.code: Basis.OBJECTIVE for one in found if one.kind is not EvidenceKind.INFERRED},
    }


def _rate(judgement: Judgement) -> float | None:
    for why in judgement.ai.pixels.reasons:
        if why.code == ABOVE:
            high = dict(why.values).get("high")
            return high if isinstance(high, float) else None
    return None
