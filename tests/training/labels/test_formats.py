import csv
import io
import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.training.labels.claims import T0, claim, digest
from training.errors import ContradictoryLabels, LabelsError, ManifestError, MissingFiles
from training.labels.claim import Claim, Origin
from training.labels.exporting import write_claims
from training.labels.formats.label_studio import read_label_studio
from training.labels.formats.table import COLUMNS, dump_csv, dump_parquet, read_table, row_of
from training.labels.importing import Format, format_of, read_labels
from training.labels.store import LabelStore

LABEL_STUDIO = Path(__file__).parent / "label_studio"
"""`export.json` as Label Studio writes it, and what the converter of `label-studio-sdk` 2.0.13
makes of it: `Converter(config, None).convert_to_json_min("export.json", out, is_dir=False)` with
one `Choices` named `made`. The package itself brings another OpenCV in place of ours."""

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12).map(str.strip)


def images(folder: Path, *names: str) -> list[Path]:
    paths = [folder / name for name in names]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(path.name.encode())
    return paths


def read(file: Path, **more: object) -> tuple[Claim, ...]:
    return read_labels(file, by="noa", at=T0, **more).claims  # type: ignore[arg-type]


@pytest.mark.parametrize("format_", Format)
def test_labels_come_back_as_they_went(format_: Format, tmp_path: Path) -> None:
    paths = images(tmp_path, "one.png", "two.png")
    claims = [
        claim(
            path.name,
            label,
            "noa",
            Origin.IMPORT,
            1.0 if format_ is Format.FOLDER else 0.75,
            path=str(path),
            **({} if format_ is Format.FOLDER else {"generator": "SDXL", "title": 'Über, "x"'}),
        )
        for path, label in zip(paths, ("ai", "human"), strict=True)
    ]
    out = tmp_path / f"out.{format_}"
    write_claims(claims, out, format_)
    back = read(out, format_=format_)
    ours = {(one.sha256, one.label, one.certainty, tuple(one.facts.items())) for one in back}
    assert ours == {
        (one.sha256, one.label, one.certainty, tuple(one.facts.items())) for one in claims
    }
    assert {one.by for one in back} == {"noa"}
    assert {one.at for one in back} == {T0}


def test_both_forms_of_label_studio_say_the_same() -> None:
    full, short = (
        {
            (one.path, one.label, one.by, one.at, one.facts.get("generator"))
            for one in read_label_studio(LABEL_STUDIO / name)
        }
        for name in ("export.json", "export_min.json")
    )
    assert full == short
    assert {(path, label, by) for path, label, by, _, _ in full} == {
        ("art/one.png", "ai", "mia@example.org"),
        ("1/0a1b2c3d-two.png", "human", "3"),
        ("1/0a1b2c3d-two.png", "ai", "4"),
    }, "neither what was skipped nor what a model predicted"


def test_a_choice_of_something_else_is_refused(tmp_path: Path) -> None:
    tasks = json.loads((LABEL_STUDIO / "export.json").read_text())
    tasks[0]["annotations"][0]["result"][0]["value"]["choices"] = ["ai", "unsure"]
    file = tmp_path / "tasks.json"
    file.write_text(json.dumps(tasks))
    with pytest.raises(LabelsError, match="task 7: chosen is ai and unsure"):
        list(read_label_studio(file))


@given(st.lists(st.tuples(st.sampled_from("uvwxyz"), TEXTS, st.floats(0.01, 1)), max_size=5))
def test_tables_keep_every_text(rows: list[tuple[str, str, float]]) -> None:
    claims = [
        claim(name, by="noa", certainty=float(format(sure, ".6g")), **({"title": t} if t else {}))
        for name, t, sure in rows
    ]
    assert [row_of(one) for one in claims] == list(
        csv.DictReader(io.StringIO(dump_csv(map(row_of, claims)).decode(), newline=""))
    )
    assert dump_parquet(claims)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=4),
    lambda one: (
        st.lists(one, max_size=3)
        | st.dictionaries(
            st.sampled_from(["data", "annotations", "result", "value", "choices", "type", "id"]),
            one,
        )
    ),
    max_leaves=9,
).map(lambda one: json.dumps(one).encode())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=300) | JSON)
def test_any_bytes_are_labels_or_refused(data: bytes, tmp_path: Path) -> None:
    for name, reader in (("x.csv", read_table), ("x.json", read_label_studio)):
        path = tmp_path / name
        path.write_bytes(data)
        with suppress(LabelsError, ManifestError):
            list(reader(path))


