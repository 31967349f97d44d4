"""Texts and names as words that can be compared, whatever a prompt's syntax puts between them."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

LONGEST = 20_000
"""Characters of a prompt that are looked at."""

# What a prompt asks to avoid: Midjourney's --no, and weights below zero.
_AVOIDED = re.compile(
    r"--no\s.*?(?=\s--|$)|\([^()]*:\s*-\d[\d.]*\s*\)|-\d[\d.]*::.*?(?:::|$)", re.DOTALL
)

_SOFT = frozenset("()[]{}\\_-.'\u2019・·\u3000 \t")
"""What may stand within a name. Whatever else is no letter ends a clause."""

_UNSPACED = (
    ("CJK UNIFIED", "han"),
    ("CJK COMPATIBILITY IDEOGRAPH", "han"),
    ("IDEOGRAPHIC ITERATION MARK", "han"),
    ("HIRAGANA", "hiragana"),
    ("KATAKANA", "katakana"),
    ("HANGUL", "hangul"),
)
"""How Unicode's names of characters begin in scripts that are written without spaces."""


@dataclass(frozen=True)
class Word:
    """A word; or one character of a script that is written without spaces.

    Attributes:
        text: Compatibility-composed (NFKC) and case-folded.
        start: Where it begins in its text.
        end: Where it ends.
        script: Of a character; empty for a word.
        glued: Whether nothing lies between it and the word before.
        opens: Whether a clause begins with it.
    """

    text: str
    start: int
    end: int
    script: str
    glued: bool
    opens: bool


def positive(prompt: str) -> str:
    """A prompt, composed (NFC), without what it asks to avoid."""
    return _AVOIDED.sub(",", unicodedata.normalize("NFC", prompt[:LONGEST]))


def words(text: str) -> tuple[Word, ...]:
    """The words of a text, in its order.

    Args:
        text: Composed (NFC).
    """
    found: list[Word] = []
    start = 0
    opens = True
    while start < len(text):
        script = _script(text[start])
        if script is None:
            opens = opens or text[start] not in _SOFT
            start += 1
            continue
        end = start + 1
        while not script and end < len(text) and _script(text[end]) == "":
            end += 1
        folded = unicodedata.normalize("NFKC", text[start:end]).casefold()
        glued = bool(found) and found[-1].end == start
        found.append(Word(folded, start, end, script, glued, opens))
        start, opens = end, False
    return tuple(found)


def key(name: str) -> tuple[str, ...]:
    """A name as the texts of its words."""
    return tuple(word.text for word in words(unicodedata.normalize("NFC", name)))


@lru_cache(maxsize=4096)
def _script(character: str) -> str | None:
    """The script of a character that is written without spaces; empty for others, None for none."""
    if unicodedata.category(character)[0] not in "LNM":
        return None
    name = unicodedata.name(unicodedata.normalize("NFKC", character)[0], "")
    for beginning, script in _UNSPACED:
        if name.startswith(beginning):
            return script
    return ""
