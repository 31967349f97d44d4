import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import astuple, fields
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from evidence import (
    CopyMatch,
    CopyVerdict,
    CreatorMatch,
    CreatorVerdict,
    Judgement,
    Reason,
    SimilarityEvidence,
    Verdict,
)
from evidence.document import dump_judgement, load_judgement
from scan.documents import Packer
from scan.layout import TableFormat
from scan.records import Entry
from scan.schema import COLUMNS, ScanRow, column_type, parquet_schema
from scan.tables import write_documents, write_table
from tests.scan.making import judgement

COPY = CopyMatch(
    work="/srv/works/fox.png",
    creator="Ann, of the <Hill>",
    score=0.9,
    verdict=CopyVerdict.COPY,
    in_upload=((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)),
    in_work=None,
    mirrored=True,
    sha256="0" * 64,
    reason=Reason("points", "Points match."),
    work_id=7,
    creator_id=1,
)
NEAR = CreatorMatch(
    creator="画家",
    likeness=0.5,
    score=3.25,
    p_value=0.01,
    verdict=CreatorVerdict.CLOSE,
    references=3,
    works=(),
    reason=Reason("near", "It is near."),
    creator_id=2,
)
FOUND = SimilarityEvidence((COPY,), (NEAR,), "state-1", (Reason("note", "A note."),))


def entry(path: str, of: Judgement) -> Entry:
    return Entry(path, 12, of.image.sha256, of, None, None)


ENTRIES = [
    entry("a,\n.png", judgement("aa", 0.25, Verdict.HUMAN, reasons=("One.", "Two; three."))),
    entry("b.png", judgement("bb", 0.97, Verdict.AI, similarity=FOUND)),
    Entry("c.png", None, None, None, "It is gone.", "source"),
]

ROWS = [astuple(one.row) for one in ENTRIES]


@pytest.mark.parametrize("of", [one.judgement for one in ENTRIES if one.judgement])
def test_documents_come_back_as_they_went_in(of: Judgement) -> None:
    for examples in ([], [of], [one.judgement for one in ENTRIES if one.judgement]):
        packer = Packer.of(examples)
        assert load_judgement(packer.unpack(packer.pack(dump_judgement(of)))) == of


def test_parquet(tmp_path: Path) -> None:
    place = tmp_path / "results.parquet"
    write_table(ROWS, place, TableFormat.PARQUET)
    table = pq.read_table(place)
    assert table.schema.equals(parquet_schema())
    a, b, c = table.to_pylist()
    assert (a["reasons"], a["nearest_creators"]) == (["One.", "Two; three."], None)
    assert (b["copy_of"], b["nearest_creators"]) == ("/srv/works/fox.png", ["画家"])
    assert b["creator_score"] == 3.25
    assert (c["error"], c["error_code"], c["ai_verdict"]) == ("It is gone.", "source", None)


def test_no_place_of_a_work_stands_in_the_reasons() -> None:
    reasons = " ".join(ENTRIES[1].row.reasons or ())
    assert "fox.png" in reasons
    assert "/srv" not in reasons


def test_csv_holds_the_same_columns(tmp_path: Path) -> None:
    place = tmp_path / "results.csv"
    write_table(ROWS, place, TableFormat.CSV)
    with place.open(encoding="utf-8", newline="") as file:
        a, b, c = csv.DictReader(file)
    assert tuple(a) == COLUMNS
    assert (a["path"], json.loads(a["reasons"])) == ("a,\n.png", ["One.", "Two; three."])
    assert (float(b["ai_probability"]), json.loads(b["nearest_creators"])) == (0.97, ["画家"])
    assert (c["ai_verdict"], c["error"]) == ("", "It is gone.")


def test_json_lines_hold_the_whole_judgement(tmp_path: Path) -> None:
    place = tmp_path / "results.jsonl"
    write_documents(ENTRIES, place)
    a, b, c = map(json.loads, place.read_text(encoding="utf-8").splitlines())
    assert (a["path"], a["size"], a["ai"]["verdict"]) == ("a,\n.png", 12, "human")
    assert b["similarity"]["copies"][0]["mirrored"] is True
    assert (c["path"], c["error"]) == ("c.png", {"code": "source", "message": "It is gone."})


@pytest.mark.parametrize("form", list(TableFormat))
def test_a_table_is_whole_or_not_there(tmp_path: Path, form: TableFormat) -> None:
    place = tmp_path / f"results.{form}"

    def write(entries: Iterable[Entry]) -> None:
        if form is TableFormat.JSONL:
            write_documents(entries, place)
        else:
            write_table((astuple(one.row) for one in entries), place, form)

    def failing() -> Iterator[Entry]:
        yield ENTRIES[0]
        raise OSError("full")

    place.write_text("before")
    with pytest.raises(OSError, match="full"):
        write(failing())
    assert place.read_text() == "before"
    assert list(tmp_path.iterdir()) == [place]
    write([])
    assert place.read_bytes() != b"before"


def test_one_list_of_columns() -> None:
    assert tuple(field.name for field in fields(ScanRow)) == COLUMNS
    schema = parquet_schema()
    assert schema.names == list(COLUMNS)
    types = {str: pa.string(), int: pa.int64(), float: pa.float64(), tuple: pa.list_(pa.string())}
    for name in COLUMNS:
        assert schema.field(name).type == types[column_type(name)]
    described = ScanRow.__doc__ or ""
    assert all(f"        {name}: " in described for name in COLUMNS)
