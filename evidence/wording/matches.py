"""What a search found, for a program and in the words of a moderator."""

import textwrap
from collections.abc import Iterator
from typing import Any

from evidence.wording.ai import WIDTH, item
from core.text import printable
from evidence.similarity import CopyMatch, CreatorMatch, CreatorVerdict, SimilarityEvidence
from evidence.wording.similarity import CAUTION, COPY_WORDS, CREATOR_WORDS, finding, headline, rarity

WORKS = 3
"""Nearest works of a creator that are named to a person."""


def likeness_document(evidence: SimilarityEvidence) -> dict[str, Any]:
    """All that was found, for a program; best first."""
    return {
        "copies": [_copy(match) for match in evidence.copies],
        "creators": [_creator(match) for match in evidence.creators],
        "notes": list(evidence.notes),
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
        "reason": match.reason,
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
        "reason": match.reason,
    }


def likeness(evidence: SimilarityEvidence) -> Iterator[str]:
    """All that was found, as lines for a person."""
    yield from textwrap.wrap(headline(evidence), WIDTH)
    if evidence.copies:
        yield ""
        yield "Works of which it may hold a copy, the surest first:"
        for copy in evidence.copies:
            yield from _told_copy(copy)
    if evidence.creators:
        yield ""
        yield "Creators whose style is nearest, the nearest first:"
        for creator in evidence.creators:
            yield from _told_creator(creator)
    if evidence.notes:
        yield ""
        yield "Left out of consideration:"
        for note in evidence.notes:
            yield from item(note)
    yield ""
    yield from textwrap.wrap(CAUTION, WIDTH)


def _told_copy(match: CopyMatch) -> Iterator[str]:
    mirrored = ", mirrored" if match.mirrored else ""
    yield from item(
        f"{COPY_WORDS[match.verdict]} ({match.score:.2f}): {printable(match.work)}, by"
        f" {printable(match.creator)}. {finding(match)}{mirrored}."
    )
    yield from _more(match.reason)


def _told_creator(match: CreatorMatch) -> Iterator[str]:
    yield from item(
        f"{CREATOR_WORDS[match.verdict]} ({match.score:.2f}): {printable(match.creator)},"
        f" {rarity(match.p_value)}."
    )
    if match.verdict is CreatorVerdict.NONE:
        return
    yield from _more(match.reason)
    works = ", ".join(printable(one.work) for one in match.works[:WORKS])
    if works:
        yield from _more(f"Nearest works: {works}")


def _more(text: str) -> Iterator[str]:
    words = printable(text, 2000)
    yield from textwrap.wrap(words, WIDTH, initial_indent="    ", subsequent_indent="    ")
