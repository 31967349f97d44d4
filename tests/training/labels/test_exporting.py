from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation import Finding, MadeBy, label, record
from storage import open_store
from tests.moderation.telling import MIA, T0, human, later, policy, upload
from tests.training.labels.claims import claim, digest
from training.data.manifest import in_split, read_manifest
from training.labels.claim import Claim, Origin
from training.labels.exporting import examples, write_manifest
from training.labels.images import located
from training.labels.importing import read_labels
from training.labels.records import UPLOADER, recorded_claims
from training.labels.resolve import resolve
from training.labels.splitting import split


def test_the_records_labels_and_those_of_nobody_who_was_erased(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'records.sqlite3'}")
    for account in ("ann", "bob"):
        context = upload(f"of {account}", account, declared_ai=False)
        done = record(store, human(f"of {account}"), context, policy(), at=T0, key=account)
        said = Finding(MadeBy.AI, 0.9)
        label(store, done.id, MIA, said, at=later(hours=1), key=f"label {account}")
    with store.reading() as reader:
        claims = list(recorded_claims(reader))
    assert [(one.label, one.by, one.origin) for one in claims] == [
        ("human", UPLOADER, Origin.DECLARATION),
        ("ai", "mia", Origin.MODERATOR),
    ] * 2
    assert {one.label.label for one in resolve(claims).labels} == {"ai"}
    store.erase("ann", at=later(days=1), actor="sol")
    with store.reading() as reader:
        left = {one.sha256 for one in recorded_claims(reader)}
        assert left == {digest("of bob")}
        assert reader.erased_images() == {digest("of ann")}
    store.close()


def many() -> list[Claim]:
    ai = [claim(f"a{i}", day=i, generator="SDXL") for i in range(20)]
    new = [claim(f"n{i}", day=5, generator="new") for i in range(4)]
    human = [claim(f"h{i}", "human", day=i, creator=f"c{i // 2}") for i in range(20)]
    return [*ai, *new, *human]


def test_the_newest_and_held_out_generators_are_judged_on() -> None:
    labels = many()
    where = dict(zip((one.sha256 for one in labels), split(labels, held_out=["new"]), strict=True))
    assert {"a18", "a19", "n0", "n1", "n2", "n3", "h18", "h19"} == {
        name
        for name in (f"{c}{i}" for c in "anh" for i in range(20))
        if where.get(digest(name)) == "dev"
    }


@given(
    st.lists(
        st.builds(
            claim,
            image=st.uuids().map(str),
            label=st.sampled_from(["ai", "human"]),
            day=st.integers(0, 9),
            creator=st.sampled_from(["ann", "bob", "eve"]),
            pair_group=st.sampled_from(["p", "q", "r", "s"]),
        ),
        unique_by=lambda one: one.sha256,
        max_size=20,
    ),
    st.floats(0, 0.9),
)
def test_what_belongs_together_is_never_parted(labels: list[Claim], newest: float) -> None:
    sides: dict[tuple[str, str], set[str]] = {}
    for one, side in zip(labels, split(labels, newest=newest), strict=True):
        for name, value in one.facts.items():
            sides.setdefault((name, value), set()).add(side)
    assert all(len(found) == 1 for found in sides.values())


def test_a_manifest_of_the_store_with_old_data(tmp_path: Path) -> None:
    for name in ("one.png", "two.png", "old.png"):
        (tmp_path / name).write_bytes(name.encode())
    old = tmp_path / "old.csv"
    old.write_text("path,label,split,kind\none.png,human,train,\nold.png,human,dev,photo\n")
    labels = [
        claim("one.png", certainty=0.5, path=str(tmp_path / "moved.png")),
        claim("gone.png", "human"),
    ]
    here = tuple(located(labels, [tmp_path]))
    out = tmp_path / "out" / "manifest.csv"
    write_manifest(examples(here, newest=0, replay=old), out)
    rows = {row.sha256: row for row in read_manifest(out)}
    assert set(rows) == {digest(name) for name in ("one.png", "gone.png", "old.png")}
    one = rows[digest("one.png")]
    assert (one.label, one.certainty, one.path) == ("ai", 0.5, tmp_path / "one.png")
    assert datetime.fromisoformat(one.at) == labels[0].at
    assert not rows[digest("gone.png")].path.exists()
    assert [row.kind for row in in_split(rows.values(), "dev")] == ["photo"]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_manifest_may_be_imported_again(suffix: str, tmp_path: Path) -> None:
    out = tmp_path / f"manifest.{suffix}"
    write_manifest(examples([claim("x"), claim("y", "human")]), out)
    back = read_labels(out, by="noa", at=T0).claims
    assert {(one.sha256, one.label, one.by) for one in back} == {
        (digest("x"), "ai", "mia"),
        (digest("y"), "human", "mia"),
    }
