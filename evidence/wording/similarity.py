"""What a search found, in the words of a moderator."""

import math

from core.text import file_name, printable
from evidence.similarity import (
    CopyMatch,
    CopyVerdict,
    CreatorMatch,
    CreatorVerdict,
    SimilarityEvidence,
)
from evidence.wording.catalogue import ENGLISH, say, translated

_PART = 0.6
"""Below this share of a work, a copy is called one of a part of it."""


_COMMON = 0.25
"""Share of works from which it is said that many come as near."""

_LEAST = 1e-4
"""The smallest share that is told: no more works than that many are compared with."""


def copy_word(verdict: CopyVerdict, language: str = ENGLISH) -> str:
    """The verdict on a copy in a word or two."""
    return say(f"copy_word_{verdict}", language)


def creator_word(verdict: CreatorVerdict, language: str = ENGLISH) -> str:
    """The verdict on a style in a word or two."""
    return say(f"creator_word_{verdict}", language)


def caution(language: str = ENGLISH) -> str:
    """What to keep in mind."""
    return say("caution_similarity", language)


def rarity(match: CreatorMatch, language: str = ENGLISH) -> str:
    """How near a style is, against other people's works and pictures by AIs; ends a sentence.

    Args:
        match: With its shares.
        language: Of the words.
    """
    by_ai = match.p_value_ai
    of_ai = None if by_ai is None or by_ai > _COMMON else one_in(by_ai)
    if match.p_value > _COMMON:
        return say("rarity_common", language, of_ai=of_ai)
    return say("rarity", language, number=one_in(match.p_value), of_ai=of_ai)


def one_in(share: float) -> int:
    """Of how many a share is one, with two digits at most: 40 for 0.025.

    Args:
        share: Above 0; at most 0.5. Below `_LEAST` it is taken for that.
    """
    number = 1 / max(share, _LEAST)
    step = 10 ** max(0, math.floor(math.log10(number)) - 1)
    return int(round(number / step) * step)


def headline(evidence: SimilarityEvidence, language: str = ENGLISH) -> str:
    """All that was found, in one sentence without names."""
    copies = [one.verdict for one in evidence.copies]
    creators = [one.verdict for one in evidence.creators]
    parts = (
        _counted(
            copies.count(CopyVerdict.COPY),
            copies.count(CopyVerdict.REVIEW),
            ("copy", "copies"),
            language,
        ),
        _counted(
            creators.count(CreatorVerdict.CLOSE),
            creators.count(CreatorVerdict.REVIEW),
            ("creator", "creators"),
            language,
        ),
    )
    named = len(evidence.prompted)
    prompted = f"headline_prompted{'_several' * (named > 1)}" if named else None
    return say(
        "headline", language, copies=parts[0], creators=parts[1], prompted=prompted, named=named
    )


def _counted(sure: int, unsure: int, nouns: tuple[str, str], language: str) -> str:
    if not sure and not unsure:
        return say(f"headline_no_{nouns[0]}", language)
    count = sure or unsure
    return say(f"headline_{'' if sure else 'maybe_'}{nouns[count > 1]}", language, count=count)


def counter_evidence(evidence: SimilarityEvidence, language: str = ENGLISH) -> tuple[str, ...]:
    """What would change the answer, one sentence each."""
    codes: list[str] = []
    if evidence.copies:
        codes += ["counter_own_account", "counter_common_source"]
    if any(one.verdict is not CreatorVerdict.NONE for one in evidence.creators):
        codes += ["counter_more_works", "counter_collaboration", "counter_other_uploads"]
    return tuple(say(code, language) for code in codes or ["counter_not_enrolled"])


def finding(match: CopyMatch, language: str = ENGLISH) -> str:
    """What a copy's verdict says of the upload, without a name."""
    verb = "holds" if match.verdict is CopyVerdict.COPY else "like"
    return say(f"{verb}_{'part' if _is_part(match) else 'work'}", language)


def findings(evidence: SimilarityEvidence, language: str = ENGLISH) -> tuple[str, ...]:
    """What was found and is more than nothing, one sentence with names each."""
    return (
        *(_copy(one, language) for one in evidence.copies),
        *(
            _creator(one, language)
            for one in evidence.creators
            if one.verdict is not CreatorVerdict.NONE
        ),
        *(translated(one.reason, language) for one in evidence.prompted),
    )


def _copy(match: CopyMatch, language: str) -> str:
    return say(
        f"found_copy_{match.verdict}",
        language,
        work=printable(file_name(match.work)),
        creator=printable(match.creator),
        why=translated(match.reason, language),
    )


def _creator(match: CreatorMatch, language: str) -> str:
    return say(
        f"found_creator_{match.verdict}",
        language,
        creator=printable(match.creator),
        why=translated(match.reason, language),
    )


def _is_part(match: CopyMatch) -> bool:
    """Whether clearly less than the whole work was found."""
    if match.in_work is None:
        return False
    across = [x for x, _ in match.in_work]
    down = [y for _, y in match.in_work]
    return (max(across) - min(across)) * (max(down) - min(down)) < _PART
