from itertools import product

import pytest

from cli.terminal import NARROWEST, WIDEST, item, more, paragraph, width


@pytest.mark.parametrize(
    ("columns", "expected"), [("20", NARROWEST), ("72", 72), ("400", WIDEST), ("0", 80)]
)
def test_width_is_the_terminals(
    columns: str, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert width() == expected


def test_paths_are_not_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    for lead, length in product(("", "word " * 7), (5, 60)):
        path = "arthur-rackham/" * (length // 15) + "a-b-c.jpg"
        assert any(path in line for line in paragraph(f"{lead}{path} and more"))


def test_an_item_begins_with_a_capital(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    lines = list(item("noted: " + "word " * 12))
    assert lines[0].startswith("- Noted: word")
    assert all(line.startswith("  word") for line in lines[1:])


def test_what_belongs_to_an_item_stands_below_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    first, *rest = more("Prompt: " + "word " * 12, hanging="  ")
    assert first.startswith("    Prompt")
    assert rest
    assert all(line.startswith("      word") for line in rest)
