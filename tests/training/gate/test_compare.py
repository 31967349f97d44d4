from itertools import pairwise

import numpy as np
import pytest

from evidence import Verdict
from imaging.perturbations.web import Tier
from models.artefact.gate import Against, Change, Compared, Standing
from training.data.manifest import Row
from training.evaluation.figures import Answers
from training.evaluation.intervals import clopper_pearson
from training.gate.compare import Margins, compare, newly_accused, reasons, standing_of

N = 400
"""Half of them human works, of two kinds."""


def answers(*called_ai: int) -> Answers:
    """Who calls these images `ai`, of an even half that is."""
    rows = [
        Row(
            line=i,
            name=f"{i}.png",
            path=None,  # type: ignore[arg-type]
            label="ai" if i >= N // 2 else "human",
            generator="SDXL" if i >= N // 2 else "",
            kind="photo" if i < 40 else "painting",
            source=f"s{i // 200}",
        )
        for i in range(N)
    ]
    called = np.isin(np.arange(N), called_ai)
    return Answers(
        rows,
        [f"g{i // 2}" for i in range(N)],
        np.where(called, 2.0, -1.0) + np.arange(N) / N,
        np.where(called, 0.9, 0.1),
        [Verdict.AI if one else Verdict.HUMAN for one in called],
    )


