"""How an image was made, in the words of a moderator."""

from evidence.ai import AiEvidence, Verdict
from evidence.signals import Claim, EvidenceKind, Signal

ANSWERS = {
    Verdict.AI: "The pixels look like a picture made by an AI.",
    Verdict.HUMAN: "The pixels look like a work made by a person.",
    Verdict.INCONCLUSIVE: "The pixels do not tell. That is a full answer.",
}
"""What a verdict means where the pixels alone decided."""

GROUNDS = {
    (Verdict.AI, EvidenceKind.PROVEN): "It is proven that an AI made it.",
    (Verdict.AI, EvidenceKind.STATED): "The file itself says that an AI made it.",
    (Verdict.AI, EvidenceKind.DECLARED): "The uploader says that an AI made it.",
    (Verdict.HUMAN, EvidenceKind.PROVEN): "It is proven that a person or a camera made it.",
    (Verdict.INCONCLUSIVE, EvidenceKind.PROVEN): "What is proven does not settle it.",
    (Verdict.INCONCLUSIVE, EvidenceKind.STATED): "The file says that an AI edited it.",
    (Verdict.INCONCLUSIVE, EvidenceKind.DECLARED): "The uploader says that an AI edited it.",
}
"""What a verdict means where something else decided."""

CAUTIONS = {
    EvidenceKind.INFERRED: (
        "This is inferred from the pixels alone. It is not a proof, and it is wrong for some works"
        " by people, for some kinds of art more often than for others: let a person decide."
    ),
    EvidenceKind.DECLARED: "This is the uploader's own word, and no more than that.",
    EvidenceKind.STATED: (
        "Stated means written into the file, without a signature that this platform trusts. Anyone"
        " can remove or add that."
    ),
    EvidenceKind.PROVEN: (
        "Proven means signed by somebody whom this platform trusts, or decoded from a watermark. It"
        " says what happened to this file, and nothing of who may use it."
    ),
}
"""How far to trust what decided."""

BELIEVED = (
    " But nobody gains by calling a work of their own an AI's: it is strong, and not a proof."
)
"""Why what is stated is believed where it says that an AI made the image."""

SYNTHID_IS_NOT_READ = (
    "SynthID and other closed watermarks are not read: only their makers have the detectors."
)
"""What else may be in a file."""

CLAIMS = {
    Claim.AI_MADE: "an AI made it",
    Claim.AI_EDITED: "an AI edited it",
    Claim.HUMAN_MADE: "a person or a camera made it",
}


def answer(evidence: AiEvidence) -> str:
    """What the verdict means, in one sentence."""
    found = GROUNDS.get((evidence.verdict, evidence.evidence))
    if found is None and evidence.verdict is Verdict.AI and _edited(evidence):
        return "The pixels look like an AI's, and the file says that one edited it."
    return found or ANSWERS[evidence.verdict]


def caution(evidence: AiEvidence) -> str:
    """How far to trust what decided."""
    believed = (evidence.verdict, evidence.evidence) == (Verdict.AI, EvidenceKind.STATED)
    return CAUTIONS[evidence.evidence] + BELIEVED * believed


def statement(signal: Signal) -> str:
    """A signal with what it is worth, as `stated, an AI made it: ...`."""
    if signal.claim is Claim.NOTED:
        return f"noted: {signal.text}"
    if signal.kind is EvidenceKind.DECLARED:
        return f"declared: {signal.text}"
    return f"{signal.kind}, {CLAIMS[signal.claim]}: {signal.text}"


def details(signal: Signal) -> dict[str, str]:
    """What a signal says besides its sentence, by a heading each; as the file has it."""
    found = {
        "Generator": signal.generator,
        "Model": signal.model,
        "Seed": signal.seed,
        "Artists": ", ".join(signal.artists),
        "Prompt": signal.prompt,
    }
    return {name: text for name, text in found.items() if text and text not in signal.text}


def _edited(evidence: AiEvidence) -> bool:
    return any(one.claim is Claim.AI_EDITED for one in evidence.signals)
