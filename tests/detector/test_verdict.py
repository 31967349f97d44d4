from dataclasses import replace
from itertools import combinations

import pytest

from detector.verdict import CERTAINTY, decide, strongest_first
from evidence import (
    AiEvidence,
    Claim,
    EvidenceKind,
    GeneratorFamily,
    Information,
    PixelEvidence,
    Reason,
    Signal,
    Verdict,
)
from evidence.signals import CONTRADICTIONS, LABEL_READER

PROVEN, STATED, DECLARED = EvidenceKind.PROVEN, EvidenceKind.STATED, EvidenceKind.DECLARED
INFERRED = EvidenceKind.INFERRED
MADE, EDITED, UNCLEAR, HUMAN, NOTED = Claim
AI, BY_HAND, OPEN = Verdict.AI, Verdict.HUMAN, Verdict.INCONCLUSIVE

Found = tuple[EvidenceKind, Claim]

# What must have been found, and what then is decided; the first row that holds.
ROWS: tuple[tuple[set[Found], Verdict, EvidenceKind], ...] = (
    ({(PROVEN, MADE), (PROVEN, HUMAN)}, OPEN, PROVEN),
    ({(PROVEN, MADE)}, AI, PROVEN),
    ({(PROVEN, HUMAN), (PROVEN, EDITED)}, OPEN, PROVEN),
    ({(PROVEN, HUMAN)}, BY_HAND, PROVEN),
    ({(STATED, MADE)}, AI, STATED),
    ({(DECLARED, MADE)}, AI, DECLARED),
    ({(PROVEN, EDITED)}, OPEN, PROVEN),
    ({(PROVEN, UNCLEAR)}, OPEN, PROVEN),
    ({(STATED, EDITED)}, OPEN, STATED),
    ({(DECLARED, EDITED)}, OPEN, DECLARED),
)
DECIDING = [
    *((kind, claim) for kind in (PROVEN, STATED, DECLARED) for claim in (MADE, EDITED, HUMAN)),
    (PROVEN, UNCLEAR),
]


def signal(kind: EvidenceKind, claim: Claim, **more: object) -> Signal:
    text = more.pop("text", f"{kind} {claim}.")
    values = {"reader": "fake", "reason": Reason("fake", str(text)), **more}
    return Signal(kind=kind, claim=claim, **values)


THE_PIXELS = Reason("pixels", "The pixels.")


def pixels(verdict: Verdict, probability: float = 0.4) -> PixelEvidence:
    return PixelEvidence(
        score=1.5,
        probability=probability,
        scored=verdict,
        verdict=verdict,
        withheld=(),
        reasons=(THE_PIXELS,),
        information=Information(0.5, 0.5, too_plain=False),
    )


def texts(evidence: AiEvidence) -> tuple[str, ...]:
    return tuple(why.text for why in evidence.reasons)


def expected(found: set[Found], seen: Verdict) -> tuple[Verdict, EvidenceKind]:
    for needed, verdict, kind in ROWS:
        if needed <= found:
            unsigned_edit = needed <= {(STATED, EDITED), (DECLARED, EDITED)}
            return (AI, INFERRED) if unsigned_edit and seen is AI else (verdict, kind)
    return seen, INFERRED


@pytest.mark.parametrize("seen", Verdict)
def test_every_combination_of_findings_follows_the_table(seen: Verdict) -> None:
    count = 0
    for size in range(len(DECIDING) + 1):
        for found in combinations(DECIDING, size):
            signals = tuple(signal(kind, claim) for kind, claim in reversed(found))
            for more in ((), tuple(signal(kind, NOTED) for kind in EvidenceKind)):
                decided = decide(signals + more, pixels(seen))
                assert (decided.verdict, decided.evidence) == expected(set(found), seen), found
                assert decided.pixels == pixels(seen)
                assert decided.reasons[-1] == THE_PIXELS
                count += 1
    assert count == 2 * 2**10


@pytest.mark.parametrize("kind", [PROVEN, STATED, DECLARED])
def test_the_probability_is_never_less_sure_than_what_decided(kind: EvidenceKind) -> None:
    made = (signal(kind, MADE),)
    assert decide(made, pixels(BY_HAND, 0.1)).probability == CERTAINTY[kind] < 1
    assert decide(made, pixels(AI, 0.9999)).probability == 0.9999


