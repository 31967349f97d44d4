"""Notebooks as pages of the documentation; see `docs/notebooks.py`."""

from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from docs.notebooks import rendered

FRAME = '<iframe srcdoc="&lt;p&gt;a map&lt;/p&gt;" width="90"></iframe>'


def written(path: Path, outputs: list[Any], code: str = "1 + 1") -> Path:
    cells = [new_markdown_cell("# Title"), new_code_cell(code, outputs=outputs)]
    nbformat.write(new_notebook(cells=cells), path)
    return path


def shows(**data: str) -> list[Any]:
    return [new_output("display_data", {name.replace("_", "/"): one for name, one in data.items()})]


def test_without_a_run_a_page_has_the_cells_alone(tmp_path: Path) -> None:
    page = rendered(written(tmp_path / "one.ipynb", []), tmp_path / "none.ipynb")
    assert page.markdown.strip().startswith("# Title")
    assert "1 + 1" in page.markdown
    assert page.files == {}


def test_a_run_brings_its_outputs_and_a_frame_is_a_file_of_its_own(tmp_path: Path) -> None:
    notebook = written(tmp_path / "one.ipynb", [])
    outputs = shows(image_png="aGVsbG8=") + shows(text_html=FRAME)
    page = rendered(notebook, written(tmp_path / "run.ipynb", outputs))
    assert sorted(page.files.values()) == [b"<p>a map</p>", b"hello"]
    for name in page.files:
        assert name.startswith("one_files/")
        assert name in page.markdown
    assert "srcdoc" not in page.markdown


def test_a_run_of_another_version_is_passed_over(tmp_path: Path) -> None:
    notebook = written(tmp_path / "one.ipynb", [], code="2 + 2")
    run = written(tmp_path / "run.ipynb", shows(image_png="aGVsbG8="))
    assert rendered(notebook, run).files == {}