AI = range(N // 2, N)
NOBODY = np.zeros(N, bool)
MARGINS = Margins(human=0.02, ai=0.05)


def compared(before: Answers, after: Answers, won: np.ndarray = NOBODY) -> dict[str, Compared]:
    found = compare({Tier.CLEAN: before}, {Tier.CLEAN: after}, won, MARGINS)
    return {f"{one.label} {one.what} {one.name}".strip(): one for one in found}


def test_the_same_answers_pass() -> None:
    found = compared(answers(*AI, 0, 1), answers(*AI, 0, 1))
    assert not reasons(found.values(), MARGINS)
    assert found["human all"].standing is Standing.NO_WORSE
    assert found["human all"].n == 200
    assert found["human kind photo"].standing is Standing.UNPROVEN, "40 are too few to prove it"


def test_changes_are_of_the_same_images() -> None:
    """Which work is accused changes, how many does not: the shares agree, the images do not."""
    found = compared(answers(*AI, 0), answers(*AI, 2))["human all"]
    assert (found.champion, found.challenger, found.change.value) == (0.005, 0.005, 0)
    assert found.change.low < 0 < found.change.high


def test_more_accused_human_works_do_not_pass() -> None:
    found = compared(answers(*AI), answers(*AI, *range(12)))
    assert found["human all"].standing is Standing.WORSE
    assert found["human kind photo"].standing is Standing.WORSE
    assert found["human kind painting"].standing is Standing.UNPROVEN
    why = reasons(found.values(), MARGINS)
    assert why[0].startswith("clean, all human works (200): it is worse: 6.00 % are called ai")
    assert any("human works of the kind photo (40)" in one for one in why)


def test_what_is_not_proven_on_all_human_works_does_not_pass() -> None:
    found = compared(answers(*AI), answers(*AI, 0, 60))
    assert found["human all"].standing is Standing.UNPROVEN
    (why,) = reasons(found.values(), MARGINS)
    assert "it is not proven to be no worse" in why


def test_no_appeal_that_was_won_comes_back() -> None:
    won = np.arange(N) == 7
    before, after = answers(*AI, 9, 11, 13), answers(*AI, 7)
    found = compared(before, after, won)
    assert found["human all"].change.value < 0
    assert [why for why in reasons(found.values(), MARGINS) if "whose appeals were won (1)" in why]
    still = compared(answers(*AI, 7), answers(*AI, 7), won)
    assert not reasons(still.values(), MARGINS), "the champion calls it so, too"


def test_a_lost_generator_is_told_and_lost_ai_pictures_do_not_pass() -> None:
    found = compared(answers(*AI), answers(*list(AI)[40:]))
    assert found["ai generator SDXL"].standing is Standing.WORSE
    assert not found["ai generator SDXL"].gates
    (why,) = reasons(found.values(), MARGINS)
    assert why.startswith("clean, all AI pictures (200): it is worse: 20.00 % are missed instead")


def test_the_worst_errors_are_those_of_the_champion() -> None:
    found = compared(answers(*AI, 5), answers(*AI, 5))["human worst"]
    assert found.n == 100
    assert found.champion == 0.01


def against_anchor(anchor: Answers, before: Answers, after: Answers) -> list[Compared]:
    found = compare(
        {Tier.CLEAN: before}, {Tier.CLEAN: after}, NOBODY, MARGINS, {Tier.CLEAN: anchor}
    )
    return [one for one in found if one.against is Against.ANCHOR]


def test_steps_within_the_margin_do_not_add_up() -> None:
    """Each step accuses two works more, of 200 with a margin of four: the third is too many."""
    steps = [answers(*AI, *[10, 50, 20, 60, 30, 70][: 2 * i]) for i in range(4)]
    whys = [reasons(against_anchor(steps[0], *pair), MARGINS) for pair in pairwise(steps)]
    assert [bool(why) for why in whys] == [False, False, True]
    assert "clean, all human works (200): it is worse than the anchor: 3.00 % are" in whys[2][0]


def test_the_anchor_asks_for_no_proof_and_tells_no_generators() -> None:
    found = against_anchor(answers(*AI, 0), answers(*AI), answers(*AI, 2, 60))
    assert [one.standing for one in found if one.what == "all" and one.label == "human"] == [
        Standing.UNPROVEN
    ]
    assert not reasons(found, MARGINS)
    assert {one.what for one in found} == {"all", "kind", "source"}


def test_misses_against_the_anchor_are_told_alone() -> None:
    """An anchor that accuses more misses less: it shall not stop what accuses less."""
    found = against_anchor(answers(*AI, 0, 1), answers(*AI), answers(*list(AI)[40:]))
    (all_ai,) = (one for one in found if one.label == "ai")
    assert (all_ai.standing, all_ai.gates) == (Standing.WORSE, False)
    assert not reasons(found, MARGINS)


@pytest.mark.parametrize(
    ("change", "n", "standing"),
    [
        ((0.0, 0.0, 0.0), 400, Standing.NO_WORSE),
        ((0.0, 0.0, 0.0), 366, Standing.UNPROVEN),
        ((0.005, 0.001, 0.009), 1000, Standing.NO_WORSE),
        ((-0.2, -0.4, -0.02), 20, Standing.NO_WORSE),
        ((0.2, 0.02, 0.4), 20, Standing.WORSE),
        ((0.02, -0.01, 0.04), 366, Standing.UNPROVEN),
        ((0.02, -0.01, 0.04), 400, Standing.UNPROVEN),
        ((-0.02, -0.05, 0.011), 500, Standing.UNPROVEN),
        ((-0.02, -0.05, 0.009), 500, Standing.NO_WORSE),
    ],
)
def test_standings(change: tuple[float, float, float], n: int, standing: Standing) -> None:
    value, low, high = change
    assert standing_of(Change(value=value, low=low, high=high), 0.01, n) is standing


@pytest.mark.parametrize("margin", [0.005, 0.01, 0.05])
def test_as_many_are_needed_as_an_exact_interval_asks_for(margin: float) -> None:
    """Of no new error among n, the exact 95 % interval (Clopper and Pearson) ends at the margin."""
    nothing = Change(value=0, low=0, high=0)
    least = next(n for n in range(1, 2000) if clopper_pearson(0, n)[1] <= margin)
    assert standing_of(nothing, margin, least) is Standing.NO_WORSE
    assert standing_of(nothing, margin, least - 1) is Standing.UNPROVEN


def test_no_margin_is_never_proven_and_that_of_all_always() -> None:
    nothing = Change(value=0, low=0, high=0)
    assert standing_of(nothing, 0.0, 10**9) is Standing.UNPROVEN
    assert standing_of(nothing, 1.0, 1) is Standing.NO_WORSE


def test_newly_accused_are_human_works_alone() -> None:
    found = newly_accused(answers(1), answers(1, 2, 300))
    assert np.flatnonzero(found).tolist() == [2]
