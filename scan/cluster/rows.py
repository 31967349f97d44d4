"""What machines of a cluster send each other, as tables.

Documents and plain values: no row depends on a class of ours.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.errors import RakkanError
from evidence.document import dump_judgement, load_judgement
from imaging import ImagingError
from scan.errors import ClusterError
from scan.records import Visit
from serving.stream import Judged

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Read:
    """What came of reading an item.

    Attributes:
        visit: What is known of it.
        data: Its bytes, if they are an image.
        known: An earlier run did it: nothing was read.
    """

    visit: Visit
    data: bytes | None = field(default=None, repr=False)
    known: bool = False


@dataclass(frozen=True)
class Seen:
    """What came of judging an item.

    Attributes:
        judged: What is said of it.
        thumbnail: JPEG; None where there is no image.
        known: An earlier run did it: nothing is said of it here.
    """

    judged: Judged[Visit]
    thumbnail: bytes | None = field(default=None, repr=False)
    known: bool = False


def read_table(rows: Iterable[Read] = (), *, failure: RakkanError | None = None) -> "pa.Table":
    """Rows to send from who reads to who judges; or why there will be none."""
    made = [{"visit": _of_visit(row.visit), "data": row.data, "known": row.known} for row in rows]
    return _table(made, failure, visit="string", data="large_binary", known="bool")


def reads(table: "pa.Table") -> list[Read]:
    """The rows of such a table.

    Raises:
        RakkanError: Why there are none.
    """
    return [Read(_visit(row["visit"]), row["data"], row["known"]) for row in _rows(table)]


def seen_table(rows: Iterable[Seen] = (), *, failure: RakkanError | None = None) -> "pa.Table":
    """Rows to send from who judges to who keeps the journal; or why there will be none."""
    made = [
        {
            "visit": _of_visit(row.judged.payload),
            "document": None
            if row.judged.judgement is None
            else dump_judgement(row.judged.judgement),
            "error": _of_error(row.judged.error),
            "thumbnail": row.thumbnail,
            "known": row.known,
        }
        for row in rows
    ]
    kinds = {"document": "binary", "error": "string", "thumbnail": "binary", "known": "bool"}
    return _table(made, failure, visit="string", **kinds)


def seen(table: "pa.Table") -> Iterator[Seen]:
    """The rows of such a table.

    Raises:
        RakkanError: Why there are none.
    """
    for row in _rows(table):
        error = _error(row["error"])
        judged = Judged(
            _visit(row["visit"]),
            None if row["document"] is None else load_judgement(row["document"]),
            error if isinstance(error, ImagingError) else None,
        )
        yield Seen(judged, row["thumbnail"], row["known"])


def _table(rows: list[dict[str, Any]], failure: RakkanError | None, **kinds: str) -> "pa.Table":
    import pyarrow as pa

    names = {**kinds, "failure": "string"}
    schema = pa.schema([(name, pa.type_for_alias(kind)) for name, kind in names.items()])
    return pa.Table.from_pylist(
        rows if failure is None else [{"failure": _of_error(failure)}], schema
    )


def _rows(table: "pa.Table") -> Iterator[dict[str, Any]]:
    for row in table.to_pylist():
        failure = _error(row["failure"])
        if failure is not None:
            raise failure
        yield row


def _of_visit(visit: Visit) -> str:
    return json.dumps({**vars(visit), "error": _of_error(visit.error)})


def _visit(text: str) -> Visit:
    values = json.loads(text)
    return Visit(**{**values, "error": _error(values["error"])})


def _of_error(error: RakkanError | None) -> str | None:
    return None if error is None else json.dumps([error.code, str(error)])


def _error(text: str | None) -> RakkanError | None:
    if text is None:
        return None
    code, message = json.loads(text)
    # One that is not loaded here was raised by what only a machine of the cluster needs.
    kind = next((kind for kind in _kinds(RakkanError) if kind.code == code), ClusterError)
    return kind(message)


def _kinds(*roots: type[RakkanError]) -> Iterator[type[RakkanError]]:
    for root in roots:
        yield root
        yield from _kinds(*root.__subclasses__())
