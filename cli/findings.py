"""What was found, as lines for a terminal."""

from collections.abc import Iterator

from cli.terminal import LONGEST, item, more, paragraph
from core.text import file_name, percent, printable
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
from evidence.wording import ai, similarity
from evidence.wording.catalogue import say

WORKS = 3
"""Nearest works of a creator that are named to a person."""


def findings(evidence: AiEvidence) -> Iterator[str]:
    """What was found besides the pixels, the strongest first."""
    # What the pixels show stands with the pixels.
    found = [one for one in evidence.signals if one.kind is not EvidenceKind.INFERRED]
    statements = [one for one in found if one.reader != CONTRADICTIONS]
    doubts = [one for one in found if one.reader == CONTRADICTIONS]
    if statements:
        yield say("heading_statements")
        for one in statements:
            yield from _statement(one)
    else:
        yield say("nothing_stated")
    if doubts:
        yield ""
        yield say("heading_contradictions")
        for one in doubts:
            yield from item(one.text)


def closing(evidence: AiEvidence) -> Iterator[str]:
    """What to keep in mind."""
    yield from paragraph(ai.caution(evidence))
    yield from paragraph(ai.synthid_is_not_read())


def likeness(evidence: SimilarityEvidence) -> Iterator[str]:
    """All that a search found."""
    yield from paragraph(similarity.headline(evidence))
    if evidence.copies:
        yield ""
        yield say("heading_copies")
        for copy in evidence.copies:
            yield from _copy(copy)
    if evidence.creators:
        yield ""
        yield say("heading_creators")
        for creator in evidence.creators:
            if creator.verdict is not CreatorVerdict.NONE:
                yield from _creator(creator)
        rest = [one.creator for one in evidence.creators if one.verdict is CreatorVerdict.NONE]
        if rest:
            names = ", ".join(map(printable, rest))
            yield from item(f"{similarity.creator_word(CreatorVerdict.NONE)}: {names}.")
    if evidence.prompted:
        yield ""
        yield say("heading_prompted")
        for named in evidence.prompted:
            yield from item(named.reason.text)
    if evidence.notes:
        yield ""
        yield say("heading_left_out")
        for note in evidence.notes:
            yield from item(note.text)
    yield ""
    yield from paragraph(similarity.caution())


def _statement(signal: Signal) -> Iterator[str]:
    yield from item(ai.statement(signal))
    for name, text in ai.details(signal).items():
        yield from more(f"{name}: {printable(' '.join(text.split()), LONGEST)}", hanging="  ")


def _copy(match: CopyMatch) -> Iterator[str]:
    mirrored = ", mirrored" if match.mirrored else ""
    yield from item(
        f"{similarity.copy_word(match.verdict)} ({percent(match.score)} sure): "
        f"{printable(file_name(match.work))}, by {printable(match.creator)}."
        f" {similarity.finding(match)}{mirrored}."
    )
    yield from more(match.reason.text)


def _creator(match: CreatorMatch) -> Iterator[str]:
    yield from item(
        f"{similarity.creator_word(match.verdict)}: {printable(match.creator)},"
        f" {similarity.rarity(match)}."
    )
    yield from more(match.reason.text)
    works = ", ".join(printable(file_name(one.work)) for one in match.works[:WORKS])
    if works:
        yield from more(say("nearest_works", works=works))
