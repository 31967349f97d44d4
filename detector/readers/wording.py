"""Words out of a file, made fit to stand in a sentence."""

_LONGEST = 200


def shown(text: str) -> str:
    """A text on one line, of at most 200 characters, without what cannot be printed."""
    line = " ".join(text[: 2 * _LONGEST].split())
    return "".join(letter for letter in line if letter.isprintable())[:_LONGEST]
