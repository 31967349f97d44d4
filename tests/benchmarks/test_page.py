from pathlib import Path

import pytest
from playwright.sync_api import Browser
from typer.testing import CliRunner

from benchmarks.command import command
from benchmarks.errors import ContestFailed
from benchmarks.page import CONTESTS, Record, main, measured, write_page
from tests.browser import browser, visiting

__all__ = ["browser"]

TURN = {"images": 48, "cpu": 12.0, "wall": 12.0}
SCANNED = {"images": 100, "cpu": 2.0, "wall": 1.0, "load": 2.0}
SHARE = {"n": 42, "value": 0.9, "low": 0.8, "high": 0.95}
RECORDS: dict[str, Record] = {
    "scan": {"loop": [TURN], "scan int8": [TURN | {"cpu": 4.0}]},
    "search": {
        "900 works": [],
        "100,000 works": [
            {"name": "FAISS, all", "cpu": 10.0, "wall": 10.0, "recall": 1.0},
            {"name": "snapshot", "cpu": 0.5, "wall": 0.5, "recall": 0.998},
        ],
        "built": {"cpu": 2.6, "wall": 2.6},
        "graphs": {},
    },
    "copies": {
        "methods": {
            "rakkan": {"cpu_ms": 90.0, "found": {"crop": SHARE, "all": SHARE}},
            "PDQ": {
                "cpu_ms": 1.0,
                "found": {"crop": SHARE, "all": SHARE | {"value": 0.6, "low": 0.5}},
            },
        }
    },
    "cluster": {
        "turns": {
            "one process": {
                "100": [SCANNED],
                "300": [SCANNED | {"images": 300, "cpu": 22.0, "wall": 3.0}],
            },
            "cluster": {
                "100": [SCANNED],
                "300": [SCANNED | {"images": 300, "cpu": 24.0, "wall": 5.0}],
            },
        }
    },
    "memory": {"peak_bytes": {"100": 700_000_000, "400": 735_000_000}, "growth": 0.05},
}


def test_ratios_stand_first() -> None:
    tables = {one.name: one.table(RECORDS[one.name]) for one in CONTESTS}
    assert tables["scan"][2] == ["scan int8", "3.00", "12.00"]
    assert tables["search"][0][0] == "100,000 works"
    assert tables["search"][2] == ["snapshot", "0.050", "0.50", "0.9980", "3"]
    assert tables["copies"][1] == ["crop (42)", "90.0 (80 to 95)", "90.0 (80 to 95)"]
    assert tables["cluster"][2] == ["cluster", "1.10", "2.00", "110", "20"]
    assert tables["memory"][2] == ["400", "1.05", "0.73"]


def test_the_page_shows_what_was_measured(tmp_path: Path, browser: Browser) -> None:
    written = write_page(RECORDS, tmp_path)
    with visiting(browser, tmp_path.as_uri()) as visitor:
        page = visitor.new_page()
        page.goto(written.as_uri())
        assert page.locator("h2").count() == len(CONTESTS)
        pictures = page.locator("img").evaluate_all("all => all.map(one => one.naturalWidth)")
        assert min(pictures) > 0


def test_what_failed_is_said(tmp_path: Path) -> None:
    class Broken:
        name, options = "broken", ("benchmarks.command_that_is_not_there",)

    with pytest.raises(ContestFailed, match="command_that_is_not_there"):
        measured(Broken, tmp_path, tmp_path)  # type: ignore[arg-type]


def test_an_unknown_contest_is_wrong_usage(tmp_path: Path) -> None:
    options = ["--data", str(tmp_path), "--out", str(tmp_path), "--only", "speed"]
    assert CliRunner().invoke(command(main), options).exit_code == 2
