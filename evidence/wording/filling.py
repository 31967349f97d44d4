"""Templates to sentences.

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

from core.text import percent

Value = str | int | float
"""What stands in a sentence: a name, a count, a share of 0 to 1, or the code of a phrase."""

_OPTIONAL = re.compile(r"\[([^\[\]|]*)(?:\|([^\[\]]*))?\]")
_PLACE = re.compile(r"\{(\w+)(?::([^{}]*))?\}")

_FORMATS: Mapping[str, Callable[[float], str]] = {
    "percentage": lambda share: f"{100 * share:.1f}",
    "short_percentage": lambda share: f"{100 * share:.2g}",
    "sure_percent": percent,
}


def names(template: str) -> frozenset[str]:
    """The names of the values that a template has places for."""
    return frozenset(name for name, _ in _PLACE.findall(template))


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

    def value(place: re.Match[str]) -> str:
        one, form = values[place[1]], place[2] or ""
        if form == "phrase":
            return fill(str(one), values, template)
        return _FORMATS[form](float(one)) if form in _FORMATS else format(one, form)

    # Values last: what a file says is never taken for a part of a template.
    return _PLACE.sub(value, _OPTIONAL.sub(optional, template(code)))
