"""Sentences in the language of their reader, by gettext.

A message's context is its code, so that two codes with the same English may differ elsewhere.
"""

import gettext
from functools import cache
from pathlib import Path

from evidence.reasons import Reason
from evidence.wording.filling import Value, fill
from evidence.wording.templates import TEMPLATES

ENGLISH = "en"
"""The language of the templates."""

DOMAIN = "rakkan"
LOCALE = Path(__file__).parent / "locale"


def languages() -> tuple[str, ...]:
    """Codes of the languages that there are, English first."""
    return (ENGLISH, *sorted(place.name for place in LOCALE.iterdir() if place.is_dir()))


def say(code: str, language: str = ENGLISH, **values: Value | None) -> str:
    """The sentence of a code in a language; in English where there is no translation.

    Args:
        code: One of `evidence.wording.templates.TEMPLATES`.
        language: As `ja` or `ja_JP`.
        values: What stands in it; None, as no value, where it is not known.

    Raises:
        KeyError: The code is unknown, or its template needs a value that is not given.
    """
    known = {name: value for name, value in values.items() if value is not None}
    messages = _messages(language)
    return fill(code, known, lambda one: messages.pgettext(one, TEMPLATES[one]))


def translated(reason: Reason, language: str) -> str:
    """A reason in a language; its own text where that cannot be said.

    A document of another version may hold codes and values that this one does not know.
    """
    if language == ENGLISH:
        return reason.text
    try:
        return say(reason.code, language, **dict(reason.values))
    except (KeyError, TypeError, ValueError, RecursionError):
        return reason.text


@cache
def _messages(language: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, LOCALE, [language], fallback=True)
