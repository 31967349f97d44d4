"""The report as people use it: opened from its folder, in a browser."""

import csv
import random
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from core.text import printable
from evidence import CopyMatch, CopyVerdict, Reason, SimilarityEvidence, Verdict
from scan import layout
from scan.journal import Journal
from scan.records import Visit
from scan.report import write_report
from serving.errors import SourceError
from serving.figures import ModelDescription
from serving.stream import Judged
from tests.browser import DESK, PHONE, browser, problems, too_wide, visiting
from tests.scan.making import judged, judgement

__all__ = ["browser"]

MODEL = ModelDescription("m-1", "e:1", "fp32", (("AUROC", "0.97"),), ai_from=0.9, human_below=0.2)
WORK = "f" * 64
COPY = CopyMatch(
    work="/srv/secret/fox.jpg",
    creator="Ann <b>Example</b>",
    score=0.9,
    verdict=CopyVerdict.COPY,
    in_upload=None,
    in_work=None,
    mirrored=False,
    sha256=WORK,
    reason=Reason("points", "Points match."),
    work_id=7,
    creator_id=1,
)
ROWS = 120

NASTY = [
    "<img src=x onerror=document.title=1>",
    "\"><script>document.title='2'</script>",
    "'-alert(1)-'",
    "{{ 7 * 7 }}",
    "=HYPERLINK(1)",
    "a,b\r\nc",
    "\u202egnp",
    "\u2028</script>",
    "&lt;b&gt;",
    "__proto__",
    "constructor",
]


def hostile(count: int) -> list[str]:
    """Names of nasty parts in any order: without a slash, which would end a folder."""
    draw = random.Random(7)  # noqa: S311
    mixed = ("".join(draw.sample(NASTY, draw.randint(1, 4))) for _ in range(count))
    return [f"{number:03} {name}".replace("/", "\\") for number, name in enumerate(mixed)]


