"""Names, texts out of files, and figures, made fit to be shown to a person."""

LONGEST_SHOWN = 300
"""Characters of a name that are shown."""

_LONGEST_LINE = 200

_TURNING = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""Code points that turn the direction of what follows: a name must not rewrite its surroundings."""

_VISIBLE: dict[int, int | str] = {
    **{code: 0x2400 + code for code in range(32)},
    127: 0x2421,
    **{code: f"\\x{code:02x}" for code in range(0x80, 0xA0)},
    **{code: f"\\u{code:04x}" for code in (0x2028, 0x2029, *_TURNING)},
}

UNSHOWABLE = frozenset(map(chr, _VISIBLE))
"""Characters that `printable` makes visible: controls, and what turns the direction of a text."""


def printable(name: str, longest: int = LONGEST_SHOWN) -> str:
    """A name as valid UTF-8 with visible control characters, without the middle if very long."""
    if len(name) <= longest and name.isascii() and name.isprintable():
        return name  # as nearly all are
    name = name.encode("utf-8", "backslashreplace").decode("utf-8")
    if len(name) > longest:
        half = longest // 2
        name = f"{name[:half]} … {name[-half:]}"
    return name.translate(_VISIBLE)


def file_name(path: str) -> str:
    """The last part of a path: what may be shown of where a work lies."""
    return path.rstrip("/").rpartition("/")[2] or path


def valid(path: str) -> str:
    r"""A path as valid UTF-8: bytes of a name that are not become `\udcff` and the like."""
    return path.encode("utf-8", "backslashreplace").decode("utf-8")


def one_line(text: str) -> str:
    """A text out of a file on one line, of at most 200 characters, all of them printable."""
    line = " ".join(text[: 2 * _LONGEST_LINE].split())
    return "".join(letter for letter in line if letter.isprintable())[:_LONGEST_LINE]


def unbroken(text: str) -> str:
    """A text on one line, whole."""
    return " ".join(text.split())


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
