"""Tables of what is read of files."""

from collections.abc import Iterator

from docs.markdown import table
from tests.writers.statements import KINDS, Statement
from tests.writers.table import READ, REFUSED, Cell, read_table


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
