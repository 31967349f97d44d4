"""Rows that a platform hands over: read one by one, or refused with their line."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moderation.errors import BadRow
from moderation.reported import REPORT, Deleted
from moderation.rows import read_rows


def read(path: Path) -> list[Any]:
    return [found for _, found in read_rows(path, REPORT)]


def test_tables_and_lines_say_the_same(tmp_path: Path) -> None:
    table, lines = tmp_path / "a.csv", tmp_path / "a.jsonl"
    table.write_text('\ufeffreport,account,work,at\r\ndeleted,"Ann, Ō",1,\r\n', "utf-8")
    lines.write_text('\n{"report": "deleted", "account": "Ann, Ō", "work": "1"}\n', "utf-8")
    expected = [Deleted(report="deleted", account="Ann, Ō", work="1")]
    assert read(table) == read(lines) == expected


@pytest.mark.parametrize(
    ("name", "data", "line", "wrong"),
    [
        ("a.csv", b"report,account,work\ndeleted,ann,w\nsold,ann,w\n", 3, "report|sold"),
        ("a.csv", b"report,account,work\ndeleted,ann,w,more\n", 2, "more cells"),
        ("a.csv", b"report,account,work\ndeleted,,w\n", 2, "account: Field required"),
        ("a.csv", b'report,account,work\ndeleted,"a\nb,w\n', 2, "unexpected end"),
        ("a.csv", b"report,account,work\ndeleted,ann\xff,w\n", 2, "unicode string"),
        ("a.jsonl", b'{"report": "deleted"}\n', 1, "account: Field required"),
        ("a.jsonl", b"\n\n[1]\n", 3, "no JSON object"),
        ("a.jsonl", b'\n{"report": \n', 2, "no JSON"),
        ("a.jsonl", b"[" * 100_000, 1, "no JSON"),
        (
            "a.jsonl",
            b'{"report": "deleted", "account": "\\u0000", "work": "w"}',
            1,
            "valid Unicode",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    tmp_path: Path, name: str, data: bytes, line: int, wrong: str
) -> None:
    place = tmp_path / name
    place.write_bytes(data)
    with pytest.raises(BadRow, match=f"line {line}: .*({wrong})") as found:
        read(place)
    assert "\n" not in str(found.value)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.sampled_from(["a.csv", "a.jsonl"]))
def test_whatever_a_file_holds(tmp_path: Path, data: bytes, name: str) -> None:
    place = tmp_path / name
    place.write_bytes(b"report,account,work\n" * (name == "a.csv") + data)
    with suppress(BadRow):
        read(place)
