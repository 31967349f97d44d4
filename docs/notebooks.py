"""Notebooks as pages: their cells as Markdown, and what they show as files beside it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lxml.html
import nbformat
from nbconvert import MarkdownExporter


@dataclass(frozen=True)
class Rendered:
    """A notebook as a page.

    Attributes:
        markdown: The page.
        files: What it shows, by path relative to the page.
    """

    markdown: str
    files: dict[str, bytes]


def rendered(notebook: Path, executed: Path) -> Rendered:
    """Render a notebook, with its outputs where it was run.

    Args:
        notebook: As committed, without outputs.
        executed: The same after a run (`make docs` runs all); passed over where it is not there
            or was run before the notebook changed.
    """
    cells = _read(notebook)
    if executed.is_file():
        run = _read(executed)
        if [cell.source for cell in run.cells] == [cell.source for cell in cells.cells]:
            cells = run
    folder = f"{notebook.stem}_files"
    frames = _frames_apart(cells, folder)
    markdown, resources = MarkdownExporter().from_notebook_node(
        cells, {"unique_key": notebook.stem, "output_files_dir": folder}
    )
    # Tables look as all others of the site do.
    plain = markdown.replace('<table border="1" class="dataframe">', "<table>")
    return Rendered(plain, {**resources["outputs"], **frames})


def _read(notebook: Path) -> Any:
    return nbformat.read(notebook, as_version=4)


def _frames_apart(cells: Any, folder: str) -> dict[str, bytes]:
    """Give every frame a file of its own: a page need not carry its script to be read."""
    files: dict[str, bytes] = {}
    outputs = (one for cell in cells.cells for one in cell.get("outputs", ()))
    for data in (one["data"] for one in outputs if "text/html" in one.get("data", {})):
        if "srcdoc=" not in data["text/html"]:
            continue
        frame = lxml.html.fragment_fromstring(data["text/html"])
        name = f"{folder}/frame-{len(files) + 1}.html"
        files[name] = frame.attrib.pop("srcdoc").encode()
        frame.set("src", name)
        frame.set("loading", "lazy")
        data["text/html"] = f"<div>{lxml.html.tostring(frame, encoding='unicode')}</div>"
    return files