def test_missing_images_are_named_or_left_out(tmp_path: Path) -> None:
    images(tmp_path, "here.png")
    file = tmp_path / "labels.csv"
    file.write_text("path,label\nhere.png,ai\ngone.png,human\n")
    with pytest.raises(MissingFiles, match=r"labels\.csv line 3 \(gone\.png\)"):
        read(file)
    found = read_labels(file, by="noa", at=T0, allow_missing=True)
    assert [one.sha256 for one in found.claims] == [digest("here.png")]
    assert found.missing == ("labels.csv line 3 (gone.png)",)


def test_contradictory_rows_are_named(tmp_path: Path) -> None:
    images(tmp_path, "a.png", "b.png")
    (tmp_path / "b.png").write_bytes(b"a.png")
    file = tmp_path / "labels.csv"
    file.write_text("path,label\na.png,ai\nb.png,human\n")
    with pytest.raises(ContradictoryLabels, match=r"line 2 and labels\.csv line 3"):
        read(file)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("path,label\na.png,robot\n", "line 2: the label is 'robot'"),
        ("path,label,certainty\na.png,ai,sure\n", "line 2: the certainty 'sure' is no number"),
        ("path,label,certainty\na.png,ai,2\n", "line 2: a certainty lies above 0"),
        ("path,label,at\na.png,ai,soon\n", "line 2: 'soon' is no date"),
        ("sha256,label\nabc,ai\n", "line 2: 'abc' is no SHA-256"),
        ("sha256,label\n,ai\n", "line 2: neither a path nor a sha256"),
        (f"path,sha256,label\na.png,{'0' * 64},ai\n", "is not the image of this sha256"),
        ("path,label,by\na.png,ai,rakkan\n", "line 2: the label of .* is Rakkan's own answer"),
        ("path,label\n", "holds no label"),
    ],
)
def test_bad_rows_are_refused_by_name(text: str, told: str, tmp_path: Path) -> None:
    images(tmp_path, "a.png")
    file = tmp_path / "labels.csv"
    file.write_text(text)
    with pytest.raises(LabelsError, match=told):
        read(file)


def test_a_file_cannot_pass_for_an_appeal(tmp_path: Path) -> None:
    images(tmp_path, "a.png")
    file = tmp_path / "labels.csv"
    file.write_text("path,label,origin\na.png,ai,appeal\n")
    assert [one.origin for one in read(file)] == [Origin.IMPORT]


def test_a_name_tells_its_format(tmp_path: Path) -> None:
    assert format_of(Path("x.CSV")) is Format.CSV
    assert format_of(tmp_path) is Format.FOLDER
    with pytest.raises(LabelsError, match="name its format"):
        format_of(Path("x.xml"))
    (tmp_path / "art").mkdir()
    with pytest.raises(LabelsError, match="no folder `ai` or `human`"):
        read(tmp_path)


def test_the_store_keeps_each_claim_once_and_forgets(tmp_path: Path) -> None:
    store = LabelStore(tmp_path / "labels")
    claims = [
        claim("x", path="/a/x.png", kind="photo"),
        claim("y", "human", origin=Origin.IMPORT, certainty=0.5),
    ]
    assert store.add(claims) == 2
    assert store.add(claims) == 0
    assert sorted(store, key=lambda one: one.label) == claims
    assert store.remove({digest("x")}) == 1
    assert list(store) == claims[1:]
    assert store.remove({digest("y")}) == 1
    assert not list(tmp_path.rglob("*.parquet"))


def test_the_columns_are_those_of_a_manifest() -> None:
    assert {"path", "label", "source", "generator", "creator", "kind"} <= set(COLUMNS)
