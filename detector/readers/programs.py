"""The one table of programs, models, services and makers, by the names that files give them.

`programs.csv` has a row for each: its `name` as people know it, its `kind`, the `pattern` by which
texts of that kind are told, `examples` of such texts, the `source` that the pattern was written by,
and the month in which that was last `seen`. Patterns know no case. Where several are in
a text, the first row counts, but no row's example has another program's name in it: the tests hold
that. What is ambiguous alone (`Flux`, `Imagen`, `Leonardo`) needs its company.
"""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property, lru_cache
from importlib.resources import files

_TABLE = "programs.csv"


class ProgramKind(StrEnum):
    """What a row is, by which follows the kind of text that its pattern is looked for in."""

    GENERATOR = "generator"
    """Makes images; in texts that name programs, as whole words."""
    EDITOR = "editor"
    """Generates parts or detail of an image that it did not make; likewise."""
    PAINTING_PROGRAM = "painting program"
    """People paint and draw in it; likewise."""
    SIGNER = "signer"
    """An organisation that signs what its generator makes; in the name of a certificate."""
    CAMERA = "camera"
    """A maker of cameras, phones or scanners; all of EXIF's `Make`."""
    MODEL = "model"
    """A family of models; anywhere in the name of a file or of a model."""
    NODE = "node"
    """A service that ComfyUI asks for an image; anywhere in a node's class, as `plain_class`."""
    ENHANCING_NODE = "enhancing node"
    """A service or node that enlarges or repairs an image that it is given; likewise."""
    SETTINGS = "settings"
    """Writes settings as AUTOMATIC1111's web UI does; anywhere in their line."""
    PRODUCER = "producer"
    """A company of GB 45438; anywhere in `ContentProducer`."""
    TECHNOLOGY = "technology"
    """How models work; the pattern is a model's name, for `detector.technology`."""


@dataclass(frozen=True)
class Program:
    """One row of the table.

    Attributes:
        name: As people know it; of a technology, its family.
        kind: What it is.
        pattern: A regular expression, but of a technology.
        examples: Texts in which it is told.
        source: Where the pattern comes from: a site, a document, or real files.
        seen: The month in which that was last looked at, as `2026-11`.
    """

    name: str
    kind: ProgramKind
    pattern: str
    examples: tuple[str, ...]
    source: str
    seen: str


@cache
def all_programs() -> tuple[Program, ...]:
    """The table, as it is packaged."""
    text = files("detector.readers").joinpath(_TABLE).read_text("utf-8")
    return tuple(
        Program(
            row["name"],
            ProgramKind(row["kind"]),
            row["pattern"],
            tuple(row["examples"].split("; ")),
            row["source"],
            row["seen"],
        )
        for row in csv.DictReader(text.splitlines())
    )


def programs(kind: ProgramKind) -> tuple[Program, ...]:
    """The rows of a kind."""
    return tuple(row for row in all_programs() if row.kind is kind)


class Frame(StrEnum):
    """What has to stand around a pattern."""

    ANYWHERE = "(?:{})"
    WORDS = r"(?<![^\W_])(?:{})(?![^\W_])"
    WHOLE = r"\A\s*(?:{})\s*\Z"


class Names:
    """Finds the known name in a text.

    Attributes:
        frame: What has to stand around the patterns.
        longest: How many characters of a text are looked at.

    Args:
        rows: Of the table.
        frame: See above.
        longest: See above.
    """

    def __init__(self, rows: Iterable[Program], frame: Frame, longest: int = 200) -> None:
        self._rows = tuple(rows)
        self.frame = frame
        self.longest = longest

    def find(self, text: str) -> str | None:
        """The name that stands in a text, by the first row that does."""
        text = text[: self.longest]
        if not self._any.search(text):
            return None
        return next((name for pattern, name in self._each if pattern.search(text)), None)

    @cached_property
    def _any(self) -> re.Pattern[str]:
        # Most texts hold no name: one search for all of them is the faster way to learn that.
        return self._compiled("|".join(row.pattern for row in self._rows))

    @cached_property
    def _each(self) -> list[tuple[re.Pattern[str], str]]:
        return [(self._compiled(row.pattern), row.name) for row in self._rows]

    def _compiled(self, pattern: str) -> re.Pattern[str]:
        return re.compile(self.frame.format(pattern), re.IGNORECASE)


@lru_cache(maxsize=4096)
def plain_class(kind: str) -> str:
    """The class of a node of ComfyUI as `node` patterns know it: small letters and digits."""
    return re.sub(r"[^a-z0-9]", "", kind[:100].lower())


GENERATOR_NAMES = Names(programs(ProgramKind.GENERATOR), Frame.WORDS)
WHOLE_GENERATOR_NAMES = Names(programs(ProgramKind.GENERATOR), Frame.WHOLE)
AI_EDITOR_NAMES = Names(programs(ProgramKind.EDITOR), Frame.WORDS)
SIGNER_NAMES = Names(programs(ProgramKind.SIGNER), Frame.WORDS)
PAINTING_NAMES = Names(programs(ProgramKind.PAINTING_PROGRAM), Frame.WORDS)
CAMERA_NAMES = Names(programs(ProgramKind.CAMERA), Frame.WHOLE)
MODEL_NAMES = Names(programs(ProgramKind.MODEL), Frame.ANYWHERE, 300)
NODE_NAMES = Names(programs(ProgramKind.NODE), Frame.ANYWHERE)
ENHANCING_NODE_NAMES = Names(programs(ProgramKind.ENHANCING_NODE), Frame.ANYWHERE)
SETTINGS_NAMES = Names(programs(ProgramKind.SETTINGS), Frame.ANYWHERE, 32 * 1024)
PRODUCER_NAMES = Names(programs(ProgramKind.PRODUCER), Frame.ANYWHERE)