def test_a_proven_hand_lowers_the_probability() -> None:
    by_hand = (signal(PROVEN, HUMAN),)
    assert decide(by_hand, pixels(AI, 0.9)).probability == 1 - CERTAINTY[PROVEN] > 0
    assert decide(by_hand, pixels(AI, 0.0001)).probability == 0.0001


def test_where_nothing_is_decided_the_probability_is_that_of_the_pixels() -> None:
    for claim in (EDITED, HUMAN, NOTED):
        assert decide((signal(STATED, claim),), pixels(BY_HAND, 0.2)).probability == 0.2


def test_without_signals_nothing_changes() -> None:
    for seen in Verdict:
        assert decide((), pixels(seen)) == AiEvidence(
            verdict=seen,
            probability=0.4,
            evidence=INFERRED,
            generator=None,
            family=GeneratorFamily.UNKNOWN,
            pixels=pixels(seen),
            reasons=(THE_PIXELS,),
        )


def test_the_family_is_that_of_the_generator() -> None:
    made = signal(STATED, MADE, generator="Stable Diffusion XL")
    assert decide((made,), pixels(OPEN)).family is GeneratorFamily.DIFFUSION


def test_hints_of_the_pixels_stand_among_the_signals_and_reasons() -> None:
    hint = signal(INFERRED, NOTED, text="A photograph.")
    decided = decide((), replace(pixels(OPEN), hints=(hint,)))
    assert decided.signals == (hint,)
    assert texts(decided) == ("The pixels.", "A photograph.")


def test_the_reasons_begin_with_what_decided_and_name_contradictions() -> None:
    found = (
        signal(STATED, NOTED, reader=CONTRADICTIONS, text="Two words."),
        signal(STATED, HUMAN),
        signal(STATED, MADE, text="The file says so."),
        signal(DECLARED, MADE),
    )
    decided = decide(found, pixels(OPEN))
    assert texts(decided) == ("The file says so.", "Two words.", "The pixels.")
    assert decided.signals == strongest_first(found)


def test_an_edit_is_explained() -> None:
    edited = (signal(STATED, EDITED),)
    assert "policy" in decide(edited, pixels(BY_HAND)).reasons[1].text
    assert "unsigned" in decide(edited, pixels(AI)).reasons[1].text


def test_the_generator_is_that_of_the_strongest_claim() -> None:
    noted = signal(PROVEN, NOTED, generator="Noted")
    edited = signal(PROVEN, EDITED, generator="Edited")
    made = signal(STATED, MADE, generator="Made")
    other = signal(DECLARED, MADE, generator="Other")
    unnamed = replace(made, generator=None)
    for found, name in (
        ((noted, edited, other, made), "Made"),
        ((noted, edited, unnamed), "Edited"),
        ((noted, unnamed), "Noted"),
        ((unnamed,), None),
    ):
        assert decide(found, pixels(OPEN)).generator == name


def test_that_a_label_is_a_platforms_is_a_reason_where_it_may_have_decided() -> None:
    note = signal(STATED, NOTED, reader=LABEL_READER, text="It is a label.")
    stated = signal(STATED, MADE, text="An AI made it.")
    assert texts(decide((note, stated), pixels(OPEN)))[:2] == ("An AI made it.", "It is a label.")
    assert "It is a label." not in texts(decide((note,), pixels(OPEN)))


def test_a_work_by_hand_has_no_generator() -> None:
    found = (signal(PROVEN, HUMAN), signal(STATED, MADE, generator="Made"))
    assert decide(found, pixels(OPEN)).generator is None
    assert decide((signal(STATED, NOTED, generator="X"),), pixels(BY_HAND)).generator is None


def test_the_strongest_come_first_and_else_nothing_moves() -> None:
    kinds = (PROVEN, STATED, DECLARED, INFERRED)
    places = [(kind, claim) for kind in kinds for claim in (MADE, EDITED, HUMAN)]
    places += [(kind, NOTED) for kind in kinds]
    ordered = tuple(signal(*place, text=text) for place in places for text in ("b", "a"))
    assert strongest_first(ordered) == ordered
    mixed = ordered[1::2] + ordered[::2]
    assert [(one.kind, one.claim) for one in strongest_first(mixed)] == [
        (one.kind, one.claim) for one in ordered
    ]
