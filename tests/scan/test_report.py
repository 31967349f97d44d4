"""The report's page without its scripts, and the files that they load."""

import json
import re
from dataclasses import fields
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import duration, file_size, percent, printable
from evidence import Verdict
from pages.scan import SCRIPTS
from scan.cards import Card, Dealer
from scan.columns import CARDS, card_columns, index_columns, write_columns
from scan.histogram import bars
from scan.journal import Journal
from scan.layout import thumb
from scan.listing import Attention, Listing
from scan.records import Listed, Visit
from scan.report import write_report
from scan.schema import ScanRow
from serving.errors import SourceError
from serving.figures import ModelDescription
from serving.stream import Judged
from tests.scan.making import judged, judgement

VOID = {"meta", "link", "img", "wbr", "input"}
IDENTITY = {"model": "m", "encoder": "e", "limits": "l", "paths": "p"}
MODEL = ModelDescription(
    "m-<1>", "e:1", "fp32", (("AUROC <&>", "0.97"),), ai_from=0.963, human_below=0.184
)


class Page(HTMLParser):
    """A page whose tags must nest, with what a test asks of it."""

    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.path = path
        self.open: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.names: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        given = dict(attrs)
        assert len(given) == len(attrs)
        assert not any(name.startswith("on") for name in given)
        self.links += [value for name in ("href", "src") if (value := given.get(name))]
        self.ids += [value for value in [given.get("id")] if value]
        if tag == "img":
            assert given["alt"]
        if tag == "th":
            assert given["scope"] in {"row", "col"}
        if tag == "html":
            assert given["lang"] == "en"
        self.naming = given.get("data-text") == "name"
        if self.naming:
            self.names.append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "bdi" and self.naming:
            self.names[-1] += data


def filled(out: Path, results: list[tuple[str, float]], errors: list[str]) -> Path:
    """Write a report over made-up rows; gives its page."""
    journal = Journal.open(out, IDENTITY, resume=True)
    batch = []
    for number, (path, probability) in enumerate(results):
        verdict = Verdict.AI if probability > 0.9 else Verdict.INCONCLUSIVE
        reasons = ("It <b>may</b> be. " * 8,)
        of = judgement(f"{number:064x}", probability, verdict, reasons=reasons)
        batch.append(judged(path, of))
    error = SourceError("It <i>cannot</i> be read.")
    batch += [Judged(Visit(path, None, None, error=error)) for path in errors]
    batch.append(Judged(Visit("notes.txt", 1, 1, skipped=True)))
    journal.write(batch, 3.0)
    write_report(journal, out, MODEL)
    journal.close()
    assert not list(out.rglob("*.part"))
    return out / "report.html"


def called(script: Path) -> dict[str, Any]:
    """With what a script file calls."""
    found = re.fullmatch(
        r"rakkan\.(?:index\.push\(|cards\[\d+\] = )(.*?)\)?;\n", script.read_text()
    )
    assert found
    columns: dict[str, Any] = json.loads(found[1])
    return columns


def row_values(column: dict[str, Any]) -> list[Any]:
    """The values of a column, row by row."""
    return [column["values"][code] for code in column["codes"]]


def test_every_row_stands_in_the_files_once_those_for_a_person_first(tmp_path: Path) -> None:
    results = [(f"in/{i:04}.png", i / 1000) for i in range(1000)]
    page = Page(filled(tmp_path, results, [f"bad/{i:03}.png" for i in range(101)]))
    assert len(page.names) == 100 + 2, "the first hundred, the template and the dialog"
    (index,) = map(called, sorted((tmp_path / "report").glob("index-*.js")))
    cards = list(map(called, sorted((tmp_path / "report").glob("cards-*.js"))))
    names = [name for part in cards for name in row_values(part["name"])]
    assert index["name"] == names
    assert (
        sorted(names)
        == sorted(Path(path).name for path, _ in results) + [f"{i:03}.png" for i in range(101)]
        or len(names) == 1101
    )
    assert page.names[:100] == names[:100]
    urgent = [Attention(value) for value in index["attention"]]
    assert urgent == sorted(urgent, reverse=True)
    assert urgent.count(Attention.INCONCLUSIVE) == 901
    assert urgent.count(Attention.ERROR) == 101
    shown = [value for value in index["probability"] if value >= 0]
    assert shown[:901] == sorted(shown[:901], reverse=True)
    assert len(set(index["key"])) == 1101
    assert set(map(len, index["key"])) == {8}
    assert row_values(index["verdict"]).count("error") == 101
    assert set(row_values(index["folder"])) == {"in", "bad"}


