"""What MkDocs does besides its own: tables out of the code, and pages that lie beside it.

A page asks for a table by a line such as `<!-- table: errors -->` (`docs.tables`). The pages in
`BESIDE` lie where people look for them on a clone; links from and to them work on both sides.
Notebooks among them are rendered (`docs.notebooks`).
"""

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

from docs.notebooks import rendered
from docs.tables import TABLES

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
EXECUTED = ROOT / "out" / "notebooks"
"""Where `make docs` puts the notebooks that it has run."""

BESIDE = {
    "contributing.md": "CONTRIBUTING.md",
    "changes.md": "CHANGELOG.md",
    "models/changes.md": "models/CHANGELOG.md",
    "notebooks/index.md": "notebooks/README.md",
    **{
        f"models/{card.parent.name}.md": card.relative_to(ROOT).as_posix()
        for card in sorted(ROOT.glob("models/artefacts/*/README.md"))
    },
    **{
        f"notebooks/{one.stem}.md": one.relative_to(ROOT).as_posix()
        for one in sorted(ROOT.glob("notebooks/*.ipynb"))
    },
}
"""Page of the site -> file of the repository."""

_MARK = re.compile(r"^<!-- table: (\w+) -->$", re.MULTILINE)
_LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)#\s]*)")


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages that lie beside the code."""
    for page, place in BESIDE.items():
        source = ROOT / place
        if source.suffix != ".ipynb":
            files.append(File.generated(config, page, abs_src_path=str(source)))
            continue
        made = rendered(source, EXECUTED / source.name)
        files.append(File.generated(config, page, content=made.markdown))
        for name, content in made.files.items():
            shown = f"{Path(page).parent.as_posix()}/{name}"
            files.append(File.generated(config, shown, content=content))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Fill in the tables, and lead links to files of the repository to their pages."""
    here = page.file.src_uri
    folder = (ROOT / BESIDE[here] if here in BESIDE else DOCS / here).parent
    pages = {(ROOT / place).resolve(): name for name, place in BESIDE.items()}
    # The first page of the site says what the README says to who comes from a clone.
    pages[ROOT / "README.md"] = "index.md"

    def led(link: re.Match[str]) -> str:
        target = (folder / link[1]).resolve()
        name = pages.get(target)
        if name is None and target.is_relative_to(DOCS):
            name = target.relative_to(DOCS).as_posix()
        return link[0] if name is None else get_relative_url(name, here)

    filled = _MARK.sub(lambda mark: TABLES[mark[1]](), markdown)
    return _LINK.sub(led, filled)
