"""Tables of what is read of files."""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from detector.readers.c2pa_terms import (
    ACTIONS,
    ASSERTIONS,
    GENERATIVE_LABELS,
    RELATIONSHIPS,
    RESULTS,
    Assertion,
)
from detector.readers.programs import ProgramKind, all_programs
from detector.statements.gather import default_readers
from detector.vocabularies import SOURCE_TYPES
from docs.markdown import table
from evidence.signals import Claim
from tests.writers.statements import KINDS, Statement
from tests.writers.table import READ, REFUSED, Cell, read_table

CLAIMS: Mapping[StrEnum, str] = {
    Claim.AI_MADE: "an AI made the picture",
    Claim.AI_EDITED: "an AI edited it",
    Claim.HUMAN_MADE: "a camera or a person made it, or edited it",
    Claim.NOTED: "neither; of an edit, that a person's work is not proven",
}
"""What follows from a digital source type."""


def readers() -> str:
    """What each reader reads, the strongest evidence first as they are asked."""
    rows = ((f"`{one.name}`", one.what, one.where, one.of) for one in default_readers())
    return table(("reader", "what is read", "where", "of"), rows)


def programs() -> str:
    """Every program, service and company that is known by name, by its kind."""
    named: dict[ProgramKind, dict[str, None]] = {}
    for one in all_programs():
        if one.kind is not ProgramKind.TECHNOLOGY:
            named.setdefault(one.kind, {})[one.name] = None
    rows = ((kind.value, str(len(names)), ", ".join(names)) for kind, names in named.items())
    return table(("kind", "how many", "names"), rows)


def writers() -> str:
    """What becomes of each statement by each program in each container, and why some refuse."""
    cells = read_table()
    refusals = dict.fromkeys(
        (cell.writer, cell.detail) for cell in cells if cell.outcome == REFUSED
    )
    words = table(("program", "refuses with"), ((name, f"“{said}”") for name, said in refusals))
    return "\n".join((*_by_statement(cells), words))


def _by_statement(cells: tuple[Cell, ...]) -> Iterator[str]:
    for statement in Statement:
        among = [cell for cell in cells if cell.statement is statement]
        readers = sorted({f"`{cell.detail}`" for cell in among if cell.outcome == READ})
        outcomes = {(cell.writer, cell.container): cell.outcome for cell in among}
        kinds = [kind for kind in KINDS if any(cell.container == kind for cell in among)]
        names = dict.fromkeys(cell.writer for cell in among)
        rows = [(name, *(outcomes.get((name, kind), "-") for kind in kinds)) for name in names]
        yield f"### {statement}, by {', '.join(readers)}\n\n{table(('program', *kinds), rows)}"


def c2pa() -> str:
    """What follows from each term of C2PA, one table for each of its lists."""
    generative = dict.fromkeys((f"...{one}..." for one in GENERATIVE_LABELS), Assertion.GENERATIVE)
    named = [
        ("action", ACTIONS),
        ("relationship of an ingredient", RELATIONSHIPS),
        ("assertion, by the beginning of its label", ASSERTIONS | generative),
        ("result of validation", RESULTS),
    ]
    of_types = {name: term.claim for name, term in SOURCE_TYPES.items()}
    parts = [("digital source type", of_types, CLAIMS), *((*one, None) for one in named)]
    return "\n".join(_by_consequence(*part) for part in parts)


def _by_consequence(
    head: str, meanings: Mapping[str, StrEnum], words: Mapping[StrEnum, str] | None
) -> str:
    among: dict[StrEnum, list[str]] = {}
    for term, meaning in meanings.items():
        among.setdefault(meaning, []).append(f"`{term}`")
    rows = [
        (", ".join(terms), words[meaning] if words else str(meaning))
        for meaning, terms in among.items()
    ]
    return table((head, "what follows"), rows)
