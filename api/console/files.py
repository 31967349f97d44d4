"""The console's own files: one style, one script. Nothing is loaded from elsewhere."""

from hashlib import sha256

from fastapi import APIRouter, Response

from pages import STYLE
from pages.environment import TEMPLATES

router = APIRouter()

_STYLE = STYLE.read_bytes()
_SCRIPT = (TEMPLATES / "console" / "console.js").read_bytes()
_ICON = (
    (TEMPLATES / "seal.svg")
    .read_bytes()
    .replace(b"<svg ", b'<svg xmlns="http://www.w3.org/2000/svg" ', 1)
)
VERSION = sha256(_STYLE + _SCRIPT).hexdigest()[:12]
"""Stands in their addresses, so that browsers may keep them for long."""

_KEPT = {"Cache-Control": "public, max-age=31536000, immutable"}


@router.get("/style.css")
async def style() -> Response:
    """The style of all pages."""
    return Response(_STYLE, media_type="text/css", headers=_KEPT)


@router.get("/console.js")
async def script() -> Response:
    """What the console does in the browser; pages work without it."""
    return Response(_SCRIPT, media_type="text/javascript", headers=_KEPT)


@router.get("/seal.svg")
async def seal() -> Response:
    """The seal, beside the title in the browser."""
    return Response(_ICON, media_type="image/svg+xml", headers=_KEPT)
