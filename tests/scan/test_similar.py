import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from lxml import html
from PIL import Image

from evidence import SimilarityEvidence
from imaging import Limits
from scan import layout, scan
from scan.errors import IndexChangedError, OtherScanError
from scan.works import show_works
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


def test_the_report_shows_what_is_like_enrolled_works(folder: Path, tmp_path: Path) -> None:
    run(folder, tmp_path / "out", similarity=FakeSearcher())
    page = html.parse(tmp_path / "out" / "report.html")
    tiles = {
        tile.findtext("dt"): tile.find("dd").text_content()
        for tile in page.findall(".//dl[@class='tiles']/div")
    }
    assert [tiles[name] for name in ("Copies", "Close in style", "To compare")] == ["1", "1", "1"]
    links = [link.get("href") for link in page.findall(".//a")]
    assert {"#likeness=3", "#likeness=2", "#likeness=1"} <= set(links)
    cards = page.findall(".//ol/li")
    names = [card.find(".//h3").text_content() for card in cards]
    assert names[0] == "red.png", "an urgent one: it holds a copy"
    assert cards[0].xpath(".//*[@data-text='work']/text()") == ["<red>.png"]
    assert "works/" not in cards[0].text_content()
    assert "Holds a copy" in cards[0].xpath(".//ul[@data-list='told']/li")[0].text_content()
    assert "index-1" in page.find(".//footer").text_content()


def test_works_are_shown_while_their_files_lie_where_they_were(tmp_path: Path) -> None:
    place = tmp_path / "a.png"
    Image.new("RGB", (40, 30), "red").save(place)
    works = [(str(place), hashlib.sha256(place.read_bytes()).hexdigest()), ("gone.png", "0" * 64)]
    stale = tmp_path / layout.work("1" * 64)
    stale.parent.mkdir(parents=True)
    stale.touch()
    shown = show_works(works, tmp_path, Limits(), 2)
    assert shown == {works[0][1]}
    assert (tmp_path / layout.work(works[0][1])).read_bytes().startswith(b"\xff\xd8")
    assert not stale.exists(), "a work that is looked for no more is shown no more"
    place.unlink()
    assert show_works(works, tmp_path, Limits(), 2) == shown, "what lies there stays"
    assert show_works([], tmp_path, Limits(), 2) == frozenset()
    assert not list(tmp_path.rglob("*.jpg"))


def test_without_an_index_nothing_is_said(folder: Path, tmp_path: Path) -> None:
    found = run(folder, tmp_path / "out")
    for row in found.values():
        assert row["nearest_creators"] is None
        assert row["creator_verdict"] is None
        assert row["copy_of"] is None
    text = (tmp_path / "out" / "report.html").read_text()
    assert "Copies" not in text
    assert "with-works" not in text


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
