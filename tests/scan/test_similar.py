import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from lxml import html
from PIL import Image

from evidence import SimilarityEvidence
from scan import scan
from scan.errors import IndexChangedError, OtherScanError
from similarity.errors import StateEnded
from tests.fakes import FakeSearcher, fake_judge

COLOURS = {
    "red": (255, 0, 0),
    "pink": (255, 200, 190),
    "blue": (0, 0, 255),
    "green": (0, 255, 0),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, colour in COLOURS.items():
        pixels = np.full((40, 40, 3), colour, np.uint8)
        Image.fromarray(pixels).save(folder / f"{name}.png")
    (folder / "bad.png").write_bytes(b"")
    return folder


def run(folder: Path, out: Path, **options: Any) -> dict[str, dict[str, Any]]:
    judge = fake_judge(similarity=options.pop("similarity", None))
    summary = scan([folder], out, judge, **options)
    rows = pq.read_table(summary.results).to_pylist()
    return {Path(row["path"]).stem: row for row in rows}


def test_columns_say_what_was_found(folder: Path, tmp_path: Path) -> None:
    searcher = FakeSearcher()
    found = run(folder, tmp_path / "out", similarity=searcher, account="7")
    red, pink, blue, green, bad = (found[name] for name in ("red", "pink", "blue", "green", "bad"))
    assert (red["copy_of"], red["copy_creator"]) == ("works/<red>.png", "Scarlett & Co")
    assert red["copy_score"] > 0.8
    assert "Holds a copy of <red>.png by Scarlett & Co: It is red." in red["reasons"]
    assert (pink["copy_of"], pink["copy_score"]) == (None, None)
    assert pink["copy_to_review"] == "works/<red>.png"
    assert (blue["creator_verdict"], blue["nearest_creators"]) == ("close", ["Azure"])
    assert blue["creator_score"] > 0.9
    assert (green["creator_verdict"], green["nearest_creators"]) == ("none", ["Azure"])
    assert green["reasons"] == ["The red is 0.00."]
    assert {row["index_name"] for name, row in found.items() if name != "bad"} == {"index-1"}
    columns = ("copy_of", "nearest_creators", "creator_verdict", "index_name")
    assert [bad[name] for name in columns] == [None] * 4
    expected = {
        (hashlib.sha256((folder / f"{name}.png").read_bytes()).hexdigest(), "7") for name in COLOURS
    }
    assert set(searcher.asked) == expected


def test_the_report_shows_copies_first(folder: Path, tmp_path: Path) -> None:
    run(folder, tmp_path / "out", similarity=FakeSearcher())
    first = html.parse(tmp_path / "out" / "report.html")
    tiles = {
        tile.findtext("dt"): tile.find("dd").text_content()
        for tile in first.findall(".//dl[@class='tiles']/div")
    }
    assert [tiles[name] for name in ("Copies", "Close in style", "To compare")] == ["1", "1", "1"]
    page = tmp_path / "out" / "report" / "similar-0001.html"
    links = [link.get("href") for link in first.findall(".//a")]
    assert links.count("report/similar-0001.html") == 4
    table = html.parse(page)
    names = [cell.text_content() for cell in table.findall(".//tbody//th")]
    assert [Path(name).stem for name in names] == ["red", "blue", "pink"]
    assert "<red>.png" in table.find(".//tbody/tr").text_content()
    assert "index-1" in table.find(".//footer").text_content()


def test_without_an_index_nothing_is_said(folder: Path, tmp_path: Path) -> None:
    found = run(folder, tmp_path / "out")
    for row in found.values():
        assert row["nearest_creators"] is None
        assert row["creator_verdict"] is None
        assert row["copy_of"] is None
    text = (tmp_path / "out" / "report.html").read_text()
    assert "Copies" not in text
    assert not list((tmp_path / "out" / "report").glob("similar-*"))


def test_a_scan_goes_on_with_the_same_state_of_the_index_only(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(folder, out, similarity=FakeSearcher())
    run(folder, out, similarity=FakeSearcher(), resume=True)
    for options in (
        {"similarity": FakeSearcher("index-2")},
        {"similarity": FakeSearcher(), "account": "7"},
        {},
    ):
        with pytest.raises(OtherScanError, match=r"index|account"):
            run(folder, out, resume=True, **options)


def test_a_scan_ends_when_works_are_taken_out_of_its_index(folder: Path, tmp_path: Path) -> None:
    class Ending(FakeSearcher):
        def search(self, *_: Any, **__: Any) -> SimilarityEvidence:
            raise StateEnded

    with pytest.raises(IndexChangedError, match="another folder"):
        run(folder, tmp_path / "out", similarity=Ending())
