"""What is wrong with a policy, and where: a sentence with file, line and column."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from core.text import one_line, printable
from labelling.policy.document import Policy

Path = tuple[str | int, ...]
"""The way from the top of a document to a part of it: keys of mappings, places in lists."""

Mark = tuple[int, int]
"""Line and column, each from 1 on."""


@dataclass(frozen=True, order=True)
class Problem:
    """Something that is wrong with a policy.

    Attributes:
        file: As it is told to a person.
        line: From 1 on.
        column: From 1 on.
        sentence: What is wrong and what to do.
        warning: It can be used none the less.
    """

    file: str
    line: int
    column: int
    sentence: str
    warning: bool = False

    def __str__(self) -> str:
        kind = "warning: " if self.warning else ""
        return f"{printable(self.file)}:{self.line}:{self.column}: {kind}{self.sentence}"


@dataclass(frozen=True)
class Places:
    """Where the parts of a document stand in its file.

    Attributes:
        file: As it is told to a person.
        marks: Where the key or the item of each part begins.
    """

    file: str
    marks: Mapping[Path, Mark]

    def problem(self, path: Path, sentence: str, *, warning: bool = False) -> Problem:
        """A problem at a part, or at the nearest part around it that stands in the file."""
        while path and path not in self.marks:
            path = path[:-1]
        line, column = self.marks.get(path, (1, 1))
        return Problem(self.file, line, column, sentence, warning)


@dataclass(frozen=True)
class LoadedPolicy:
    """A policy, and where its parts stand in its file."""

    policy: Policy
    places: Places


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` (did you mean "...")`, or nothing where no known word is near."""
    near = get_close_matches(word[:100], list(known), n=1, cutoff=0.6)
    return f' (did you mean "{near[0]}"?)' if near else ""


def quoted(word: object) -> str:
    """Something out of a document, fit to stand in a sentence."""
    return f'"{one_line(str(word))}"'
