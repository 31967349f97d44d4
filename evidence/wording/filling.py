"""Templates to sentences.

A template is a sentence with places for values:

- `{name}`: the value as it is; `{name:.2f}` as Python formats it.
- `{share:percent}`: a share of 0 to 1, as `1.2 %`; `{share:percentage}` without the sign,
  `{share:short_percent}` with two digits.
- `{name:phrase}`: the value is the code of another template, which is filled with the same values.
- `[, by {name}]`: is left out where one of its values is not known; `[{name}|an AI]` has a part
  that stands instead.
"""

import re
from collections.abc import Callable, Mapping

_OPTIONAL = re.compile(r"\[([^\[\]|]*)(?:\|([^\[\]]*))?\]")
_PLACE = re.compile(r"\{(\w+)(?::([^{}]*))?\}")

PHRASE = "phrase"
"""The format of a place whose value is the code of a phrase."""

_PERCENTS = {"percent": "{:.1f} %", "percentage": "{:.1f}", "short_percent": "{:.2g} %"}


def places(template: str) -> frozenset[tuple[str, str]]:
    """The places of a template as (name, format); the format is empty where there is none."""
    return frozenset((name, form or "") for name, form in _PLACE.findall(template))


def fill(
    template: str, values: Mapping[str, str | int | float], phrase: Callable[[str], str]
) -> str:
    """Put values into a template.

    Args:
        template: See above.
        values: By name.
        phrase: Gives the template of a phrase by its code.

    Raises:
        KeyError: A value that is needed is not there, or a phrase is unknown.
    """

    def optional(part: re.Match[str]) -> str:
        wanted = {name for name, _ in places(part[1])}
        return part[1] if wanted <= values.keys() else part[2] or ""

    def value(place: re.Match[str]) -> str:
        one, form = values[place[1]], place[2] or ""
        if form == PHRASE:
            return fill(phrase(str(one)), values, phrase)
        if form in _PERCENTS:
            return _PERCENTS[form].format(100 * float(one))
        return format(one, form)

    return _PLACE.sub(value, _OPTIONAL.sub(optional, template))
