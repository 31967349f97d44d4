"""Tables for people on a terminal, and for programs elsewhere."""

import sys
from collections.abc import Sequence

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text


def show_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table; without a terminal as lines with tabs between the columns.

    Args:
        titles: Of the columns.
        rows: A printable text for each column.
    """
    if not sys.stdout.isatty():
        for row in (titles, *rows):
            typer.echo("\t".join(row))
        return
    table = Table(*titles, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*map(Text, row))  # Text: a name is not taken for markup.
    # As wide as it must be: a name that is broken over lines cannot be copied.
    console = Console()
    widest = console.measure(table, options=console.options.update(max_width=10_000)).maximum
    console.width = max(console.width, widest)
    console.print(table)
