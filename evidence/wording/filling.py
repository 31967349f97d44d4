"""Templates to sentences: Python's own format strings, and what its `string.Formatter` lets us add.

A template is a sentence with places for values:

- `{name}`: the value as it is; `{name:.2f}` as Python formats it.
- `{share:percentage}`: a share of 0 to 1 in per cent, as `1.2`; `{share:short_percentage}` with two
  digits; `{share:sure_percent}` with the sign, never a rounded 0 or 100.
- `{name:phrase}`: the value is the code of another template, which is filled with the same values.
- `[, by {name}]`: is left out where one of its values is not known; `[{name}|an AI]` has a part
  that stands instead.
"""

import re
from collections.abc import Callable, Mapping
from string import Formatter
from typing import Any

from core.text import percent

Value = str | int | float
"""What stands in a sentence: a name, a count, a share of 0 to 1, or the code of a phrase."""

_OPTIONAL = re.compile(r"\[([^\[\]|]*)(?:\|([^\[\]]*))?\]")

_FORMATS: Mapping[str, Callable[[float], str]] = {
    "percentage": lambda share: f"{100 * share:.1f}",
    "short_percentage": lambda share: f"{100 * share:.2g}",
    "sure_percent": percent,
}


class _Filler(Formatter):
    """Knows our formats beside Python's."""

    def __init__(self, values: Mapping[str, Value], template: Callable[[str], str]) -> None:
        self._values = values
        self._template = template

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == "phrase":
            return fill(str(value), self._values, self._template)
        if format_spec in _FORMATS:
            return _FORMATS[format_spec](float(value))
        return format(value, format_spec)


def names(template: str) -> frozenset[str]:
    """The names of the values that a template has places for."""
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name)


def fill(code: str, values: Mapping[str, Value], template: Callable[[str], str]) -> str:
    """The sentence of a code.

    Args:
        code: Of the template.
        values: By name.
        template: Gives templates by their codes.

    Raises:
        KeyError: A value that is needed is not there, or a code is unknown.
    """

    def optional(part: re.Match[str]) -> str:
        return part[1] if names(part[1]) <= values.keys() else part[2] or ""

    # Values last: what a file says is never taken for a part of a template.
    return _Filler(values, template).vformat(_OPTIONAL.sub(optional, template(code)), (), values)