NAMES = hostile(ROWS)


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report over made-up rows: a third each AI, inconclusive and human; a copy, an error."""
    out = tmp_path_factory.mktemp("scan") / "out"
    source = out.parent / "in"
    (source / "deep").mkdir(parents=True)
    batch: list[Judged[Visit]] = []
    for number, name in enumerate(NAMES):
        place = source / "deep" if number % 2 else source
        probability = number / ROWS
        verdict = list(Verdict)[number % 3]
        near = SimilarityEvidence((COPY,), (), "index-1") if number == 7 else None
        of = judgement(
            f"{number:064x}", probability, verdict, reasons=(f"Why {name}.",), similarity=near
        )
        batch.append(judged(f"{place}/{name}", of))
        for thumb in [layout.thumb(of.image.sha256)]:
            draw(out / thumb)
    draw(source / "deep" / NAMES[7])
    draw(out / layout.work(WORK))
    batch.append(Judged(Visit(f"{source}/x.zip/bad.png", 9, 1, error=SourceError("It is bad."))))
    with closing(Journal.open(out / "journal", {}, resume=False)) as journal:
        journal.write(batch, 1.0)
        write_report(journal, out, MODEL, index="index-1", works=frozenset({WORK}))
    return out / layout.REPORT


def draw(place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (60, 40), "teal").save(place, "JPEG")


@contextmanager
def opened(browser: Browser, report: Path, to: str = "", **options: Any) -> Iterator[Page]:
    # The picture that a click opens lies beside the output folder.
    with visiting(browser, report.parent.parent.as_uri(), **options) as visitor:
        page = visitor.new_page()
        page.goto(f"{report.as_uri()}{to}")
        if options.get("java_script_enabled", True):
            listed(page)
        yield page


def listed(page: Page) -> None:
    """Wait until a list is there."""
    page.wait_for_function("() => performance.getEntriesByName('listed').length > 0")


def names(page: Page) -> list[str]:
    shown: list[str] = page.locator(".cards [data-text=name]").all_text_contents()
    return shown


def count(page: Page) -> str:
    return page.locator("[data-role=count]").inner_text()


def until(page: Page, role: str, words: str) -> None:
    """Wait until a part of the page says so."""
    page.wait_for_function(
        "([role, words]) => document.querySelector(`[data-role=${role}]`).textContent == words",
        arg=[role, words],
    )


def choose(page: Page, name: str, value: str) -> None:
    page.evaluate("performance.clearMarks()")
    page.select_option(f".controls [name={name}]", value)
    listed(page)


def test_names_of_strangers_are_text(browser: Browser, scanned: Path) -> None:
    with opened(browser, scanned, "#sort=name") as page:
        found = []
        for number in (1, 2, 3):
            page.evaluate("performance.clearMarks()")
            page.goto(f"{scanned.as_uri()}#sort=name&page={number}")
            listed(page)
            found += names(page)
            for text in page.locator(".cards .why li").all_text_contents():
                assert text.startswith(("Why 1", "Why 0", "Holds a copy", "It is bad"))
        assert sorted(found) == sorted([*map(printable, NAMES), "bad.png"])
        assert page.title() == "Scan of 121 images \u2013 Rakkan"
        assert page.locator(".cards script, .cards b").count() == 0


def test_what_a_person_must_look_at_comes_first_and_tiles_lead_to_lists(
    browser: Browser, scanned: Path
) -> None:
    with opened(browser, scanned) as page:
        assert count(page) == "121"
        assert names(page)[0] == printable(NAMES[7]), "a copy"
        page.evaluate("performance.clearMarks()")
        page.click(".tiles a >> text=40 >> nth=0")
        listed(page)
        assert count(page) == "40 of 121"
        assert set(page.locator(".cards [data-badge=verdict]").all_text_contents()) == {"AI"}
        page.go_back()
        until(page, "count", "121")
        page.evaluate("performance.clearMarks()")
        page.locator(".chart a").nth(19).click()
        listed(page)
        assert count(page) == "6 of 121"


def test_a_selection_is_narrowed_and_ordered(browser: Browser, scanned: Path) -> None:
    with opened(browser, scanned, "#verdict=human&sort=low") as page:
        shown = [float(one.split()[0]) for one in page.locator(".number").all_inner_texts()[1:-1]]
        assert shown == sorted(shown)
        assert count(page) == "40 of 121"
        choose(page, "folder", f"{scanned.parent.parent}/in/deep")
        half = count(page)
        assert half == "20 of 121"
        page.evaluate("performance.clearMarks()")
        page.fill("[name=name]", "hyperlink")
        page.wait_for_function(
            "(before) => document.querySelector('[data-role=count]').textContent != before",
            arg=half,
        )
        assert all("HYPERLINK" in name for name in names(page))
        page.click("text=Show all")
        until(page, "count", "121")
        choose(page, "creator", "Ann <b>Example</b>")
        assert names(page) == [printable(NAMES[7])]


PARTS = """() => {
  const [whole] = rakkan.index, cut = 70;
  // Each part numbers its values in its own way.
  const encoded = column => {
    const values = [...new Set(column)].reverse();
    return { values, codes: column.map(value => values.indexOf(value)) };
  };
  const part = (from, to) => Object.fromEntries(Object.entries(whole).map(([name, column]) => [
    name,
    name === "rows" ? to - from
      : Array.isArray(column) ? column.slice(from, to)
        : encoded(column.codes.slice(from, to).map(code => column.values[code])),
  ]));
  const one = new Rows([whole]), two = new Rows([part(0, cut), part(cut, whole.rows)]);
  const folder = one.folder.values.find(value => value.endsWith("deep"));
  const wanted = [
    {}, { verdict: "human", sort: "low" }, { folder, sort: "name" },
    { attention: "2" }, { likeness: "3" }, { from: "20", to: "40" }, { done: "no" },
  ];
  return wanted.map(selection => [one, two].map(rows => rows.select(selection, new Set())))
    .concat(COLUMNS.map(name => [one, two].map(rows => rows.counted(name))));
}"""


def test_rows_of_several_files_are_those_of_one(browser: Browser, scanned: Path) -> None:
    with opened(browser, scanned) as page:
        compared = page.evaluate(PARTS)
    assert len(compared) == 7 + 6
    for whole, parts in compared:
        assert whole == parts
    assert [len(whole) for whole, _ in compared[:7]] == [121, 40, 60, 40, 1, 24, 121]


def test_an_image_opens_beside_the_work_that_it_copies(browser: Browser, scanned: Path) -> None:
    with opened(browser, scanned, "#likeness=3") as page:
        page.click(".cards .preview")
        one = page.locator("#one")
        text = one.inner_text()
        assert "fox.jpg by Ann <b>Example</b>" in text
        assert "secret" not in page.content()
        assert "Points match." in text
        picture = one.locator("[data-role=picture]")
        page.wait_for_function("() => document.querySelector('#one figure img').naturalWidth == 60")
        assert "/in/deep/" in (picture.get_attribute("src") or "")
        page.wait_for_function("() => document.querySelector('#one .work').naturalWidth == 60")
        page.keyboard.press("Escape")
        assert not one.is_visible()
    with opened(browser, scanned, "#verdict=error") as page:
        page.click(".cards .card")
        assert page.locator("#one [data-href=original]").is_hidden(), "it lies in an archive"


def test_a_person_works_through_a_list_by_keys(browser: Browser, scanned: Path) -> None:
    with opened(browser, scanned, "#verdict=ai&sort=name") as page:
        done = [printable(NAMES[number]) for number in (0, 3, 6)]
        for _ in done:
            page.keyboard.press("j")
            page.keyboard.press("x")
        page.keyboard.press("k")
        page.keyboard.press("Enter")
        assert page.locator("#one").is_visible()
        assert page.locator("#one-title").inner_text() == done[1]
        page.keyboard.press("j")
        assert page.locator("#one-title").inner_text() == done[2]
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        assert page.locator("#help").is_visible()
        page.keyboard.press("Escape")
        page.reload()
        listed(page)
        choose(page, "done", "yes")
        assert names(page) == done
        choose(page, "done", "no")
        assert count(page) == "37 of 121"
        page.keyboard.press("/")
        page.keyboard.type("xj")
        assert page.input_value("[name=name]") == "xj"


def test_keys_go_on_over_the_ends_of_pages(browser: Browser, scanned: Path) -> None:
    with opened(browser, scanned, "#sort=name") as page:
        for _ in range(51):
            page.keyboard.press("j")
        until(page, "page", "page 2 of 3")
        page.wait_for_function("() => document.activeElement.matches('.card')")
        assert page.locator(".current [data-text=name]").inner_text() == printable(NAMES[50])
        page.keyboard.press("k")
        until(page, "page", "page 1 of 3")
        page.wait_for_function("() => document.activeElement.matches('.card')")
        assert page.locator(".current [data-text=name]").inner_text() == printable(NAMES[49])


def test_a_selection_is_exported(browser: Browser, scanned: Path, tmp_path: Path) -> None:
    with opened(browser, scanned, "#verdict=ai&sort=name") as page:
        page.keyboard.press("j")
        page.keyboard.press("x")
        with page.expect_download() as download:
            page.click("text=Export as CSV")
        download.value.save_as(tmp_path / "a.csv")
        with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    assert [row["path"].rpartition("/")[2] for row in rows] == [
        printable(NAMES[number]) for number in range(0, ROWS, 3)
    ]
    assert [row["sha256"] for row in rows] == [f"{number:064x}" for number in range(0, ROWS, 3)]
    assert {row["verdict"] for row in rows} == {"ai"}
    assert [row["done"] for row in rows] == ["yes"] + ["no"] * 39
    assert not any(value[:1] in ("=", "+", "@") for row in rows for value in row.values())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_it_everywhere(browser: Browser, scanned: Path, scheme: str) -> None:
    # Axe reads the style sheet, which the page's own policy forbids its scripts.
    look = {"color_scheme": scheme, "bypass_csp": True}
    for viewport in (DESK, PHONE):
        with opened(browser, scanned, viewport=viewport, **look) as page:
            assert too_wide(page) == 0
            assert problems(page) == []
            card = page.locator(".card").first
            for part in ("[data-badge=verdict]", ".number", ".why li"):
                box = card.locator(part).first.bounding_box()
                assert box is not None
                assert 0 <= box["x"] <= box["x"] + box["width"] <= viewport["width"]
            page.click(".cards .preview")
            assert too_wide(page) == 0
            assert problems(page) == []


def test_without_scripts_the_first_images_are_there(browser: Browser, scanned: Path) -> None:
    with opened(browser, scanned, java_script_enabled=False) as page:
        assert len(names(page)) == 100
        assert page.locator(".controls").is_hidden()
        assert "Without scripts this page shows the 100 images" in page.inner_text("main")
