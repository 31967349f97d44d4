"""Policies, made in a line."""

from typing import Any

from labelling import ResolvedPolicy
from labelling.policy.document import Mode, Policy

WORDS = {"en": "Made by an AI.", "ja": "AI生成です。"}


def policy(*rows: dict[str, Any], mode: Mode = Mode.LIVE, **parts: Any) -> ResolvedPolicy:
    """A policy of some rows that are always in force, each named `row-0`, `row-1`, ..."""
    always = {"since": "2020-01-01", "rule": WORDS}
    given = [{**always, "id": f"row-{n}", **row} for n, row in enumerate(rows)]
    document = {"schema": 1, "name": "comics", "title": WORDS, "mode": mode, "rows": given, **parts}
    return ResolvedPolicy.of((Policy.model_validate(document),))
