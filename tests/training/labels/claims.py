"""Claims for tests of labels."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

from training.labels.claim import Claim, Origin

T0 = datetime(2026, 11, 1, tzinfo=UTC)


def digest(name: str) -> str:
    return sha256(name.encode()).hexdigest()


def claim(
    image: str,
    label: str = "ai",
    by: str = "mia",
    origin: Origin = Origin.MODERATOR,
    certainty: float = 1.0,
    day: float = 0,
    path: str = "",
    **facts: str,
) -> Claim:
    at = T0 + timedelta(days=day)
    return Claim(digest(image), label, by, at, certainty, origin, path, facts)
