"""An image of a scan as people see it: every text that its card shows, once for page and script."""

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from core.text import file_name, file_size, percent, printable
from evidence import EvidenceKind, Verdict
from labelling.actions import Action
from labelling.wording import action_word
from scan import layout
from scan.listing import Attention
from scan.records import Listed
from scan.schema import ScanRow
from serving.figures import ModelDescription

LONGEST = 2000
"""Characters of a reason that are shown."""

VERDICTS = {Verdict.AI: "AI", Verdict.HUMAN: "Human", Verdict.INCONCLUSIVE: "Inconclusive"}
LIKENESSES = {3: ("copy", "Copy"), 2: ("close", "Close in style"), 1: ("review", "To compare")}


@dataclass(frozen=True, kw_only=True)
class Card:
    """What is shown of one image. Addresses lead from the first page; None stands nowhere.

    Attributes:
        name: Of the file, printable.
        folder: Where it lies, printable.
        facts: Size in pixels and bytes, and format.
        thumb: Address of the thumbnail.
        original: Address of the picture itself, where its file is at hand.
        probability: That an AI made it, in percent.
        share: The same as a number, 0 to 1.
        level: Where verdicts begin, or what the pixels say where they did not decide.
        verdict: Which colour it has: `ai`, `human`, `inconclusive`, or `none` for an error.
        verdict_words: The verdict.
        evidence: The kind of evidence behind it.
        generator: Its name, printable.
        alert: Why a person must look, where verdict and likeness do not say so.
        likeness: Which colour the likeness has: `copy`, `close` or `review`.
        likeness_words: How it is like enrolled works.
        work: Name of the enrolled work that it is seen beside; of its place nothing is shown.
        work_creator: Of that work.
        work_thumb: Address of the work's thumbnail, where its file was at hand.
        action: Which colour what is asked for has: `review` or `none`.
        action_words: What the policy asks for.
        label: The label that the policy asks for.
        told: Reasons that tell of this image.
        general: Reasons that nearly every image shares with many others.
    """

    name: str = ""
    folder: str = ""
    facts: str | None = None
    thumb: str | None = None
    original: str | None = None
    probability: str | None = None
    share: float | None = None
    level: str | None = None
    verdict: str = "none"
    verdict_words: str = "Error"
    evidence: str | None = None
    generator: str | None = None
    alert: str | None = None
    likeness: str | None = None
    likeness_words: str | None = None
    work: str | None = None
    work_creator: str | None = None
    work_thumb: str | None = None
    action: str | None = None
    action_words: str | None = None
    label: str | None = None
    told: tuple[str, ...] = ()
    general: tuple[str, ...] = ()


class Dealer:
    """Makes the cards of a report.

    Args:
        out: The output folder of the scan.
        model: Says where verdicts begin.
        works: Digests of the enrolled works whose thumbnails lie beside the report.
    """

    def __init__(self, out: Path, model: ModelDescription, works: frozenset[str]) -> None:
        self._out = out
        self._model = model
        self._works = works
        ai = f"AI from {percent(model.ai_from or 0.0)} on"
        human = f"human below {percent(model.human_below or 0.0)}"
        self._levels = ai, human, f"{ai}, {human}"
        self._base = lru_cache(maxsize=4096)(self._base_of)

    def card(self, listed: Listed) -> Card:
        """The card of an image."""
        row, listing = listed.row, listed.listing
        folder, _, name = row.path.rpartition("/")
        of_file: dict[str, Any] = {
            "name": printable(name),
            "folder": printable(folder),
            "facts": _facts(row),
            "original": self._original(row.path),
        }
        if row.ai_verdict is None or row.ai_probability is None or row.sha256 is None:
            return Card(**of_file, told=(_sentence(row.error or ""),))
        colour, likeness = LIKENESSES.get(listing.likeness, (None, None))
        reasons = tuple(map(_sentence, row.reasons or ()))
        return Card(
            **of_file,
            thumb=layout.thumb(row.sha256),
            probability=percent(row.ai_probability),
            share=round(row.ai_probability, 3),
            level=self._level(row),
            verdict=row.ai_verdict,
            verdict_words=VERDICTS[Verdict(row.ai_verdict)],
            evidence=row.evidence,
            generator=_shown(row.generator),
            alert="Against its pixels" if listing.attention & Attention.CONTRADICTION else None,
            likeness=colour,
            likeness_words=likeness,
            work=_shown(None if listing.work is None else file_name(listing.work)),
            work_creator=_shown(listing.work_creator),
            work_thumb=layout.work(listing.work_sha256)
            if listing.work_sha256 in self._works
            else None,
            action=None
            if row.action is None
            else "none"
            if row.action == Action.PUBLISH
            else "review",
            action_words=None if row.action is None else action_word(row.action),
            label=_shown(row.label),
            told=reasons[: listing.told],
            general=reasons[listing.told :],
        )

    def _level(self, row: ScanRow) -> str | None:
        ai, human, both = self._levels
        if row.evidence != EvidenceKind.INFERRED:
            return f"the pixels alone: {percent(row.pixel_probability or 0.0)}"
        if self._model.ai_from is None or self._model.human_below is None:
            return None
        if row.ai_verdict == Verdict.AI:
            return ai
        if row.ai_verdict == Verdict.HUMAN:
            return human
        between = self._model.human_below <= (row.ai_probability or 0.0) < self._model.ai_from
        return both if between else f"{both}: withheld"

    def _original(self, path: str) -> str | None:
        folder, _, name = path.rpartition("/")
        base = self._base(folder)
        # A name whose bytes are no text is shown with backslashes, and does not lead to its file.
        if base is None or ("\\" in path and not Path(path).is_file()):
            return None
        return f"{base}{quote(name)}"

    def _base_of(self, folder: str) -> str | None:
        """Address of a folder, or None where it is none: then it is an archive."""
        try:
            if not Path(folder or ".").is_dir():
                return None
        except (OSError, ValueError):
            return None
        way = os.path.relpath(os.path.abspath(folder), os.path.abspath(self._out))  # noqa: PTH100
        return f"{quote(Path(way).as_posix())}/"


def _facts(row: ScanRow) -> str | None:
    found = [
        None if row.width is None else f"{row.width} \N{MULTIPLICATION SIGN} {row.height}",
        None if row.format is None else row.format.upper(),
        None if row.size is None else file_size(row.size),
    ]
    return " · ".join(one for one in found if one) or None


def _shown(text: str | None) -> str | None:
    return None if text is None else printable(text)


def _sentence(text: str) -> str:
    return printable(text, LONGEST)
