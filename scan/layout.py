"""Where everything lies in the output folder. One copy, since pages link to each other."""

RESULTS = "results.parquet"
REPORT = "report.html"
INSIDE = "report"
"""The folder of everything that the first page needs."""


def page(number: int) -> str:
    """A page of the report, the first being 1."""
    return REPORT if number == 1 else f"{INSIDE}/page-{number:04d}.html"


def error_page(number: int) -> str:
    """A page of the list of errors, the first being 1."""
    return f"{INSIDE}/errors-{number:04d}.html"


def alike_page(number: int) -> str:
    """A page of the images that are like enrolled works, the first being 1."""
    return f"{INSIDE}/alike-{number:04d}.html"


def thumb(sha256: str) -> str:
    """The thumbnail of an image."""
    return f"{INSIDE}/thumbs/{sha256[:2]}/{sha256}.jpg"
