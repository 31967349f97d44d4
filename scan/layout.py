"""Where everything lies in the output folder. One copy, since pages link to each other."""

from enum import StrEnum


class TableFormat(StrEnum):
    """In which format the table is written; its suffix."""

    PARQUET = "parquet"
    CSV = "csv"
    JSONL = "jsonl"


REPORT = "report.html"
INSIDE = "report"
"""The folder of everything that the first page needs."""
STYLE = f"{INSIDE}/style.css"


def results(form: TableFormat) -> str:
    """The table."""
    return f"results.{form}"


OUTPUTS = (*map(results, TableFormat), REPORT, INSIDE)
"""What a scan leaves beside its journal."""


def page(number: int) -> str:
    """A page of the report, the first being 1."""
    return REPORT if number == 1 else f"{INSIDE}/page-{number:04d}.html"


def error_page(number: int) -> str:
    """A page of the list of errors, the first being 1."""
    return f"{INSIDE}/errors-{number:04d}.html"


def similar_page(number: int) -> str:
    """A page of the images that are like enrolled works, the first being 1."""
    return f"{INSIDE}/similar-{number:04d}.html"


def action_page(number: int) -> str:
    """A page of the images of which the policy asks for something, the first being 1."""
    return f"{INSIDE}/actions-{number:04d}.html"


def thumb(sha256: str) -> str:
    """The thumbnail of an image."""
    return f"{INSIDE}/thumbs/{sha256[:2]}/{sha256}.jpg"
