"""Opening the readers of statements, with the certificates that an operator trusts."""

from pathlib import Path
from typing import Annotated

import typer

from detector.readers.contract import Reader
from detector.statements.gather import default_readers
from imaging import Limits
from serving.errors import SettingsError
from serving.settings import Settings

TrustAnchors = Annotated[
    Path | None,
    typer.Option(
        "--trust-anchors",
        exists=True,
        dir_okay=False,
        help="Certificates (PEM) whose C2PA signatures are proofs; see RAKKAN_TRUST_ANCHORS.",
    ),
]


def open_readers(
    settings: Settings,
    trust_anchors: Path | None = None,
    *,
    limits: Limits | None = None,
    decode_again: bool = True,
) -> tuple[Reader, ...]:
    """All readers.

    Args:
        settings: Which certificates are trusted.
        trust_anchors: A file of certificates to trust instead.
        limits: See `default_readers`.
        decode_again: See `default_readers`.

    Raises:
        SettingsError: The file holds no certificates in PEM.
        OSError: It cannot be read.
    """
    place = trust_anchors or settings.trust_anchors
    try:
        anchors = place.read_bytes().decode("ascii") if place else None
        return default_readers(trust_anchors=anchors, limits=limits, decode_again=decode_again)
    except ValueError:  # a UnicodeDecodeError is one, too
        raise SettingsError(f"{place} holds no certificates in PEM") from None
