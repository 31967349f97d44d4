from dataclasses import replace

import pytest

from evidence.reasons import Reason, reason
from evidence.similarity import (
    CopyMatch,
    CopyVerdict,
    CreatorMatch,
    CreatorVerdict,
    PromptedCreator,
    SimilarityEvidence,
)
from evidence.wording.similarity import (
    counter_evidence,
    finding,
    findings,
    headline,
    one_in,
    rarity,
)

WHY = Reason("why", "Why.")
WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
CORNER = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5))
COPY = CopyMatch("w", "Ann", 0.99, CopyVerdict.COPY, WHOLE, WHOLE, False, "0" * 64, WHY, 1, 1)
CLOSE = CreatorMatch("Ann", 0.8, 4.0, 0.01, CreatorVerdict.CLOSE, 9, (), WHY, 1)


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.25, "1 in 4"),
        (0.1, "1 in 10"),
        (0.0333, "1 in 30"),
        (0.01, "1 in 100"),
        (0.00123, "1 in 810"),
        (0.001, "1 in 1,000"),
        (1e-5, "1 in 10,000"),
        (0.0, "1 in 10,000"),
    ],
)
def test_shares_in_plain_words(share: float, words: str) -> None:
    assert f"1 in {one_in(share):,}" == words
    one = replace(CLOSE, p_value=share)
    assert rarity(one) == f"closer than all but {words} works of other people"
    by_ai = replace(CLOSE, p_value=0.01, p_value_ai=share)
    people = "closer than all but 1 in 100 works of other people"
    assert rarity(by_ai) == f"{people} and {words} pictures by AIs"
    assert rarity(replace(by_ai, p_value=0.3)).endswith(
        f", but closer than all but {words} pictures by AIs"
    )


def test_what_is_common_is_called_so() -> None:
    for of_ai in (None, 0.3):
        for share in (0.3, 1.0):
            match = replace(CLOSE, p_value=share, p_value_ai=of_ai)
            assert rarity(match) == "no closer than many works of other people"


def evidence(
    copies: tuple[CopyMatch, ...] = (), creators: tuple[CreatorMatch, ...] = ()
) -> SimilarityEvidence:
    return SimilarityEvidence(copies, creators, "index")


def test_headlines() -> None:
    nobody = headline(evidence())
    assert nobody == "No copy of an enrolled work was found. Its style is close to nobody's."
    none = replace(CLOSE, verdict=CreatorVerdict.NONE)
    assert headline(evidence(creators=(none,))) == nobody
    alike = replace(COPY, verdict=CopyVerdict.REVIEW)
    assert headline(evidence((alike,))).startswith("It may hold a copy of one enrolled work:")
    assert headline(evidence((COPY, COPY, alike), (CLOSE, none))) == (
        "It holds a copy of 2 enrolled works. Its style is close to that of one enrolled creator."
    )
    review = replace(CLOSE, verdict=CreatorVerdict.REVIEW)
    assert "a person should look" in headline(evidence(creators=(review,)))


def test_whom_a_prompt_names() -> None:
    said = reason("prompt_names", creator="Ann", words="by_ann")
    ann = PromptedCreator("Ann", "by_ann", "comfyui", said, 1)
    one, two = replace(evidence(), prompted=(ann,)), replace(evidence(), prompted=(ann, ann))
    assert headline(one).endswith("close to nobody's. Its prompt names one enrolled creator.")
    assert headline(two).endswith(" Its prompt names 2 enrolled creators.")
    assert findings(one) == (
        "The prompt in the file names Ann, by the words “by_ann”; anyone can write that.",
    )
    assert "「by_ann」" in findings(one, "ja")[0]


def test_what_was_found_of_a_work() -> None:
    assert finding(COPY) == "Holds this work"
    part = replace(COPY, in_work=CORNER, verdict=CopyVerdict.REVIEW)
    assert finding(part) == "Much like a part of this work"
    assert finding(replace(COPY, in_work=None)) == "Holds this work"


def test_there_is_always_something_that_would_change_the_answer() -> None:
    for found in (evidence(), evidence((COPY,)), evidence((), (CLOSE,))):
        assert counter_evidence(found)
