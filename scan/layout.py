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


def index(number: int) -> str:
    """A file of what rows are chosen by, the first being 1; see `scan.columns`."""
    return f"{INSIDE}/index-{number:04d}.js"


def cards(number: int) -> str:
    """A file of what rows show, the first being 1; see `scan.columns`."""
    return f"{INSIDE}/cards-{number:04d}.js"


def script(name: str) -> str:
    """A script of the page."""
    return f"{INSIDE}/{name}"


def thumb(sha256: str) -> str:
    """The thumbnail of an image."""
    return f"{INSIDE}/thumbs/{sha256[:2]}/{sha256}.jpg"


def work(sha256: str) -> str:
    """The thumbnail of an enrolled work that an image is seen beside."""
    return f"{INSIDE}/works/{sha256[:2]}/{sha256}.jpg"
