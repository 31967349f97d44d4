"""How an image was made, in the words of a moderator."""

from evidence.ai import AiEvidence, Verdict
from evidence.reasons import Reason
from evidence.signals import Claim, EvidenceKind, Signal
from evidence.wording.catalogue import ENGLISH, say, translated
from evidence.wording.templates import TEMPLATES


def answer(evidence: AiEvidence, language: str = ENGLISH) -> str:
    """What the verdict means, in one sentence."""
    code = f"answer_{evidence.verdict}_{evidence.evidence}" + "_edited" * _looks_edited(evidence)
    # Such an answer is never given, but may be asked for.
    return say(code if code in TEMPLATES else f"answer_{evidence.verdict}_inferred", language)


def caution(evidence: AiEvidence, language: str = ENGLISH) -> str:
    """How far to trust what decided."""
    # That an AI made it is believed unsigned; why, is said.
    believed = (evidence.verdict, evidence.evidence) == (Verdict.AI, EvidenceKind.STATED)
    return say(f"caution_{evidence.evidence}" + "_ai" * believed, language)


def synthid_is_not_read(language: str = ENGLISH) -> str:
    """What else may be in a file."""
    return say("synthid_is_not_read", language)


def statement(signal: Signal, language: str = ENGLISH) -> str:
    """A signal with what it is worth, as `stated, an AI made it: ...`."""
    words = translated(signal.reason, language)
    if signal.claim is Claim.NOTED:
        return say("statement_noted", language, statement=words)
    if signal.kind is EvidenceKind.DECLARED:
        return say("statement_declared", language, statement=words)
    kind = f"kind_{signal.kind}"
    return say(f"statement_{signal.claim}", language, kind=kind, statement=words)


def details(signal: Signal, language: str = ENGLISH) -> dict[str, str]:
    """What a signal says besides its sentence, by a heading each; as the file has it."""
    found = {
        "heading_generator": signal.generator,
        "heading_model": signal.model,
        "heading_seed": signal.seed,
        "heading_artists": ", ".join(signal.artists),
        "heading_prompt": signal.prompt,
    }
    said = [str(value) for _, value in signal.reason.values]
    return {
        say(heading, language): text
        for heading, text in found.items()
        if text and not any(text in value for value in said)
    }


def decoding_note(note: Reason, language: str = ENGLISH) -> str:
    """A note of the decoder as a sentence."""
    return say("when_decoding", language, note=translated(note, language))


def _looks_edited(evidence: AiEvidence) -> bool:
    """Whether the pixels decided against a statement that an AI only edited it."""
    inferred = (evidence.verdict, evidence.evidence) == (Verdict.AI, EvidenceKind.INFERRED)
    return inferred and any(one.claim is Claim.AI_EDITED for one in evidence.signals)
