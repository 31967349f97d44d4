"""Champion and challenger on the same images, slice by slice, with paired intervals.

On human works an error is the verdict `ai`, on AI pictures any other verdict. The rule:

- on all human works, in every tier, the challenger must be proven no worse: the whole interval of
  the change lies within the margin;
- on human works of each kind, source and group of past errors it must not be worse: surely so, and
  by more than the margin. Where there are too few to tell, it is told that nothing is proven;
- no work whose appeal was won may be called `ai` that the champion does not call so;
- on all AI pictures, in every tier, it must not be worse, by a margin of its own. Of single
  generators it is only told: a challenger that learns a new one may lose a little of another.

Every challenger that passes may be worse by a little, and chance lets through the worse ones of
those that are as good. So that this cannot add up, each is compared with one fixed model, the
anchor, too: on all human works, in every tier, the measured change from the anchor lies within the
margin, sure or not; on human works of each kind and source it is not surely more. Of AI pictures it
is told: a detector that accuses fewer misses more, and may still be the better one.
"""

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evidence import Verdict
from imaging.perturbations.web import Tier
from models.artefact.gate import Against, Change, Compared, Standing
from training.data.manifest import Row
from training.evaluation.figures import Answers, generator_of, kind_of, source_of
from training.evaluation.intervals import DRAWS, GroupBootstrap

WORST = 100
"""Human works that the champion scores most like AI pictures: its worst errors, and near ones."""

LEAST_GROUPS = 10
"""Of fewer groups than that, images are resampled instead."""

TAIL = 0.025
"""Beyond each end of an interval."""

HUMAN_MARGIN = 0.005
AI_MARGIN = 0.05

ALL, KIND, SOURCE, GENERATOR, WORST_ERRORS, APPEALS = (
    *("all", "kind", "source", "generator"),
    *("worst", "appeals"),
)


@dataclass(frozen=True)
class Margins:
    """How much worse a challenger may be, as a change of the share of errors.

    Attributes:
        human: On human works.
        ai: On AI pictures.
    """

    human: float = HUMAN_MARGIN
    ai: float = AI_MARGIN


def compare(
    champion: Mapping[Tier, Answers],
    challenger: Mapping[Tier, Answers],
    appeals: NDArray[np.bool_],
    margins: Margins,
    anchor: Mapping[Tier, Answers] | None = None,
) -> tuple[Compared, ...]:
    """All comparisons.

    Args:
        champion: Its answers to the same N images in every tier.
        challenger: Likewise.
        appeals: bool [N], whose appeal was won.
        margins: How much worse it may be.
        anchor: Answers of the anchor, likewise; None where that is the champion.
    """
    found: list[Compared] = []
    for tier, before in champion.items():
        found += _with_champion(tier, before, challenger[tier], appeals, margins)
        if anchor is not None:
            found += _with_anchor(tier, anchor[tier], challenger[tier], margins)
    return tuple(found)


def reasons(compared: Collection[Compared], margins: Margins) -> tuple[str, ...]:
    """Why the challenger is not to be promoted; none if it may be."""
    return tuple(_sentence(one, margins) for one in compared if _fails(one))


def standing_of(change: Change, margin: float, n: int) -> Standing:
    """What a change of the share of errors means.

    Args:
        change: Of n images.
        margin: By how much it may rise.
        n: Where nothing changed, the interval has no width, however few there are: so many are
            asked for as `least` says, but where it is surely better.
    """
    if change.low > 0 and change.value > margin:
        return Standing.WORSE
    proven = change.high < 0 or (n >= least(margin) and change.high <= margin)
    return Standing.NO_WORSE if proven else Standing.UNPROVEN


def paired_change(
    before: NDArray[np.bool_], after: NDArray[np.bool_], groups: Sequence[str]
) -> Change:
    """By how much the share of errors differs on the same images.

    Args:
        before: bool [N], whether the champion is wrong.
        after: bool [N], whether the challenger is.
        groups: What belongs together, of each.
    """
    found = resampled(groups).mean(after.astype(float) - before)
    return Change(value=found.value, low=found.low, high=found.high)


def resampled(groups: Sequence[str]) -> GroupBootstrap:
    """A bootstrap of whole groups; of the images, where there are too few groups."""
    # A source is one group: it would have an interval without a width.
    units = groups if len(set(groups)) >= LEAST_GROUPS else range(len(groups))
    return GroupBootstrap(units, draws=DRAWS)


def least(margin: float) -> float:
    """Images of which not one new error proves that the share rose by less than a margin.

    Had it risen by as much, one would be met with in 97.5 of 100 sets of as many. No number is
    enough for a margin of nothing, and one image for a margin of all.
    """
    if not 0 < margin < 1:
        return 1 if margin >= 1 else math.inf
    return math.ceil(math.log(TAIL) / math.log1p(-margin))


def newly_accused(champion: Answers, challenger: Answers) -> NDArray[np.bool_]:
    """Human works that the challenger alone calls `ai`: bool [N]."""
    human = ~champion.is_ai
    return np.asarray(human & _called_ai(challenger) & ~_called_ai(champion), bool)


