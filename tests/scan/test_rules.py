"""A scan under a policy: what is asked for stands in the table and in the report."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from labelling import Context, Moment
from labelling.policy.document import Mode
from scan import Rules, scan
from scan.layout import TableFormat
from tests.fakes import FakeEncoder, fake_judge
from tests.labelling.making import policy
from tests.scan.making import picture, write_folder

FILES = {f"{number:03}.png": picture(number) for number in range(30)} | {"cut.png": b"\x89PNG"}
CONTEXT = Context(service="comics", at=datetime(2026, 11, 28, tzinfo=UTC), moment=Moment.ARCHIVE)


def rules(*rows: dict[str, Any], mode: Mode = Mode.LIVE) -> Rules:
    return Rules(policy(*rows, mode=mode), CONTEXT)


AI = {"when": [{"ai": {"at_least": "inferred"}}], "label": "ai", "actions": ["delist"]}
"""A policy that asks for more than it gets: what only pixels say is reviewed."""


def table(out: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(out / "results.parquet").to_pylist()
    return found


def test_rows_say_what_the_policy_asks_for(tmp_path: Path) -> None:
    source = write_folder(tmp_path / "in", FILES)
    under = rules(AI)
    summary = scan([source], tmp_path / "out", fake_judge(), rules=under)
    rows = table(tmp_path / "out")
    ai = [row for row in rows if row["ai_verdict"] == "ai"]
    others = [row for row in rows if row["ai_verdict"] not in ("ai", None)]
    assert ai
    assert others
    for row in ai:
        assert (row["label"], row["action"], row["policy"]) == (None, "review", "comics")
        assert row["policy_sha256"] == under.policy.id.sha256
        assert row["reasons"][0] == "Made by an AI."
        assert len(set(row["reasons"])) == len(row["reasons"])
    for row in others:
        assert (row["label"], row["action"]) == (None, "publish")
    (wrong,) = [row for row in rows if row["error"]]
    assert (wrong["label"], wrong["action"], wrong["policy"]) == (None, None, None)
    assert dict(summary.actions) == {"review": len(ai), "publish": len(others)}


@pytest.mark.parametrize("mode", Mode)
def test_the_report_shows_what_is_asked_for(tmp_path: Path, mode: Mode) -> None:
    source = write_folder(tmp_path / "in", FILES)
    scan([source], tmp_path / "out", fake_judge(), rules=rules(AI, mode=mode))
    text = (tmp_path / "out/report.html").read_text("utf-8")
    asked = [row["path"] for row in table(tmp_path / "out") if row["action"] == "review"]
    assert f'<a href="#action=review">review</a> {len(asked)}' in text
    assert text.count('data-text="action_words">Review<') == len(asked)
    assert ("in shadow" in text) == (mode is Mode.SHADOW)


def test_what_is_done_when_all_is_judged_is_told(tmp_path: Path) -> None:
    source = write_folder(tmp_path / "in", FILES)
    steps: list[str] = []
    scan([source], tmp_path / "out", fake_judge(), rules=rules(AI), step=steps.append)
    assert steps == ["deciding under the policy", "writing the table", "writing the report"]


def test_another_policy_judges_no_image_again(tmp_path: Path) -> None:
    source, out = write_folder(tmp_path / "in", FILES), tmp_path / "out"
    scan([source], out, fake_judge(), rules=rules(AI))
    before = table(out)
    encoder = FakeEncoder()
    milder = {**AI, "actions": ["label"]}
    scan([source], out, fake_judge(encoder), rules=rules(milder), resume=True)
    assert not encoder.seen
    assert [row["ai_verdict"] for row in table(out)] == [row["ai_verdict"] for row in before]
    assert {row["action"] for row in table(out)} == {"label", "publish", None}
    scan([source], out, fake_judge(encoder), resume=True)
    assert {(row["action"], row["policy"]) for row in table(out)} == {(None, None)}
    assert "Asked for" not in (out / "report.html").read_text("utf-8")


def test_lines_hold_the_whole_decision(tmp_path: Path) -> None:
    source, out = write_folder(tmp_path / "in", FILES), tmp_path / "out"
    under = rules(AI)
    scan([source], out, fake_judge(), rules=under, table=TableFormat.JSONL)
    text = (out / "results.jsonl").read_text("utf-8")
    assert text.count(f'"policy_sha256":"{under.policy.id.sha256}"') == len(FILES) - 1
