"""`rakkan similar`: whose works an upload copies, and whose style it is close to."""

import json
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.declared import DeclaredOption, declares_ai
from cli.findings import likeness
from cli.index import Account, IndexPlace
from cli.paths import require_another_file, uploads, writable_as
from cli.reading import answers
from cli.terminal import AsJson, AsJsonLines
from core.files import write_whole
from core.text import printable, valid
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
from serving.search import Searched, Searcher
from serving.settings import Settings
from serving.sources.find_again import find_work
from similarity.series import as_series

SERIES_TOP = 100
"""Creators that are asked for of each image of a series."""

PICTURE_SIDE = 560
"""Longest side of a picture on the page, in pixels."""


def similar(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", callback=uploads, help="The images; - for standard input."
        ),
    ],
    index: IndexPlace,
    as_json: AsJson = False,
    as_jsonl: AsJsonLines = False,
    as_one: Annotated[
        bool,
        typer.Option(
            "--as-one",
            help="Take the images as one series: which creators most of them are close to.",
        ),
    ] = False,
    top: Annotated[
        int, typer.Option("--top", min=1, max=100, help="Most copies and creators that are named.")
    ] = 5,
    declared: DeclaredOption = None,
    account: Account = None,
    page: Annotated[
        Path | None,
        typer.Option(
            "--page",
            metavar="OUT.html",
            dir_okay=False,
            callback=writable_as("the page is HTML", ".html", ".htm"),
            help="Also write a page that shows the image beside its nearest works; of one image.",
        ),
    ] = None,
) -> None:
    """Search an index: which works an image copies, and whose style it is close to.

    Of several images, one that cannot be searched does not end the run: it is told, with --jsonl as
    a line with `error`. The command fails if none could be searched.
    """
    if as_json and (as_jsonl or (len(files) > 1 and not as_one)):
        raise typer.BadParameter("prints one document: see --jsonl", param_hint="--json")
    if page is not None:
        if len(files) > 1:
            raise typer.BadParameter("is of one image", param_hint="--page")
        require_another_file(page, files[0], "--page")
    settings = Settings.of()
    with ExitStack() as stack:

        @cache
        def searcher() -> Searcher:
            # Only when it is needed: whoever names a wrong file need not wait for the encoder.
            return stack.enter_context(open_searcher(settings, index))

        def search(data: bytes) -> Searched:
            return searcher().one(
                data,
                declared_ai=declares_ai(declared),
                account=account,
                top=SERIES_TOP if as_one else top,
            )

        found = answers(files, search, as_jsonl=as_jsonl)
        if as_one:
            _tell_series(list(found), searcher().judge.encoder.id, top, as_json or as_jsonl)
            return
        for number, (file, searched) in enumerate(found):
            written = {}
            if page is not None:
                write_page(page, file, searched.image, searched.evidence)
                written = {"page": str(page)}
            answer = (
                document(searched.image, searched.evidence, searcher().judge.encoder.id) | written
            )
            if as_jsonl:
                typer.echo(json.dumps({"path": valid(str(file)), **answer}))
            elif as_json:
                typer.echo(json.dumps(answer, indent=2))
            else:
                typer.echo("\n" * (number > 0) + _told(file, searched))
                if page is not None:
                    typer.echo(f"Page  {printable(str(page))}")


def document(image: DecodedImage, evidence: SimilarityEvidence, encoder: str) -> dict[str, Any]:
    """The answer as a JSON document."""
    return {
        **similarity_document(evidence),
        "image": _image(image),
        "model": {"encoder": encoder, "index": evidence.index},
    }


def _tell_series(found: list[tuple[Path, Searched]], encoder: str, top: int, as_json: bool) -> None:
    evidence = as_series([searched.evidence for _, searched in found], top=top)
    if as_json:
        images = [{"path": valid(str(file)), **_image(searched.image)} for file, searched in found]
        model = {"encoder": encoder, "index": evidence.index}
        answer = {**similarity_document(evidence), "images": images, "model": model}
        typer.echo(json.dumps(answer, indent=2))
    else:
        typer.echo(f"{len(found)} images, taken as one series\n")
        typer.echo("\n".join(likeness(evidence)))
        typer.echo(f"\nIndex {evidence.index}")


def _told(file: Path, searched: Searched) -> str:
    image, evidence = searched.image, searched.evidence
    facts = f"{image.width} x {image.height}, {image.format.upper()}"
    first = f"{printable(file.name)} ({facts})"
    return "\n".join([first, "", *likeness(evidence), "", f"Index {evidence.index}"])


def _image(image: DecodedImage) -> dict[str, str | int]:
    return {
        "sha256": image.sha256,
        "width": image.width,
        "height": image.height,
        "format": image.format,
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
