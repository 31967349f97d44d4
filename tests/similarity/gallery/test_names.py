import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import printable
from similarity.errors import BadName
from similarity.gallery.names import LONGEST_CREATOR, LONGEST_WORK, creator_name, work_name

HOSTILE = ["", " \t", "a" * (LONGEST_CREATOR + 1), "x" * 10_000, "a\nb", "a\0", "\x1b[31mred"]
HOSTILE += ["\u202egnp", "a\u2066b", "a\udcff", "a\x85b", "line\u2028line"]


@pytest.mark.parametrize("text", HOSTILE)
def test_names_that_nobody_can_bear(text: str) -> None:
    with pytest.raises(BadName) as refused:
        creator_name(text)
    line = str(refused.value)
    assert len(line) < 600
    assert line.isprintable()


@pytest.mark.parametrize(
    "name", ["John R. Neill", "落款", "عمر الخيام", "a/b\\c", "<b>&", "👩\u200d🎨", "..", "'; DROP"]
)
def test_names_that_somebody_bears(name: str) -> None:
    assert creator_name(f"  {name}\n".replace("\n", " ")) == name
    assert creator_name(unicodedata.normalize("NFD", name)) == name


def test_a_name_typed_and_a_folder_of_macos_are_one() -> None:
    assert creator_name("Zoe\u0308") == creator_name("Zo\u00eb") == "Zo\u00eb"


@given(st.text())
def test_every_kept_name_is_kept_as_it_is(text: str) -> None:
    try:
        name = creator_name(text)
    except BadName:
        return
    assert creator_name(name) == name
    assert printable(name) == name
    assert work_name(name) == name


@given(st.text(st.characters(), max_size=1000))
def test_what_is_shown_is_short_and_stays_in_its_line(text: str) -> None:
    shown = printable(text)
    shown.encode("utf-8")
    # Some characters are shown by six others.
    assert len(shown) <= 6 * 303
    assert not any(unicodedata.category(one) in {"Cc", "Cs", "Zl", "Zp"} for one in shown)
    assert not any("\u202a" <= one <= "\u202e" or "\u2066" <= one <= "\u2069" for one in shown)


@pytest.mark.parametrize("text", ["", "a\0b", "a" * (LONGEST_WORK + 1), "é" * LONGEST_WORK])
def test_works_that_cannot_be_kept(text: str) -> None:
    with pytest.raises(BadName):
        work_name(text)
