"""Figures and names as a person reads them."""

from similarity.names import printable

__all__ = ["duration", "file_size", "percent", "printable"]


def percent(share: float) -> str:
    """A share of 0 to 1; never a rounded 0 % or 100 %, which would claim certainty."""
    if share < 0.001:
        return "< 0.1 %"
    if share > 0.999:
        return "> 99.9 %"
    return f"{100 * share:.1f} %"


def duration(seconds: float) -> str:
    """A time span: `4.2 s`, `3 min 5 s`, `2 h 10 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes = round(seconds) // 60
    if minutes < 60:
        return f"{minutes} min {round(seconds) % 60} s"
    return f"{minutes // 60} h {minutes % 60} min"


def file_size(size: int) -> str:
    """A length in bytes: `812 B`, `14 kB`, `2.3 MB`."""
    if size < 1000:
        return f"{size} B"
    if size < 1_000_000:
        return f"{size / 1000:.0f} kB"
    return f"{size / 1_000_000:.1f} MB"
