"""Uploads that moderators are asked about, with drawn pictures."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw

from labelling.policy.resolved import ResolvedPolicy
from moderation.record import record
from storage import Store
from tests.moderation.telling import SUSPECTED, inferred, policy, upload

RULES = policy(SUSPECTED)


def drawing(number: int) -> bytes:
    """A picture that nobody else has: a JPEG."""
    shown = Image.new("RGB", (480, 360), (236, 226, 205))
    draw = ImageDraw.Draw(shown)
    for step in range(9):
        x, y = (53 * number + 97 * step) % 420, (31 * number + 61 * step) % 300
        colour = ((80 * step + 40 * number) % 200, (50 * step) % 180, (120 + 30 * step) % 220)
        draw.ellipse((x, y, x + 60 + 6 * step, y + 60 + 6 * step), fill=colour)
    out = BytesIO()
    shown.save(out, "JPEG")
    return out.getvalue()


def asked(
    store: Store,
    work: str,
    *,
    account: str | None = "ann",
    rules: ResolvedPolicy = RULES,
    at: datetime | None = None,
    number: int | None = None,
    **parts: Any,
) -> str:
    """The review that an upload leads to, whose picture is kept where it has a number."""
    now = at or datetime.now(UTC) - timedelta(hours=2)
    said = upload(work, account, at=now, **parts)
    made = record(store, inferred(work), said, rules, at=now, key=work)
    with store.transaction() as tx:
        if number is not None:
            tx.previews.keep(made.id, account, drawing(number), at=datetime.now(UTC))
        (review,) = tx.reviews(decision=made.id)
    return review.id
