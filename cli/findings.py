"""What was found, as lines for a terminal."""

from collections.abc import Iterator

from cli.terminal import LONGEST, item, more, paragraph
from core.text import printable
from evidence import (
    AiEvidence,
    CopyMatch,
    CreatorMatch,
    CreatorVerdict,
    EvidenceKind,
    Signal,
    SimilarityEvidence,
)
from evidence.signals import CONTRADICTIONS
from evidence.wording.ai import SYNTHID_IS_NOT_READ, caution, details, statement
from evidence.wording.similarity import (
    CAUTION,
    COPY_WORDS,
    CREATOR_WORDS,
    finding,
    headline,
    rarity,
)

WORKS = 3
"""Nearest works of a creator that are named to a person."""


def findings(evidence: AiEvidence) -> Iterator[str]:
    """What was found besides the pixels, the strongest first."""
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
            yield from item(one.text)


def closing(evidence: AiEvidence) -> Iterator[str]:
    """What to keep in mind."""
    yield from paragraph(caution(evidence))
    yield from paragraph(SYNTHID_IS_NOT_READ)


def likeness(evidence: SimilarityEvidence) -> Iterator[str]:
    """All that a search found."""
    yield from paragraph(headline(evidence))
    if evidence.copies:
        yield ""
        yield "Works of which it may hold a copy, the surest first:"
        for copy in evidence.copies:
            yield from _copy(copy)
    if evidence.creators:
        yield ""
        yield "Creators whose style is nearest, the nearest first:"
        for creator in evidence.creators:
            yield from _creator(creator)
    if evidence.notes:
        yield ""
        yield "Left out of consideration:"
        for note in evidence.notes:
            yield from item(note.text)
    yield ""
    yield from paragraph(CAUTION)


def _statement(signal: Signal) -> Iterator[str]:
    yield from item(statement(signal))
    for name, text in details(signal).items():
        yield from more(f"{name}: {printable(' '.join(text.split()), LONGEST)}", hanging="  ")


def _copy(match: CopyMatch) -> Iterator[str]:
    mirrored = ", mirrored" if match.mirrored else ""
    yield from item(
        f"{COPY_WORDS[match.verdict]} ({match.score:.2f}): {printable(match.work)}, by"
        f" {printable(match.creator)}. {finding(match)}{mirrored}."
    )
    yield from more(match.reason.text)


def _creator(match: CreatorMatch) -> Iterator[str]:
    yield from item(
        f"{CREATOR_WORDS[match.verdict]} ({match.score:.2f}): {printable(match.creator)},"
        f" {rarity(match.p_value)}."
    )
    if match.verdict is CreatorVerdict.NONE:
        return
    yield from more(match.reason.text)
    works = ", ".join(printable(one.work) for one in match.works[:WORKS])
    if works:
        yield from more(f"Nearest works: {works}")
