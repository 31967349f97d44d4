"""What a challenger would have changed, by its answers to live uploads.

Live uploads have no known origin but where people gave labels, and these are no random sample:
moderators look at what was accused. So two things are told apart: by how much the two detectors
differ on all uploads, and how often each is wrong on those that have a label.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from evidence import Verdict
from models.artefact.gate import Change
from models.shadow_answers import ShadowAnswer
from training.evaluation.intervals import DRAWS, Estimate, GroupBootstrap, share

FIRST = 20
"""Uploads that are named, of those that the challenger alone calls `ai`."""


@dataclass(frozen=True)
class Labelled:
    """Both detectors on uploads with a label of one kind.

    Attributes:
        label: `ai` or `human`.
        n: Uploads.
        champion: Share that it gets wrong: of human works those called `ai`, of AI pictures those
            not called so.
        challenger: Likewise.
        change: Of the share, paired.
    """

    label: str
    n: int
    champion: float
    challenger: float
    change: Change


@dataclass(frozen=True)
class ShadowFigures:
    """What a challenger answered beside the model in use.

    Attributes:
        challenger: Digest of its manifest.
        champion: Of the one in use.
        uploads: Different images.
        since: When the first was judged.
        until: When the last was.
        verdicts: How many images got which verdicts, of the champion and of the challenger.
        newly_ai: Share that the challenger alone calls `ai`.
        no_longer_ai: Share that the champion alone calls so.
        partial: Share that the challenger judged by the first view alone, though it was in doubt.
        labelled: On uploads that people gave a label; empty where there are none.
        first: Hex digests of uploads that the challenger alone calls `ai`, the surest first: whom
            it would accuse.
    """

    challenger: str
    champion: str
    uploads: int
    since: datetime
    until: datetime
    verdicts: Mapping[tuple[Verdict, Verdict], int]
    newly_ai: Estimate
    no_longer_ai: Estimate
    partial: Estimate
    labelled: Sequence[Labelled]
    first: Sequence[str]


def shadow_figures(
    answers: Iterable[ShadowAnswer], labels: Mapping[str, str]
) -> tuple[ShadowFigures, ...]:
    """Figures of each pair of detectors that judged the same uploads, the latest first.

    Args:
        answers: All of them; of an image that was uploaded twice the last counts.
        labels: `ai` or `human` by the hex digest of a file, as people say.
    """
    pairs: dict[tuple[str, str], dict[str, ShadowAnswer]] = {}
    for one in sorted(answers, key=lambda one: one.at):
        pairs.setdefault((one.champion, one.challenger), {})[one.sha256] = one
    found = [_figures(list(images.values()), labels) for images in pairs.values()]
    return tuple(sorted(found, key=lambda one: one.until, reverse=True))


def _figures(answers: Sequence[ShadowAnswer], labels: Mapping[str, str]) -> ShadowFigures:
    before = np.array([one.champion_verdict is Verdict.AI for one in answers])
    after = np.array([one.challenger_verdict is Verdict.AI for one in answers])
    new = [one for one, is_new in zip(answers, after & ~before, strict=True) if is_new]
    new.sort(key=lambda one: (-one.challenger_probability, one.sha256))
    return ShadowFigures(
        challenger=answers[0].challenger,
        champion=answers[0].champion,
        uploads=len(answers),
        since=min(one.at for one in answers),
        until=max(one.at for one in answers),
        verdicts=Counter((one.champion_verdict, one.challenger_verdict) for one in answers),
        newly_ai=share(after & ~before),
        no_longer_ai=share(before & ~after),
        partial=share([one.partial for one in answers]),
        labelled=tuple(
            _labelled(label, before[mask], after[mask])
            for label in ("human", "ai")
            if (mask := np.array([labels.get(one.sha256) == label for one in answers])).any()
        ),
        first=tuple(one.sha256 for one in new[:FIRST]),
    )


def _labelled(label: str, before: np.ndarray, after: np.ndarray) -> Labelled:
    wrong = [called if label == "human" else ~called for called in (before, after)]
    old, new = (values.astype(float) for values in wrong)
    change = GroupBootstrap(range(len(old)), draws=DRAWS).mean(new - old)
    return Labelled(
        label=label,
        n=len(old),
        champion=float(old.mean()),
        challenger=float(new.mean()),
        change=Change(value=change.value, low=change.low, high=change.high),
    )
