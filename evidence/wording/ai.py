"""What was found in and about an image, in the words of a moderator and for a program."""

import textwrap
from collections.abc import Iterator
from typing import Any

from detector import AiEvidence, EvidenceKind, Verdict
from detector.readers.watermark import SYNTHID_IS_NOT_READ
from evidence.signals import Claim, Signal
from detector.verdict import CONTRADICTIONS
from core.text import printable

WIDTH = 78
LONGEST = 2000
"""Characters of a text that are shown: a prompt may be a page long."""

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

CLAIMS = {
    Claim.AI_MADE: "an AI made it",
    Claim.AI_EDITED: "an AI edited it",
    Claim.HUMAN_MADE: "a person or a camera made it",
}


def signal_documents(evidence: AiEvidence) -> list[dict[str, Any]]:
    """All signals for a program, the strongest first and the pixels last."""
    found = [
        {
            "name": one.reader,
            "evidence": one.kind,
            "claim": one.claim,
            "text": one.text,
            "generator": one.generator,
            "tool": one.tool,
            "model": one.model,
            "prompt": one.prompt,
            "seed": one.seed,
            "artists": list(one.artists),
        }
        for one in evidence.signals
    ]
    pixels = {
        "name": "pixels",
        "evidence": EvidenceKind.INFERRED,
        "probability": evidence.pixel_probability,
        "score": evidence.pixel_score,
    }
    return [*found, pixels]


def answer(evidence: AiEvidence) -> str:
    """What the verdict means, in one sentence."""
    found = GROUNDS.get((evidence.verdict, evidence.evidence))
    if found is None and evidence.verdict is Verdict.AI and _edited(evidence):
        return "The pixels look like an AI's, and the file says that one edited it."
    return found or ANSWERS[evidence.verdict]


def findings(evidence: AiEvidence) -> Iterator[str]:
    """What was found besides the pixels, the strongest first, as lines for a person."""
    # What the pixels show stands with the pixels.
    found = [one for one in evidence.signals if one.kind is not EvidenceKind.INFERRED]
    statements = [one for one in found if one.reader != CONTRADICTIONS]
    doubts = [one for one in found if one.reader == CONTRADICTIONS]
    if statements:
        yield "Found in the file, or declared, the strongest first:"
        for one in statements:
            yield from _statement(one)
    else:
        yield "The file says nothing of how it was made, and nothing is declared."
    if doubts:
        yield ""
        yield "What does not fit together:"
        for one in doubts:
            yield from item(one.text.removeprefix("Contradiction: "))


def closing(evidence: AiEvidence) -> Iterator[str]:
    """What to keep in mind, as lines for a person."""
    believed = (evidence.verdict, evidence.evidence) == (Verdict.AI, EvidenceKind.STATED)
    yield from textwrap.wrap(CAUTIONS[evidence.evidence] + BELIEVED * believed, WIDTH)
    yield from textwrap.wrap(SYNTHID_IS_NOT_READ, WIDTH)


def item(text: str) -> Iterator[str]:
    """One point of a list, as lines."""
    words = printable(text, LONGEST)
    words = words[:1].upper() + words[1:]
    yield from textwrap.wrap(words, WIDTH, initial_indent="- ", subsequent_indent="  ")


def _statement(signal: Signal) -> Iterator[str]:
    if signal.claim is Claim.NOTED:
        yield from item(f"noted: {signal.text}")
    elif signal.kind is EvidenceKind.DECLARED:
        yield from item(f"declared: {signal.text}")
    else:
        yield from item(f"{signal.kind}, {CLAIMS[signal.claim]}: {signal.text}")
    details = {
        "Generator": signal.generator,
        "Model": signal.model,
        "Seed": signal.seed,
        "Artists": ", ".join(signal.artists),
        "Prompt": signal.prompt,
    }
    for name, value in details.items():
        if value and value not in signal.text:
            words = f"{name}: {printable(' '.join(value.split()), LONGEST)}"
            yield from textwrap.wrap(
                words, WIDTH, initial_indent="    ", subsequent_indent="      "
            )


def _edited(evidence: AiEvidence) -> bool:
    return any(one.claim is Claim.AI_EDITED for one in evidence.signals)
