"""The notebooks run from top to bottom on what they draw themselves, and are committed clean."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parent.parent.parent
NOTEBOOKS = sorted(ROOT.glob("notebooks/*.ipynb"))
OUTSIDE = ("http://", "https://", "pip install", "%pip", "!")
"""What would reach for the network or a shell."""


def read(notebook: Path) -> Any:
    return nbformat.read(notebook, as_version=4)


def code(notebook: Path) -> list[Mapping[str, Any]]:
    return [cell for cell in read(notebook).cells if cell.cell_type == "code"]


def by_name(notebook: Path) -> str:
    return notebook.stem


def test_each_is_in_the_index() -> None:
    index = (ROOT / "notebooks/README.md").read_text()
    assert NOTEBOOKS
    for notebook in NOTEBOOKS:
        assert f"({notebook.name})" in index


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=by_name)
def test_is_committed_without_outputs(notebook: Path) -> None:
    for cell in code(notebook):
        assert not cell["outputs"]
        assert cell["execution_count"] is None
        assert not cell["metadata"]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=by_name)
def test_begins_with_its_title_and_reads_real_images_where_there_are_any(notebook: Path) -> None:
    first, *_ = read(notebook).cells
    assert first.source.startswith("# ")
    assert "RAKKAN_DATA" in first.source
    assert any("RAKKAN_DATA" in cell["source"] for cell in code(notebook))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=by_name)
def test_holds_no_logic_and_reaches_for_nothing(notebook: Path) -> None:
    for cell in code(notebook):
        for line in cell["source"].splitlines():
            assert not line.lstrip().startswith(("def ", "class ", "while ", *OUTSIDE)), line


def beside() -> list[Path]:
    """What lies where a notebook runs; hidden folders are of tools that run meanwhile."""
    return [*sorted(ROOT.glob("[!.]*")), *sorted(ROOT.glob("notebooks/[!.]*"))]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=by_name)
def test_runs_from_top_to_bottom(notebook: Path, encoder_cache: Path, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "RAKKAN_DATA"}
    before = beside()
    done = NotebookClient(
        read(notebook),
        timeout=600,
        kernel_name="python3",
        resources={"metadata": {"path": str(ROOT)}},
    ).execute(env=environment | {"TMPDIR": str(tmp_path), "IPYTHONDIR": str(tmp_path)})
    for cell in done.cells:
        for output in cell.get("outputs", ()):
            assert output.get("name") != "stderr", output["text"]
    assert beside() == before
