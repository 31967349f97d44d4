"""Every benchmark can be started, and says in one line what it lacks."""

import importlib
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import benchmarks
from benchmarks.command import command, run, write
from core.errors import RakkanError

FOLDER = Path(benchmarks.__file__).parent
STARTED = sorted(path.stem for path in FOLDER.glob("*.py") if "    run(main)" in path.read_text())


def test_the_benchmarks_are_found() -> None:
    assert {"against", "copies", "encoder", "scan", "search", "styles"} <= set(STARTED)


@pytest.mark.parametrize("name", STARTED)
def test_help_says_what_is_measured(name: str) -> None:
    module = importlib.import_module(f"benchmarks.{name}")
    found = CliRunner().invoke(command(module.main), ["--help"])
    assert found.exit_code == 0
    assert module.__doc__.split()[0] in found.output
    assert "--out" in found.output


@pytest.mark.parametrize(
    "name",
    ["accounts", "copies", "human_claims", "readers", "replacing", "search", "styles", "watermark"],
)
def test_images_that_are_not_named_are_asked_for(name: str) -> None:
    module = importlib.import_module(f"benchmarks.{name}")
    found = CliRunner(env={"RAKKAN_DATA": None}).invoke(command(module.main), [])
    assert found.exit_code == 2
    assert "RAKKAN_DATA" in found.output.splitlines()[-1]


def _fails() -> None:
    raise RakkanError("it cannot be")


def test_what_cannot_be_is_one_line() -> None:
    with pytest.raises(SystemExit, match=r"^test_command: it cannot be$"):
        run(_fails, [])


def test_figures_are_written_where_that_is_asked_for(tmp_path: Path) -> None:
    write(None, {"a": 1})
    write(tmp_path / "new" / "out.json", {"a": 1})
    assert json.loads((tmp_path / "new" / "out.json").read_text()) == {"a": 1}
