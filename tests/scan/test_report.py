import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.text import duration, file_size, percent, printable
from evidence import Verdict
from scan.histogram import bars
from scan.journal import Journal, Visit
from scan.layout import thumb
from scan.report import write_report
from serving.errors import SourceError
from serving.figures import ModelDescription
from serving.judge import Judged
from tests.scan.making import judged, judgement

VOID = {"meta", "link", "img", "wbr"}
IDENTITY = {"model": "m", "encoder": "e", "limits": "l", "paths": "p"}
MODEL = ModelDescription("m-<1>", "e:1", "fp32", (("AUROC <&>", "0.97"),))


class Page(HTMLParser):
    """A page whose tags must nest, with what a test asks of it."""

    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.path = path
        self.open: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.paths: list[str] = []
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
            assert given["loading"] == "lazy"
        if tag == "th":
            assert given["scope"] in {"row", "col"}
        if tag == "html":
            assert given["lang"] == "en"
        if tag == "bdi":
            self.paths.append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "bdi":
            self.paths[-1] += data


def report(out: Path, results: list[tuple[str, float]], errors: list[str]) -> dict[str, Page]:
    """Write a report over made-up rows, and read its pages."""
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
    files = [out / "report.html", *sorted((out / "report").glob("*.html"))]
    assert not list(out.rglob("*.part"))
    return {str(path.relative_to(out)): Page(path) for path in files}


@pytest.fixture(scope="module")
def thousand(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Page]:
    draw = np.random.default_rng(0)
    results = [(f"in/{i:04}.png", float(p)) for i, p in enumerate(draw.beta(0.5, 0.5, 1000))]
    return report(tmp_path_factory.mktemp("out"), results, [f"bad/{i:03}.png" for i in range(101)])


def test_every_row_is_on_one_page(thousand: dict[str, Page]) -> None:
    pages = [page for name, page in thousand.items() if "errors" not in name]
    assert len(pages) == 10
    paths = [path for page in pages for path in page.paths]
    assert sorted(paths) == [f"in/{i:04}.png" for i in range(1000)]
    numbers = [name for page in pages for name in page.ids if name.startswith("row-")]
    assert numbers == [f"row-{i + 1}" for i in range(1000)]
    assert all(len(page.paths) == 100 for page in pages)
    wrong = [path for name, page in thousand.items() if "errors" in name for path in page.paths]
    assert wrong == [f"bad/{i:03}.png" for i in range(101)]


def test_pages_are_small_and_stand_alone(thousand: dict[str, Page]) -> None:
    for page in thousand.values():
        assert page.path.stat().st_size < 200_000
        assert not {"script", "iframe", "object", "style", "form"} & set(page.tags)
        assert page.tags.count("h1") == page.tags.count("main") == 1
        for link in page.links:
            assert not re.match(r"[a-z]+:|//|/", link)
            place, _, anchor = link.partition("#")
            target = (page.path.parent / place) if place else page.path
            if "thumbs" in place:
                continue
            assert target.is_file()
            if anchor and target.suffix == ".html":
                assert f'id="{anchor}"' in target.read_text()
    style = thousand["report.html"].path.parent / "report" / "style.css"
    assert "url(" not in style.read_text()
    assert "@import" not in style.read_text()


def test_rows_are_sorted_and_bars_lead_to_them(thousand: dict[str, Page]) -> None:
    shown: list[float] = []
    for name, page in thousand.items():
        if "errors" not in name:
            text = page.path.read_text()
            found = re.findall(r'class="number">(.*?)<', text)
            shown += [
                100.0
                if value.startswith("&gt;")
                else 0.0
                if value.startswith("&lt;")
                else float(value.removesuffix(" %"))
                for value in found
            ]
    assert len(shown) == 1000
    assert shown == sorted(shown, reverse=True)
    first = thousand["report.html"].path.read_text()
    rows = [int(row) for row in re.findall(r'<a href="[^"]*#row-(\d+)"', first)]
    assert len(rows) == 20
    for index, row in enumerate(rows):
        # A bar's first row is below the bar's upper end, and the row before it is not.
        assert shown[row - 1] <= 5 * (index + 1) + 0.05
        assert row == 1 or shown[row - 2] >= 5 * (index + 1) - 0.05


def test_names_are_text_and_nothing_else(tmp_path: Path) -> None:
    names = [
        "in/<img src=x onerror=alert(1)>.png",
        'in/"><script>alert(1)</script>.png',
        "in/a&amp;b{{ 7 * 7 }}.png",
        "in/line\nbreak\x1b[31m.png",
        "in/" + "long" * 5000 + ".png",
    ]
    pages = report(tmp_path, [(name, 0.5) for name in names], ["<b>bad</b>.png"])
    first = pages["report.html"]
    assert "script" not in first.tags
    assert sorted(first.paths) == sorted(map(printable, names))
    assert names[0] in first.paths
    assert "7 * 7" in "".join(first.paths)
    assert first.path.stat().st_size < 20_000
    assert pages["report/errors-0001.html"].paths == ["<b>bad</b>.png"]


def test_report_says_what_a_score_is_not(tmp_path: Path) -> None:
    pages = report(tmp_path, [("a.png", 0.5)], [])
    text = pages["report.html"].path.read_text()
    assert "A score is not a verdict" in text
    assert "Inconclusive</em> is a full answer" in text
    assert "People decide" in text
    assert all(part in text for part in ["m-&lt;1&gt;", "e:1", "AUROC &lt;&amp;&gt;", "0.97"])
    assert list(pages) == ["report.html"]


def test_pages_of_an_earlier_report_go(tmp_path: Path) -> None:
    inside = tmp_path / "report"
    report(tmp_path, [(f"{i}.png", 0.5) for i in range(201)], ["bad.png"])
    assert {path.name for path in inside.glob("*.html")} == {
        *("page-0002.html", "page-0003.html", "errors-0001.html")
    }
    (inside / "page-0009.html").touch()
    report(tmp_path, [("a.png", 0.1)], [])
    assert not list(inside.glob("*.html"))


def test_bars() -> None:
    made = bars([5, 0, 250], 100)
    assert [(bar.count, bar.page, bar.row) for bar in made] == [
        (5, 3, 251),
        (0, 3, 251),
        (250, 1, 1),
    ]
    assert [bar.height for bar in made] == [0.02, 0.0, 1.0]
    assert [bar.height for bar in bars([0, 0], 100)] == [0.0, 0.0]


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
