"""The list of a report as script files: columns that a page can filter, and cards that it shows.

Pages that are opened from a folder may load scripts and nothing else: no JSON, no workers, no
modules. So the columns are calls of functions. `index-*.js` hold what all rows are chosen and
ordered by, and are all loaded; `cards-*.js` hold what the rows show, and are loaded as they are
looked at. In both a column lists its values once, with the number of its value for each row.
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from core.files import write_whole
from core.text import printable
from scan import layout
from scan.cards import Card, Dealer
from scan.listing import Listing
from scan.records import Listed
from scan.schema import ScanRow

AT_ONCE = 5_000
"""Rows of one file of the index."""

CARDS = 500
"""Rows of one file of cards."""

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Written:
    """What was written.

    Attributes:
        rows: How many rows.
        indices: How many files of the index.
        first: The first cards.
    """

    rows: int
    indices: int
    first: tuple[Card, ...]


def write_columns(
    rows: Iterable[Listed], out: Path, deal: Dealer, *, first: int, at_once: int = AT_ONCE
) -> Written:
    """Write all rows, in their order; memory does not grow with them.

    Args:
        rows: What is listed.
        out: The output folder.
        deal: Makes the cards.
        first: How many cards are given back.
        at_once: Rows of one file of the index, and in memory; a multiple of `CARDS`.

    Raises:
        OSError: They cannot be written.
    """
    shown: list[Card] = []
    done = indices = files = 0
    for indices, batch in enumerate(_batches(rows, at_once), 1):
        _write(out / layout.index(indices), "index", index_columns(batch))
        for part in _batches(batch, CARDS):
            files += 1
            cards = [deal.card(one) for one in part]
            shown += cards[: first - len(shown)]
            _write(out / layout.cards(files), f"cards[{files - 1}]", card_columns(cards))
        done += len(batch)
    return Written(done, indices, tuple(shown))


def index_columns(rows: Sequence[Listed]) -> dict[str, Any]:
    """What rows are chosen and ordered by.

    Returns:
        `rows`, how many; `key`, which names a row also after the scan was resumed, 8 letters;
        `name`; `probability`, in hundredths of a percent, -1 for an error; `attention` and
        `likeness`, as `Listing` has them; and columns of values.
    """
    places = [one.row.path.rpartition("/") for one in rows]
    texts: dict[str, list[str | None]] = {
        "folder": [printable(folder) for folder, _, _ in places],
        "verdict": [one.row.ai_verdict or "error" for one in rows],
        "evidence": [one.row.evidence for one in rows],
        "generator": [one.row.generator and printable(one.row.generator) for one in rows],
        "creator": [_creator(one.row, one.listing) for one in rows],
        "action": [one.row.action for one in rows],
    }
    return {
        "rows": len(rows),
        "key": [key(one.row) for one in rows],
        "name": [printable(name) for _, _, name in places],
        "probability": [_hundredths(one.row.ai_probability) for one in rows],
        "attention": [int(one.listing.attention) for one in rows],
        "likeness": [one.listing.likeness for one in rows],
        **{name: encoded(values) for name, values in texts.items()},
    }


def card_columns(cards: Sequence[Card]) -> dict[str, Any]:
    """What rows show: a column of values for each field of a card."""
    return {
        field.name: encoded([getattr(card, field.name) for card in cards]) for field in fields(Card)
    }


def encoded(values: Iterable[Any]) -> dict[str, list[Any]]:
    """A column: its values, each once, and for each row the number of its own."""
    numbers: dict[Any, int] = {}
    codes = [numbers.setdefault(value, len(numbers)) for value in values]
    return {"values": list(numbers), "codes": codes}


def key(row: ScanRow) -> str:
    """Names a row within its scan: 48 bits of a hash over its bytes and its path."""
    digest = hashlib.blake2b(f"{row.sha256} {row.path}".encode(), digest_size=6).digest()
    return urlsafe_b64encode(digest).decode("ascii")


def _creator(row: ScanRow, listing: Listing) -> str | None:
    """Whose works it is like."""
    if not listing.likeness:
        return None
    creator = listing.work_creator or next(iter(row.nearest_creators or ()), None)
    return None if creator is None else printable(creator)


def _hundredths(probability: float | None) -> int:
    return -1 if probability is None else round(10_000 * probability)


def _batches(rows: Iterable[Thing], size: int) -> Iterator[list[Thing]]:
    source = iter(rows)
    while batch := list(islice(source, size)):
        yield batch


def _write(place: Path, name: str, columns: dict[str, Any]) -> None:
    said = json.dumps(columns, ensure_ascii=False, separators=(",", ":"))
    call = f"rakkan.{name}.push({said});\n" if name == "index" else f"rakkan.{name} = {said};\n"
    write_whole(place, call.encode("utf-8"))
