"""What README, CONTRIBUTING and `docs/` promise: they build, lead somewhere, leave nothing out."""

import importlib.util
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import lxml.html
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer.main

import detector.verdict
import rakkan
from cli.app import app
from docs.hooks import BESIDE
from docs.tables import error_classes, inner_commands
from evidence.document import SCHEMA_FILE
from evidence.wording.templates import TEMPLATES
from scan.schema import parquet_schema
from serving.settings import PREFIX, Settings
from tests.scan.making import picture, write_folder

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
DOCUMENTS = (
    *sorted(ROOT.glob("*.md")),
    *sorted(ROOT.glob("docs/**/*.md")),
    *sorted(ROOT.glob("models/**/*.md")),
)
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def texts() -> Iterator[tuple[str, str]]:
    for document in DOCUMENTS:
        yield document.relative_to(ROOT).as_posix(), document.read_text()


def fenced(language: str, text: str) -> list[str]:
    return [body for name, body in FENCE.findall(text) if name == language]


@cache
def command_lines() -> tuple[tuple[str, str], ...]:
    """The lines of all shell examples, each with its document."""
    return tuple(
        (name, line)
        for name, text in texts()
        for body in fenced("sh", text)
        for line in body.replace("\\\n", " ").splitlines()
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documentation as `make docs` builds it, where every warning is an error."""
    built = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", built],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return built


def page(site: Path, name: str) -> str:
    """The words of a built page."""
    (content,) = lxml.html.parse(site / f"{name}.html").getroot().find_class("md-content")
    return str(content.text_content())


def test_every_page_is_built(site: Path) -> None:
    for document in ROOT.glob("docs/**/*.md"):
        built = site / document.relative_to(ROOT / "docs").with_suffix(".html")
        assert built.exists(), f"{document.name} is not in mkdocs.yml"
    for name in BESIDE:
        assert (site / name).with_suffix(".html").exists()
    assert not list(site.rglob("*.py"))


def test_pages_load_nothing_from_elsewhere(site: Path) -> None:
    loading = "//*[@src]/@src | //link[not(@rel='canonical')]/@href"
    for built in site.rglob("*.html"):
        for target in lxml.html.parse(built).xpath(loading):
            assert not re.match(r"(https?:)?//", target), f"{built.name}: {target}"
    for sheet in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*['\"]?(https?:)?//", sheet.read_text())


def test_links_lead_somewhere() -> None:
    for name, text in texts():
        for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)", text):
            place = (ROOT / name).parent / target if target else ROOT / name
            assert place.exists(), f"{name}: {target}"
            # Headings that are made at the build stand in the page that is built; see `site`.
            if anchor and "<!-- table: " not in place.read_text():
                assert anchor in anchors(place), f"{name}: {target}#{anchor}"


@cache
def anchors(document: Path) -> frozenset[str]:
    """What GitHub makes of the headings."""
    text = FENCE.sub("", document.read_text())
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return frozenset(
        re.sub(r"[^\w\- ]", "", one).strip().lower().replace(" ", "-") for one in headings
    )


def test_paths_exist() -> None:
    """Every path of the repository in backticks is there; others are the reader's own."""
    ours = {place.name for place in ROOT.iterdir() if place.is_dir() and place.name[0] != "."}
    for name, text in texts():
        if name.endswith("CHANGELOG.md"):
            continue  # says what was
        for path in re.findall(r"`((?:[\w.-]+/)+[\w.*-]*)`", FENCE.sub("", text)):
            if path.endswith(".py") or path.split("/")[0] in ours - {"out"}:
                assert any(ROOT.glob(path)), f"{name}: {path}"


def test_examples_name_commands_and_options_that_exist() -> None:
    seen = 0
    for name, line in command_lines():
        words = shlex.split(line, comments=True)
        while words and "=" in words[0]:
            words.pop(0)
        if not words or Path(words[0]).name != "rakkan":
            continue
        command: Any = typer.main.get_command(app)
        rest = words[1:]
        while inner := inner_commands(command):
            if rest[0].startswith("-"):
                break
            assert rest[0] in inner, f"{name}: {line}"
            command = inner[rest.pop(0)]
        known = {one for each in command.params for one in (*each.opts, *each.secondary_opts)}
        asked = {word.partition("=")[0] for word in rest if word.startswith("--")}
        assert asked <= known | {"--help", "--version"}, f"{name}: {line}"
        seen += 1
    assert seen > 20


def test_examples_run_modules_and_targets_that_exist() -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for name, line in command_lines():
        for module in re.findall(r"python -m (\S+)", line):
            assert importlib.util.find_spec(module), f"{name}: {line}"
        for target in re.findall(r"^make (\w+)", line):
            assert target in targets, f"{name}: {line}"


def test_every_command_is_shown() -> None:
    shown = README.read_text()
    for name in inner_commands(typer.main.get_command(app)):
        assert f"`rakkan {name}`" in shown, name


def test_every_option_is_documented(site: Path) -> None:
    words = page(site, "commands")

    def walk(command: Any, path: str) -> None:
        for one in command.params:
            for option in one.opts if one.param_type_name == "option" else ():
                assert getattr(one, "hidden", False) or option in words, f"{path} {option}"
        for name, inner in inner_commands(command).items():
            assert f"{path} {name}" in words
            walk(inner, f"{path} {name}")

    walk(typer.main.get_command(app), "rakkan")


def test_the_verdict_table_is_that_of_the_code() -> None:
    def rows(text: str) -> list[str]:
        return re.findall(r"^\| .* \|$", text.replace("`", ""), re.MULTILINE)

    assert detector.verdict.__doc__ is not None
    documented = rows((ROOT / "docs/files.md").read_text())
    assert [row for row in rows(detector.verdict.__doc__) if row not in documented] == []


def test_every_setting_is_documented() -> None:
    read = subprocess.run(
        ["git", "grep", "-ohE", r"\bRAKKAN_[A-Z_]*[A-Z]\b", "--", "*.py", "Makefile"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    documented = (ROOT / "docs/settings.md").read_text()
    variables = {PREFIX + name.upper() for name in Settings.model_fields}
    for variable in sorted(variables | set(read.stdout.split())):
        assert f"| `{variable}` |" in documented, variable


def test_every_error_is_documented(site: Path) -> None:
    words = re.findall(r"\w+", page(site, "errors"))
    assert len(error_classes()) > 20
    of_the_command = re.findall(r'Failure\("(\w+)"', (ROOT / "cli/failures.py").read_text())
    for code in {*of_the_command, *(kind.code for kind in error_classes())}:
        assert code in words, code


def test_every_reason_code_is_documented(site: Path) -> None:
    words = page(site, "reasons").split()
    for code in TEMPLATES:
        assert code in words, code


def test_every_field_of_the_document_is_documented(site: Path) -> None:
    words = page(site, "score").split()
    schema = json.loads(SCHEMA_FILE.read_text())
    for kind in (schema, *schema["$defs"].values()):
        for field in kind.get("properties", ()):
            assert field in words, field


def test_every_public_name_is_documented(site: Path) -> None:
    words = page(site, "python")
    for name in rakkan.__all__:
        assert name in words, name


def test_python_is_used_as_shown(encoder_cache: Path, tmp_path: Path) -> None:
    write_folder(tmp_path, {"upload.png": picture(1), "archive/a.png": picture(2)})
    write_folder(tmp_path, {"archive/b.png": b"no image"})
    (snippet,) = fenced("python", (ROOT / "docs/python.md").read_text())
    done = subprocess.run(
        [sys.executable, "-c", snippet], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "pixels_" in done.stdout or "too_plain" in done.stdout
    assert "b.png" in done.stdout


def test_every_column_is_documented() -> None:
    text = (ROOT / "docs/scan.md").read_text()
    table = text[text.index("## The table") :]
    rows = re.findall(r"^\| (`[^|]*) \|", table, re.MULTILINE)
    documented = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert sorted(documented) == sorted(parquet_schema().names)


def test_readme_is_short_and_begins_with_a_picture() -> None:
    lines = README.read_text().splitlines()
    assert len(lines) < 250
    assert lines[2].startswith("![")


@pytest.mark.parametrize("number", [0, 1], ids=["pandas", "duckdb"])
def test_readme_reads_the_table(number: int, tmp_path: Path) -> None:
    scan = tmp_path / "out/scan"
    scan.mkdir(parents=True)
    rows = [
        {"path": "a.png", "ai_verdict": "ai", "evidence": "stated", "generator": "Midjourney"},
        {"path": "b.png", "ai_verdict": "inconclusive", "evidence": "inferred", "pixel_score": 1.5},
        {"path": "c.png", "ai_verdict": "human", "copy_of": "w.png", "copy_creator": "Ann"},
        {"path": "d.png", "error": "the file is empty"},
    ]
    pq.write_table(pa.Table.from_pylist(rows, parquet_schema()), scan / "results.parquet")
    snippet = fenced("python", README.read_text())[number]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", snippet], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    if number == 0:
        assert "Midjourney" in done.stdout
        assert "w.png" in done.stdout
        assert "b.png" in (tmp_path / "queue.json").read_text()
    else:
        assert "inconclusive" in done.stdout