def _with_champion(
    tier: Tier,
    champion: Answers,
    challenger: Answers,
    appeals: NDArray[np.bool_],
    margins: Margins,
) -> Iterator[Compared]:
    of = _Pair(tier, champion, challenger, margins, Against.CHAMPION)
    yield from of.whole_and_parts()
    for name, mask in parts(champion.rows, generator_of):
        yield from of.compared(GENERATOR, name, "ai", mask & of.is_ai)
    yield from of.compared(WORST_ERRORS, "", "human", _worst(champion))
    won = appeals & ~of.is_ai
    # Of these one is enough: what a person put right must not come back.
    for one in of.compared(APPEALS, "", "human", won):
        back = bool((won & newly_accused(champion, challenger)).any())
        standing = Standing.WORSE if back else Standing.NO_WORSE
        yield one.model_copy(update={"standing": standing})


def _with_anchor(
    tier: Tier, anchor: Answers, challenger: Answers, margins: Margins
) -> Iterator[Compared]:
    for one in _Pair(tier, anchor, challenger, margins, Against.ANCHOR).whole_and_parts():
        gates = one.label == "human"
        beyond = gates and one.what == ALL and one.change.value > margins.human
        standing = Standing.WORSE if beyond else one.standing
        yield one.model_copy(update={"standing": standing, "gates": gates})


@dataclass(frozen=True)
class _Pair:
    """Two detectors on the same N images in one tier."""

    tier: Tier
    old: Answers
    new: Answers
    margins: Margins
    against: Against

    @property
    def is_ai(self) -> NDArray[np.bool_]:
        return self.old.is_ai

    def whole_and_parts(self) -> Iterator[Compared]:
        """All human works, all AI pictures, and human works of each kind and source."""
        yield from self.compared(ALL, "", "human", ~self.is_ai)
        yield from self.compared(ALL, "", "ai", self.is_ai)
        for what, key in ((KIND, kind_of), (SOURCE, source_of)):
            for name, mask in parts(self.old.rows, key):
                yield from self.compared(what, name, "human", mask & ~self.is_ai)

    def compared(
        self, what: str, name: str, label: Literal["ai", "human"], mask: NDArray[np.bool_]
    ) -> Iterator[Compared]:
        """The images of a mask (bool [N]), which are of one class; nothing of none."""
        if not mask.any():
            return
        before, after = (self._wrong(one)[mask] for one in (self.old, self.new))
        change = paired_change(before, after, np.array(self.old.groups).astype(str)[mask].tolist())
        yield Compared(
            tier=self.tier.value,
            what=what,
            name=name,
            label=label,
            n=int(mask.sum()),
            champion=float(before.mean()),
            challenger=float(after.mean()),
            change=change,
            standing=standing_of(change, _margin(label, self.margins), int(mask.sum())),
            gates=label == "human" or what == ALL,
            against=self.against,
        )

    def _wrong(self, answers: Answers) -> NDArray[np.bool_]:
        called = _called_ai(answers)
        return np.where(self.is_ai, ~called, called)


def _worst(champion: Answers) -> NDArray[np.bool_]:
    scores = np.where(champion.is_ai, -np.inf, champion.scores)
    worst = np.zeros(len(scores), bool)
    count = min(WORST, int((~champion.is_ai).sum()))
    worst[np.argsort(-scores, kind="stable")[:count]] = True
    return worst


def parts(
    rows: Sequence[Row], key: Callable[[Row], str]
) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Rows by what they have in common: each name with a mask, bool [N]; those without are not."""
    names = np.array([key(row) for row in rows])
    for name in np.unique(names):
        if name:
            yield str(name), names == name


def _called_ai(answers: Answers) -> NDArray[np.bool_]:
    return np.array([verdict is Verdict.AI for verdict in answers.verdicts], bool)


def _fails(one: Compared) -> bool:
    if not one.gates:
        return False
    of_champion = one.against is Against.CHAMPION
    proof_needed = of_champion and one.what == ALL and one.label == "human"
    return one.standing is Standing.WORSE or (proof_needed and one.standing is Standing.UNPROVEN)


def _sentence(one: Compared, margins: Margins) -> str:
    what = {
        ALL: "all {}",
        KIND: "{} of the kind " + one.name,
        SOURCE: "{} of the source " + one.name,
        WORST_ERRORS: "{} that the champion was most wrong about",
        APPEALS: "{} whose appeals were won",
    }[one.what].format("human works" if one.label == "human" else "AI pictures")
    wrong = "called ai" if one.label == "human" else "missed"
    change, margin = one.change, _margin(one.label, margins)
    unproven = one.standing is Standing.UNPROVEN
    how = "it is not proven to be no worse" if unproven else "it is worse"
    if unproven and one.n < least(margin):
        how = f"too few to prove that it is no worse, {least(margin):,} are needed"
    if one.against is Against.ANCHOR:
        how = "it is worse than the anchor"
    return (
        f"{one.tier}, {what} ({one.n:,}): {how}: {100 * one.challenger:.2f} % are {wrong} instead"
        f" of {100 * one.champion:.2f} %, a change of {100 * change.value:+.2f} points"
        f" ({100 * change.low:+.2f} to {100 * change.high:+.2f}; the margin is {100 * margin:g})"
    )


def _margin(label: str, margins: Margins) -> float:
    return margins.human if label == "human" else margins.ai
