"""JSON out of metadata: bounded, and never raising."""

import json
import re
from collections.abc import Mapping

LONGEST = 4 * 1024 * 1024
"""Longest text that is parsed, in characters: Python needs some twenty times as much memory.

Without pictures that stand in it as text (base64), which nobody reads.
"""

_PICTURE = re.compile(r'"(?:data:[\w/;+-]{1,80},)?[A-Za-z0-9+/=_-]{4096,}"')


def json_object(text: str) -> dict[str, object] | None:
    """The JSON object that a text is or begins with, or None.

    What stands behind the object is ignored: some tools end it with a zero byte.
    """
    text = text.lstrip("\ufeff \t\r\n")
    if len(text) > LONGEST and text.startswith("{"):
        text = _PICTURE.sub('""', text)
    if not text.startswith("{") or len(text) > LONGEST:
        return None
    try:
        value, _ = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):  # RecursionError: nested deeper than any tool does
        return None
    return value if isinstance(value, dict) else None


def first_text(values: Mapping[str, object], *keys: str) -> str | None:
    """The first of these keys that holds a text or a number, as text."""
    for key in keys:
        value = values.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()
        if isinstance(value, int | float) and not isinstance(value, bool):
            return number_text(value)
    return None


def first_number(values: Mapping[str, object], *keys: str) -> float | None:
    """The first of these keys that holds a finite number, also one written as text."""
    for key in keys:
        value = values.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            continue
        try:
            number = float(value)
        except (ValueError, OverflowError):
            continue
        if abs(number) < float("inf"):
            return number
    return None


def number_text(value: float) -> str | None:
    """A number as people write it; None for one of absurdly many digits."""
    if isinstance(value, int) and value.bit_length() > 256:
        return None
    return str(value)