def test_many_rows_stand_in_several_files(tmp_path: Path) -> None:
    (tmp_path / "report").mkdir()
    rows = (Listed(ScanRow(path=f"{i:05}"), Listing(attention=1)) for i in range(1700))
    written = write_columns(
        rows, tmp_path, Dealer(tmp_path, MODEL, frozenset()), first=7, at_once=1000
    )
    assert (written.rows, written.indices) == (1700, 2)
    assert [card.name for card in written.first] == [f"{i:05}" for i in range(7)]
    for kind, sizes in (("index", [1000, 700]), ("cards", [500, 500, 500, 200])):
        files = sorted((tmp_path / "report").glob(f"{kind}-*.js"))
        parts = list(map(called, files))
        names = [part["name"] if kind == "index" else row_values(part["name"]) for part in parts]
        assert list(map(len, names)) == sizes
        assert [name for part in names for name in part] == [f"{i:05}" for i in range(1700)]


def test_scripts_count_as_the_files_do() -> None:
    (reading, *_) = SCRIPTS
    assert f"const CARDS = {CARDS};" in reading.read_text()


def test_the_page_stands_alone(tmp_path: Path) -> None:
    page = Page(filled(tmp_path, [("in/a.png", 0.5), ("in/b.png", 0.95)], ["c.png"]))
    text = page.path.read_text()
    (policy,) = re.findall(r'Content-Security-Policy" content="(.*?)"', text)
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none';")
    assert not re.search(r"\sstyle=|<style|<script(?! src=)|javascript:", text)
    assert page.tags.count("h1") == page.tags.count("main") == 1
    for link in page.links:
        assert not re.match(r"[a-z]+:|//|/", link)
        place, _, anchor = link.partition("#")
        if not place:
            assert "=" in anchor or f'id="{anchor}"' in text
        elif "thumbs" not in place and not place.startswith("../"):
            assert (tmp_path / place).is_file()
    for script in (tmp_path / "report").glob("[a-z]*.js"):
        assert not re.search(
            r"innerHTML|insertAdjacent|eval\(|fetch\(|import\(", script.read_text()
        )


HOSTILE = [
    "in/<img src=x onerror=alert(1)>.png",
    'in/"><script>alert(1)</script>.png',
    "in/a&amp;b{{ 7 * 7 }}.png",
    "in/line\nbreak\x1b[31m.png",
    "in/" + "long" * 5000 + ".png",
    "in/\u202egnp.exe",
    "__proto__",
]


def test_names_are_text_and_nothing_else(tmp_path: Path) -> None:
    page = Page(filled(tmp_path, [(name, 0.5) for name in HOSTILE], ["<b>bad.png"]))
    shown = [printable(name.rpartition("/")[2]) for name in HOSTILE]
    assert sorted(page.names[:-2]) == sorted([*shown, "<b>bad.png"])
    assert page.tags.count("script") == 4
    assert "b" not in page.tags
    assert "i" not in page.tags
    assert page.path.stat().st_size < 60_000


@given(st.lists(st.tuples(st.text(), st.text(), st.none() | st.text()), max_size=5))
def test_any_text_comes_through_a_script_file_as_it_is(
    tmp_path_factory: pytest.TempPathFactory, texts: list[tuple[str, str, str | None]]
) -> None:
    out = tmp_path_factory.getbasetemp() / "any"
    (out / "report").mkdir(parents=True, exist_ok=True)
    rows = [
        Listed(
            ScanRow(
                path=name.encode("utf-8", "replace").decode(),
                sha256="0" * 64,
                ai_verdict="ai",
                evidence="stated",
                ai_probability=0.5,
                generator=generator,
                reasons=(reason,),
            ),
            Listing(told=1),
        )
        for name, reason, generator in texts
    ]
    deal = Dealer(out, MODEL, frozenset())
    write_columns(rows, out, deal, first=0)
    if rows:
        assert called(out / "report/index-0001.js") == index_columns(rows)
        cards = called(out / "report/cards-0001.js")
        assert cards == json.loads(json.dumps(card_columns(list(map(deal.card, rows)))))
        assert list(cards) == [field.name for field in fields(Card)]
        assert row_values(cards["generator"]) == [
            None if one is None else printable(one) for _, _, one in texts
        ]


