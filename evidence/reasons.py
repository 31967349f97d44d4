"""Sentences for people, each with a code for programs. No branch depends on a sentence."""

from dataclasses import dataclass

from evidence.wording.filling import Value, fill
from evidence.wording.templates import TEMPLATES


@dataclass(frozen=True)
class Reason:
    """Why something is said.

    Attributes:
        code: Stable name of the sentence, as `pixels_above`; never changes its meaning.
        text: The sentence in English, plain, for a moderator.
        values: What stands in it, by name, so that it can be said in another language.
    """

    code: str
    text: str
    values: tuple[tuple[str, Value], ...] = ()


def reason(code: str, **values: Value | None) -> Reason:
    """The sentence of a code.

    Args:
        code: One of `evidence.wording.templates.TEMPLATES`.
        values: What stands in it; None, as no value, where it is not known.

    Raises:
        KeyError: The code is unknown, or its template needs a value that is not given.
    """
    known = {name: value for name, value in values.items() if value is not None}
    return Reason(code, fill(code, known, TEMPLATES.__getitem__), tuple(known.items()))
