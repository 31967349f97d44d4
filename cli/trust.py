"""The option that names the certificates that an operator trusts."""

from pathlib import Path
from typing import Annotated

import typer

TrustAnchors = Annotated[
    Path | None,
    typer.Option(
        "--trust-anchors",
        exists=True,
        dir_okay=False,
        help="Certificates (PEM) whose C2PA signatures are proofs; see RAKKAN_TRUST_ANCHORS.",
    ),
]