def test_report_says_what_a_score_is_not(tmp_path: Path) -> None:
    text = filled(tmp_path, [("a.png", 0.5)], []).read_text()
    assert "A score is not a verdict" in text
    assert "Inconclusive</em> is a full answer" in text
    assert "People decide" in text
    assert all(part in text for part in ["m-&lt;1&gt;", "e:1", "AUROC &lt;&amp;&gt;", "0.97"])
    assert "human below 18.4 %, AI from 96.3 % on" in text
    assert "<summary>Which</summary>" in text, "which files are no images"
    assert "notes.txt" in text


def test_files_of_an_earlier_report_go(tmp_path: Path) -> None:
    inside = tmp_path / "report"
    filled(tmp_path, [("a.png", 0.1)], [])
    for stale in ("page-0002.html", "cards-0009.js", "index-0009.js"):
        (inside / stale).touch()
    filled(tmp_path, [("a.png", 0.1)], [])
    assert {path.name for path in inside.iterdir()} == {
        *("index-0001.js", "cards-0001.js", "style.css"),
        *(script.name for script in SCRIPTS),
    }


def test_an_id_names_a_scan_however_often_it_is_resumed(tmp_path: Path) -> None:
    def scan_of(folder: str) -> str:
        (found,) = re.findall(
            r'data-scan="(\w{32})"', filled(tmp_path / folder, [], []).read_text()
        )
        return str(found)

    assert scan_of("a") == scan_of("a") != scan_of("b")


def row(**values: Any) -> ScanRow:
    given = {"ai_probability": 0.5, "ai_verdict": "inconclusive", "evidence": "inferred", **values}
    return ScanRow(path="in/a.png", sha256="0" * 64, **given)


@pytest.mark.parametrize(
    ("of", "level"),
    [
        (row(ai_probability=0.97, ai_verdict="ai"), "AI from 96.3 % on"),
        (row(ai_probability=0.1, ai_verdict="human"), "human below 18.4 %"),
        (row(), "AI from 96.3 % on, human below 18.4 %"),
        (row(ai_probability=0.97), "AI from 96.3 % on, human below 18.4 %: withheld"),
        (row(ai_probability=0.02), "AI from 96.3 % on, human below 18.4 %: withheld"),
        (
            row(ai_probability=0.99, ai_verdict="ai", evidence="stated", pixel_probability=0.3),
            "the pixels alone: 30.0 %",
        ),
    ],
)
def test_a_card_says_where_verdicts_begin(of: ScanRow, level: str, tmp_path: Path) -> None:
    assert Dealer(tmp_path, MODEL, frozenset()).card(Listed(of, Listing())).level == level


def test_a_card_leads_to_the_picture_where_it_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "in" / "a b#").mkdir(parents=True)
    (tmp_path / "in" / "x.zip").touch()
    deal = Dealer(tmp_path / "out", MODEL, frozenset({"1" * 64}))

    def card(path: Path, **listing: Any) -> Card:
        return deal.card(Listed(ScanRow(path=str(path)), Listing(**listing)))

    assert card(tmp_path / "in/a b#/<x>?.png").original == "../in/a%20b%23/%3Cx%3E%3F.png"
    assert card(tmp_path / "in/x.zip/a.png").original is None
    assert card(tmp_path / "in/gone/a.png").original is None
    assert card(tmp_path / "in/\\udcff.png").original is None
    beside = Listing(likeness=3, work="/srv/works/<fox>.png", work_sha256="1" * 64)
    found = deal.card(Listed(row(), beside))
    assert (found.work, found.likeness_words) == ("<fox>.png", "Copy")
    assert found.work_thumb == f"report/works/11/{'1' * 64}.jpg"
    gone = deal.card(Listed(row(), Listing(likeness=3, work="a", work_sha256="2" * 64)))
    assert (gone.work, gone.work_thumb) == ("a", None)


def test_bars() -> None:
    made = bars([5, 0, 250])
    assert [bar.count for bar in made] == [5, 0, 250]
    assert [bar.height for bar in made] == [0.02, 0.0, 1.0]
    assert [bar.height for bar in bars([0, 0])] == [0.0, 0.0]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (percent(0.9996), "> 99.9 %"),
        (percent(0.0), "< 0.1 %"),
        (percent(0.5), "50.0 %"),
        (duration(4.21), "4.2 s"),
        (duration(185), "3 min 5 s"),
        (duration(7800), "2 h 10 min"),
        (file_size(999), "999 B"),
        (file_size(14_200), "14 kB"),
        (file_size(2_345_678), "2.3 MB"),
        (thumb("ab12"), "report/thumbs/ab/ab12.jpg"),
    ],
)
def test_wording(made: Any, expected: str) -> None:
    assert made == expected
