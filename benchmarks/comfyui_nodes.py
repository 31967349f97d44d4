"""Which image services among ComfyUI's own nodes are known by name.

ComfyUI's documentation of its nodes is a package, with a page for each: a node that takes a prompt
and returns an image asks a service or model for it. Those that no row of the table of programs
names are listed; the reader tells them as unknown image nodes.

    pip download --no-deps comfyui-embedded-docs
    python -m benchmarks.comfyui_nodes comfyui_embedded_docs-*.whl
"""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from detector.readers.programs import ENHANCING_NODE_NAMES, NODE_NAMES, plain_class

_PAGE = re.compile(r"/docs/(?P<node>[^/]+)/en\.md$")
_PROMPT = re.compile(r"^\| *`?(?:prompt|text_prompt)`? *\|.*\bSTRING\b", re.MULTILINE)
_IMAGE = re.compile(r"^\|.*\| *`?IMAGE`? *\|?", re.MULTILINE)


def main(
    wheel: Annotated[Path, typer.Argument(exists=True, help="Of the package with the pages.")],
) -> None:
    """Count the nodes that take a prompt and return an image, and list those without a name."""
    nodes = sorted(_image_services(wheel))
    unknown = [node for node in nodes if not _known(node)]
    typer.echo(f"{wheel.name}: {len(nodes)} nodes take a prompt and return an image,")
    typer.echo(f"of which {len(nodes) - len(unknown)} are known by name. The others:")
    for node in unknown:
        typer.echo(f"  {node}")


def _image_services(wheel: Path) -> Iterator[str]:
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            page = _PAGE.search(name)
            if page is None:
                continue
            inputs, _, outputs = archive.read(name).decode("utf-8").partition("## Outputs")
            if _PROMPT.search(inputs) and _IMAGE.search(outputs):
                yield page["node"]


def _known(node: str) -> bool:
    plain = plain_class(node)
    return any(names.find(plain) for names in (NODE_NAMES, ENHANCING_NODE_NAMES))


if __name__ == "__main__":
    typer.run(main)
