"""How held-out images are spread, as artefacts tell it."""

import json
from pathlib import Path

import pytest

from models.artefact.detector import HELD_OUT, RANGES, DetectorArtefact, held_out_shares
from models.artefact.registry import SHIPPED
from models.errors import BrokenArtefact


@pytest.mark.parametrize(
    "name",
    [
        "linear-v1-float",
        "linear-v1-int8",
        "networks-v2-int8",
        "networks-v3-int8",
        "networks-v5-float",
        "networks-v5-int8",
    ],
)
def test_shipped_models_tell_it(name: str) -> None:
    artefact = DetectorArtefact.load(SHIPPED / name)
    shares = held_out_shares(artefact)
    assert len(shares) == RANGES
    assert sum(shares) == pytest.approx(1)
    # A second way: how many there are in all, and the mean of what they were given.
    document = json.loads((SHIPPED / name / HELD_OUT).read_text())
    ranges = document.get("detector", document)["reliability"]
    total = sum(one["n"] for one in ranges)
    for one in ranges:
        assert shares[int(one["probability"] * 10)] == pytest.approx(one["n"] / total)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"detector": {"reliability": []}}', "\xff"])
def test_what_cannot_be_read_is_told(text: str, tmp_path: Path) -> None:
    shipped = DetectorArtefact.load(SHIPPED / "linear-v1-int8")
    (tmp_path / HELD_OUT).write_text(text, "latin-1")
    broken = DetectorArtefact(tmp_path, shipped.manifest, shipped.sha256, shipped.head)
    with pytest.raises(BrokenArtefact, match=HELD_OUT):
        held_out_shares(broken)
