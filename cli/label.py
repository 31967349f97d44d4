"""`rakkan label`: a verdict written into the file, for other software to read."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from cli.paths import existing_file, writable
from cli.terminal import item
from core.files import write_whole
from core.text import printable
from detector.errors import SignatureWouldBreak
from detector.labels.label import label as write_label
from detector.labels.signing import Algorithm, SigningKey, sign_label
from detector.readers.contract import Reader
from evidence import Verdict
from evidence.signals import Claim
from imaging import Limits, decode_for_view
from imaging.metadata.xmp_packet import has_content_credentials
from models.encoder.spec import SPEC
from serving.opening import open_readers
from serving.settings import Settings
from serving.sources.files import read_image_file
from serving.statements import file_statements

_SUFFIXES = {
    "jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "png": (".png",),
    "webp": (".webp",),
}
_AGAINST = {
    Verdict.AI: frozenset({Claim.HUMAN_MADE}),
    Verdict.HUMAN: frozenset({Claim.AI_MADE, Claim.AI_EDITED}),
    Verdict.INCONCLUSIVE: frozenset({Claim.AI_MADE, Claim.AI_EDITED, Claim.HUMAN_MADE}),
}


def label(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", callback=existing_file, help="A JPEG, PNG or WebP."),
    ],
    verdict: Annotated[Verdict, typer.Option("--as", help="What the file is to say that it is.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            dir_okay=False,
            callback=writable,
            help="The labelled file, of the same format; without, FILE itself is labelled.",
        ),
    ] = None,
    operator: Annotated[
        str | None,
        typer.Option("--operator", help="Your platform, as the one who says so."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Label it although that breaks its C2PA signature.")
    ] = False,
    sign_cert: Annotated[
        Path | None,
        typer.Option("--sign-cert", exists=True, dir_okay=False, help="Your certificates (PEM)."),
    ] = None,
    sign_key: Annotated[
        Path | None,
        typer.Option("--sign-key", exists=True, dir_okay=False, help="Your private key (PEM)."),
    ] = None,
    sign_algorithm: Annotated[
        Algorithm, typer.Option("--sign-algorithm", help="Of your key.")
    ] = Algorithm.ES256,
) -> None:
    """Write a label into an image file itself, or with --out into a copy of it.

    Neither its pixels nor its other metadata are touched.
    """
    settings = Settings.of()
    operator = settings.operator if operator is None else operator
    if not operator.strip() or not operator.isprintable():
        raise typer.BadParameter("needs printable characters", param_hint="--operator")
    if (sign_cert is None) != (sign_key is None):
        raise typer.BadParameter("go together", param_hint="--sign-cert and --sign-key")
    readers = open_readers(settings)
    data = read_image_file(file, Limits())
    image = decode_for_view(data, SPEC.size)  # a file that cannot be shown is not labelled
    if out is not None:
        _require_suffix(out, image.format)
    labelled = write_label(data, verdict, operator=operator)
    written, notes = labelled.data, [note.text for note in labelled.notes]
    if sign_cert and sign_key:
        key = SigningKey(sign_cert.read_bytes(), sign_key.read_bytes(), sign_algorithm)
        written = sign_label(data, written, verdict, operator=operator, key=key)
        notes.append("Signed with your key (C2PA).")
    elif written != data and has_content_credentials(data):
        if not force:
            raise SignatureWouldBreak(
                f"{printable(file.name)} carries a C2PA signature over its bytes, which a label"
                " would break. Sign the label with your own key (--sign-cert, --sign-key), which"
                " keeps the old signature within the new one, or break it with --force."
            )
        notes.append("The C2PA signature of the file is broken now.")
    _write(file, out, written)
    rest = _rest(written, verdict, readers)
    first = f"{printable(str(out or file))}: labelled {verdict}"
    typer.echo("\n".join([first, *_told(notes), *rest]))


def _require_suffix(out: Path, image_format: str) -> None:
    """Refuse a name that says another format than the file has.

    Raises:
        BadParameter: It does.
    """
    suffixes = _SUFFIXES.get(image_format)
    if suffixes and out.suffix.lower() not in suffixes:
        raise typer.BadParameter(
            f"the file is a {image_format.upper()} and stays one: name a file that ends in"
            f" {suffixes[0]}",
            param_hint="--out",
        )


def _write(file: Path, out: Path | None, data: bytes) -> None:
    if out is not None:
        write_whole(out, data)
        return
    target = file.resolve()  # a link to a file stays one
    mode = target.stat().st_mode
    write_whole(target, data)
    target.chmod(mode)


def _told(notes: list[str]) -> Iterator[str]:
    for note in notes:
        yield from item(note)


def _rest(data: bytes, verdict: Verdict, readers: Sequence[Reader]) -> Iterator[str]:
    """What the labelled file still says against its label."""
    against = [one.text for one in file_statements(data, readers) if one.claim in _AGAINST[verdict]]
    if against:
        yield "The file still says otherwise, which a label does not change:"
        yield from _told(against)
