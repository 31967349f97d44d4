"""What a search found, in the words of a moderator."""

import math

from evidence.similarity import CopyMatch, CopyVerdict, CreatorVerdict, SimilarityEvidence

COPY_WORDS = {
    CopyVerdict.COPY: "Copy",
    CopyVerdict.REVIEW: "To compare",
}
CREATOR_WORDS = {
    CreatorVerdict.CLOSE: "Close",
    CreatorVerdict.REVIEW: "To review",
    CreatorVerdict.NONE: "Not close",
}

CAUTION = (
    "A copy is a fact about pixels: look at the two regions. A style is a judgement about a body of"
    " work, and nobody owns one: likeness alone is no offence, and no proof of imitation. People"
    " decide, with more to go on than this."
)


def rarity(p_value: float) -> str:
    """How near a style is, against other people's works; ends a sentence.

    Args:
        p_value: Share of other people's works that come as near to some enrolled creator.
    """
    if p_value > 0.25:
        return "no closer than many works of other people"
    return f"closer than all but {one_in(p_value)} works of other people"


def one_in(share: float) -> str:
    """A share as `1 in 40`, with two digits at most.

    Args:
        share: Above 0; at most 0.5. Below one in a million it is taken for that.
    """
    number = 1 / max(share, 1e-6)
    step = 10 ** max(0, math.floor(math.log10(number)) - 1)
    return f"1 in {round(number / step) * step:,}"


def headline(evidence: SimilarityEvidence) -> str:
    """All that was found, in one sentence without names."""
    proven = sum(one.verdict is CopyVerdict.COPY for one in evidence.copies)
    alike = len(evidence.copies) - proven
    close = sum(one.verdict is CreatorVerdict.CLOSE for one in evidence.creators)
    unsure = sum(one.verdict is CreatorVerdict.REVIEW for one in evidence.creators)
    copies = (
        f"It holds a copy of {_number(proven, 'enrolled work')}."
        if proven
        else f"It may hold a copy of {_number(alike, 'enrolled work')}: compare them."
        if alike
        else "No copy of an enrolled work was found."
    )
    styles = (
        f"Its style is close to that of {_number(close, 'enrolled creator')}."
        if close
        else f"Its style may be close to that of {_number(unsure, 'enrolled creator')}:"
        " a person should look."
        if unsure
        else "Its style is close to nobody's."
    )
    return f"{copies} {styles}"


def counter_evidence(evidence: SimilarityEvidence) -> tuple[str, ...]:
    """What would change the answer, one sentence each."""
    found: list[str] = []
    if evidence.copies:
        found.append(
            "The account of the work's own creator: enrol it with them, and their own uploads no"
            " longer count."
        )
        found.append(
            "A picture that both works were made from, with permission, such as a stock photograph"
            " or a shared template: then the regions match and nobody copied the other."
        )
    if any(one.verdict is not CreatorVerdict.NONE for one in evidence.creators):
        found.append(
            "More enrolled works of the creator: with few of them, the likeness is less sure."
        )
        found.append("Working together: creators who are enrolled as collaborators may look alike.")
        found.append(
            "Other uploads of the account: one picture says little of a style, a series says more."
        )
    if not found:
        found.append(
            "Creators and works that are not enrolled: a search finds nobody else, and “nobody” is"
            " said of the enrolled ones only."
        )
    return tuple(found)


def finding(match: CopyMatch) -> str:
    """What a copy's verdict says of the upload, without a name."""
    verb = "Holds" if match.verdict is CopyVerdict.COPY else "Much like"
    part = " a part of" if _is_part(match) else ""
    return f"{verb}{part} this work"


def _is_part(match: CopyMatch) -> bool:
    """Whether clearly less than the whole work was found."""
    if match.in_work is None:
        return False
    across = [x for x, _ in match.in_work]
    down = [y for _, y in match.in_work]
    return (max(across) - min(across)) * (max(down) - min(down)) < 0.6


def _number(count: int, noun: str) -> str:
    return f"one {noun}" if count == 1 else f"{count} {noun}s"
