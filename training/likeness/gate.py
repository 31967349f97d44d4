"""Champion and challenger on likeness: may another similarity model follow the one in use?

The rule:

- of strangers, no more may be called close to anybody: the whole interval of the change lies within
  the margin, as of human works that a detector accuses; nor, surely and by more than the margin, in
  any kind or source; nor surely more than the challenger itself states;
- nor may more of them, surely and by more than the margin, be said to copy a work;
- no upload may be called close to a creator again of which a person said that it imitates nobody,
  where the champion does not call it so;
- enrolled creators' other works, and imitations, must not be missed more often: surely, and by more
  than a margin of its own.

There is no anchor: what a model states is a share of strangers, and is held to be that.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.files import write_whole
from imaging.perturbations.web import Tier
from models import Encoder
from models.artefact.gate import REPORT, Compared, GateReport, Standing
from models.artefact.manifest import images_sha256
from pages.environment import render
from similarity.artefact import SimilarityArtefact
from similarity.search import Similarity
from training.data.features import Progress
from training.data.manifest import in_split, read_manifest
from training.data.splits import group_keys
from training.errors import TooFewImages
from training.evaluation.figures import kind_of, source_of
from training.evaluation.worst_errors import THUMBNAILS, picture
from training.gate.compare import (
    ALL,
    KIND,
    SOURCE,
    Margins,
    least,
    paired_change,
    parts,
    resampled,
    standing_of,
)
from training.gate.report import PAGE, SHOWN
from training.likeness.asking import Answered, Asked, Named, Role, ask
from training.likeness.calibrate import seen_by
from training.likeness.labels import LikenessLabel

COPIES, REFUSED, CONFIRMED = "copies", "refused", "confirmed"

Label = Literal["stranger", "own", "imitation"]
Wrong = Callable[[Named, str], bool]
"""Whether an answer is wrong about a creator."""


def called_close(named: Named, creator: str) -> bool:
    """Whether it names the creator as close; anybody, where none is asked about."""
    return creator in named.close if creator else bool(named.close)


def called_copy(named: Named, creator: str) -> bool:
    """Whether it says that a work is copied."""
    return bool(named.copied)


def missed(named: Named, creator: str) -> bool:
    """Whether it does not even ask a person about the creator."""
    return creator not in named.near


def run_likeness_gate(
    manifest: Path,
    out: Path,
    *,
    champion: tuple[SimilarityArtefact, Similarity],
    challenger: tuple[SimilarityArtefact, Similarity],
    encoder: Encoder,
    labels: Collection[LikenessLabel] = (),
    splits: tuple[str, ...] | None = None,
    margins: Margins | None = None,
    progress: Progress | None = None,
) -> GateReport:
    """Compare a challenger with the champion, and write why it may follow, or not.

    Args:
        manifest: The regression set: works of artists who are not enrolled and, with the `creator`
            as enrolled, of those who are; AI pictures with their `prompted_artist`. It is frozen:
            the report names its images by one hash.
        out: Folder for `gate.json`, `gate.html` and the pictures on it.
        champion: In use, and its search of the index.
        challenger: The other one, and its search of the same works.
        encoder: Of both.
        labels: What people say; counts of pictures that are in the manifest.
        splits: Only these splits; None for all rows.
        margins: How much worse it may be: on strangers, and on what it may miss.
        progress: Told how far it is.

    Raises:
        EncoderDiffers: One was made with another encoder.
        TrainingError: The manifest is not valid, or it holds no stranger.
    """
    margins = margins or Margins()
    for artefact, _ in (champion, challenger):
        artefact.require(encoder.id)
    every = read_manifest(manifest)
    rows = every if splits is None else in_split(every, *splits)
    seen = seen_by(champion[0]) | seen_by(challenger[0])
    answered = ask(rows, champion[1], challenger[1], encoder, labels, seen, progress)
    compared = tuple(compare_likeness(answered.asked, margins))
    stated = challenger[0].manifest.styles.close
    report = GateReport(
        champion=champion[0].name,
        champion_sha256=champion[0].sha256,
        challenger=challenger[0].name,
        challenger_sha256=challenger[0].sha256,
        images_sha256=images_sha256(
            f"{one.role} {one.creator} {one.sha256}" for one in answered.asked
        ),
        seen=answered.seen,
        human_margin=margins.human,
        ai_margin=margins.ai,
        compared=compared,
        reasons=(*likeness_reasons(compared, margins), *beyond_stated(answered.asked, stated)),
        index=champion[1].name,
    )
    _write(out, report, answered, stated)
    return report


def compare_likeness(asked: Sequence[Asked], margins: Margins) -> Iterator[Compared]:
    """All comparisons.

    Raises:
        TooFewImages: There is no stranger.
    """
    strangers = [one for one in asked if one.role is Role.STRANGER]
    if not strangers:
        raise TooFewImages(
            "the regression set needs works of artists who are not enrolled, and that neither model"
            " was made from"
        )
    yield from _compared(ALL, "", "stranger", strangers, called_close, margins)
    rows = [one.row for one in strangers]
    for what, key in ((KIND, kind_of), (SOURCE, source_of)):
        for name, mask in parts(rows, key):
            some = [strangers[i] for i in np.flatnonzero(mask)]
            yield from _compared(what, name, "stranger", some, called_close, margins)
    yield from _compared(COPIES, "", "stranger", strangers, called_copy, margins)
    for one in _compared(REFUSED, "", "stranger", _of(asked, Role.REFUSED), called_close, margins):
        # Of these one is enough: what a person put right must not come back.
        back = any(newly(each, called_close) for each in _of(asked, Role.REFUSED))
        yield one.model_copy(update={"standing": Standing.WORSE if back else Standing.NO_WORSE})
    yield from _compared(ALL, "", "own", _of(asked, Role.OWN), missed, margins)
    yield from _compared(ALL, "", "imitation", _of(asked, Role.PROMPTED), missed, margins)
    yield from _compared(CONFIRMED, "", "imitation", _of(asked, Role.CONFIRMED), missed, margins)


def newly(one: Asked, wrong: Wrong) -> bool:
    """Whether the challenger alone is wrong."""
    return wrong(one.challenger, one.creator) and not wrong(one.champion, one.creator)


def likeness_reasons(compared: Collection[Compared], margins: Margins) -> tuple[str, ...]:
    """Why the challenger is not to be promoted; none if it may be."""
    return tuple(_sentence(one, margins) for one in compared if _fails(one))


def beyond_stated(asked: Sequence[Asked], stated: float) -> Iterator[str]:
    """Why, where surely more strangers are called close than the challenger states."""
    strangers = [one for one in asked if one.role is Role.STRANGER]
    close = np.array([called_close(one.challenger, "") for one in strangers])
    found = resampled(group_keys([one.row for one in strangers])).mean(close)
    if found.low > stated:
        yield (
            f"strangers are called close in {100 * found.value:.2f} % ({100 * found.low:.2f} to"
            f" {100 * found.high:.2f}), which is more than the stated {100 * stated:g} %:"
            " rakkan creators calibrate sets the threshold by your own"
        )


def _of(asked: Sequence[Asked], role: Role) -> list[Asked]:
    return [one for one in asked if one.role is role]


def _compared(
    what: str, name: str, label: Label, asked: Sequence[Asked], wrong: Wrong, margins: Margins
) -> Iterator[Compared]:
    """Pictures of one role; nothing of none."""
    if not asked:
        return
    before, after = (_wrong(asked, wrong, which) for which in ("champion", "challenger"))
    change = paired_change(before, after, group_keys([one.row for one in asked]))
    yield Compared(
        tier=Tier.CLEAN.value,
        what=what,
        name=name,
        label=label,
        n=len(asked),
        champion=float(before.mean()),
        challenger=float(after.mean()),
        change=change,
        standing=standing_of(change, _margin(label, margins), len(asked)),
        gates=True,
    )


def _wrong(asked: Sequence[Asked], wrong: Wrong, which: str) -> NDArray[np.bool_]:
    return np.array([wrong(getattr(one, which), one.creator) for one in asked], bool)


def _margin(label: str, margins: Margins) -> float:
    return margins.human if label == "stranger" else margins.ai


def _needs_proof(one: Compared) -> bool:
    return one.what == ALL and one.label == "stranger"


def _fails(one: Compared) -> bool:
    unproven = one.standing is Standing.UNPROVEN
    return one.standing is Standing.WORSE or (unproven and _needs_proof(one))


WHAT = {
    (ALL, "stranger"): ("strangers' works", "called close"),
    (KIND, "stranger"): ("strangers' works of the kind {name}", "called close"),
    (SOURCE, "stranger"): ("strangers' works of the source {name}", "called close"),
    (COPIES, "stranger"): ("strangers' works", "said to copy a work"),
    (REFUSED, "stranger"): ("uploads that people called no imitation", "called close"),
    (ALL, "own"): ("other works of enrolled creators", "missed"),
    (ALL, "imitation"): ("AI pictures in the style of enrolled creators", "missed"),
    (CONFIRMED, "imitation"): ("imitations that people confirmed", "missed"),
}
"""What is compared, for people, and what is wrong with those that are counted."""


def _sentence(one: Compared, margins: Margins) -> str:
    pictures, wrong = WHAT[one.what, one.label]
    change, margin = one.change, _margin(one.label, margins)
    how = "it is worse"
    if one.standing is Standing.UNPROVEN:
        how = "it is not proven to be no worse"
        if one.n < least(margin):
            how = f"too few to prove that it is no worse, {least(margin):,} are needed"
    return (
        f"{pictures.format(name=one.name)} ({one.n:,}): {how}: {100 * one.challenger:.2f} % are"
        f" {wrong} instead of {100 * one.champion:.2f} %, a change of {100 * change.value:+.2f}"
        f" points ({100 * change.low:+.2f} to {100 * change.high:+.2f}; the margin is"
        f" {100 * margin:g})"
    )


def _write(out: Path, report: GateReport, answered: Answered, stated: float) -> None:
    (out / THUMBNAILS).mkdir(parents=True, exist_ok=True)
    accused = {
        one.sha256: {
            "name": one.row.name,
            "creators": sorted(one.challenger.close),
            "refused": one.role is Role.REFUSED,
            "thumbnail": picture(one.row, one.sha256, out) or "",
        }
        for role in (Role.STRANGER, Role.REFUSED)
        for one in _of(answered.asked, role)
        if newly(one, called_close)
    }
    html = render(
        "gate/likeness.html.j2",
        g=report,
        stated=stated,
        unreadable=answered.unreadable,
        accused=sorted(accused.values(), key=lambda one: not one["refused"])[:SHOWN],
        what=WHAT,
    )
    write_whole(out / PAGE, html.encode())
    write_whole(out / REPORT, report.model_dump_json(indent=1).encode() + b"\n")
