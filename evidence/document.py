"""What was found, for a program."""

from typing import Any

from evidence.ai import AiEvidence
from evidence.signals import EvidenceKind
from evidence.similarity import CopyMatch, CreatorMatch, SimilarityEvidence


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
        "probability": evidence.pixels.probability,
        "score": evidence.pixels.score,
    }
    return [*found, pixels]


def likeness_document(evidence: SimilarityEvidence) -> dict[str, Any]:
    """All that was found, for a program; best first."""
    return {
        "copies": [_copy(match) for match in evidence.copies],
        "creators": [_creator(match) for match in evidence.creators],
        "notes": [note.text for note in evidence.notes],
    }


def _copy(match: CopyMatch) -> dict[str, Any]:
    return {
        "work": match.work,
        "creator": match.creator,
        "score": match.score,
        "verdict": match.verdict,
        "mirrored": match.mirrored,
        "in_upload": match.in_upload,
        "in_work": match.in_work,
        "sha256": match.sha256,
        "reason": match.reason.text,
    }


def _creator(match: CreatorMatch) -> dict[str, Any]:
    return {
        "creator": match.creator,
        "score": match.score,
        "p_value": match.p_value,
        "verdict": match.verdict,
        "likeness": match.likeness,
        "references": match.references,
        "works": [
            {"work": one.work, "score": one.score, "sha256": one.sha256} for one in match.works
        ],
        "reason": match.reason.text,
    }
