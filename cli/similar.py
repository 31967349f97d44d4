"""`rakkan similar`: whose works an upload copies, and whose style it is close to."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.findings import likeness
from cli.heat import require_another_file
from cli.index import Account, IndexPlace
from core.files import write_whole
from core.text import printable
from evidence.document import similarity_document
from evidence.similarity import SimilarityEvidence
from imaging import (
    DecodedImage,
    ImagingError,
    Limits,
    decode_for_view,
    thumbnail,
)
from pages.similar import Picture, Subject, result_page
from serving.opening import open_searcher
from serving.settings import Settings
from serving.sources.files import read_image_file
from serving.sources.find_again import find_work

PICTURE_SIDE = 560
"""Longest side of a picture on the page, in pixels."""


def _is_html(path: Path | None) -> Path | None:
    if path is not None and path.suffix.lower() not in {".html", ".htm"}:
        raise typer.BadParameter("the page is HTML: name a file that ends in .html")
    return path


def similar(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="The image.")
    ],
    index: IndexPlace,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON document.")] = False,
    top: Annotated[
        int, typer.Option("--top", min=1, max=100, help="Most copies and creators that are named.")
    ] = 5,
    account: Account = None,
    page: Annotated[
        Path | None,
        typer.Option(
            "--page",
            metavar="OUT.html",
            dir_okay=False,
            callback=_is_html,
            help="Also write a page that shows the image beside its nearest works.",
        ),
    ] = None,
) -> None:
    """Search an index: which works an image copies, and whose style it is close to."""
    require_another_file(page, file, "--page")
    data = read_image_file(file, Limits())
    with open_searcher(Settings.of(), index) as searcher:
        searched = searcher.one(data, account=account, top=top)
    image, evidence = searched.image, searched.evidence
    if page is not None:
        write_page(page, file, image, evidence)
    if as_json:
        written = {} if page is None else {"page": str(page)}
        typer.echo(json.dumps(document(image, evidence, searcher.encoder.id) | written, indent=2))
    else:
        facts = f"{image.width} x {image.height}, {image.format.upper()}"
        typer.echo(f"{printable(file.name)} ({facts})\n")
        typer.echo("\n".join(likeness(evidence)))
        typer.echo(f"\nIndex {evidence.index}")
        if page is not None:
            typer.echo(f"Page  {printable(str(page))}")


def document(image: DecodedImage, evidence: SimilarityEvidence, encoder: str) -> dict[str, Any]:
    """The answer as a JSON document."""
    return {
        **similarity_document(evidence),
        "image": {
            "sha256": image.sha256,
            "width": image.width,
            "height": image.height,
            "format": image.format,
        },
        "model": {"encoder": encoder, "index": evidence.index},
    }


def write_page(page: Path, file: Path, image: DecodedImage, evidence: SimilarityEvidence) -> None:
    """Write the page that shows an image beside its nearest works.

    Raises:
        OSError: It cannot be written.
    """
    subject = Subject(file.name, _picture(image), image.format)
    text = result_page(subject, evidence, _find, made=datetime.now(UTC))
    write_whole(page, text.encode("utf-8"))


def _find(name: str, sha256: str) -> Picture | None:
    data = find_work(name, sha256, Limits())
    if data is None:
        return None
    try:
        return _picture(decode_for_view(data, PICTURE_SIDE // 2))
    except ImagingError:
        return None


def _picture(image: DecodedImage) -> Picture:
    return Picture(thumbnail(image, PICTURE_SIDE), image.width, image.height)
