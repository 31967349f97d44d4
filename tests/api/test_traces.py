"""Traces, exported into memory."""

import os
import subprocess
import sys
from pathlib import Path

from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from api.traces import Traces
from serving.stages import STAGES
from tests.api.conftest import serving
from tests.fakes import FakeSearcher, fake_judge
from tests.scan.making import picture

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_a_request_is_a_span_with_its_stages(tmp_path: Path) -> None:
    exporter = InMemorySpanExporter()
    address = f"sqlite:///{tmp_path / 'r.sqlite3'}"
    judge = fake_judge(similarity=FakeSearcher())
    with serving(address, judge, traces=Traces(SimpleSpanProcessor(exporter))) as client:
        answer = client.http.post(
            "/v1/scores",
            files={"image": picture(1)},
            data={"account_id": "ann", "work_id": "w1"},
            headers={"traceparent": PARENT},
        )
        assert answer.status_code == 200
        client.http.post("/v1/scores", files={"image": b"words"})
        client.http.get("/v1/creators/Bob", params={"work": "w1"})
    spans = exporter.get_finished_spans()
    first, second = (span for span in spans if span.name == "POST /v1/scores")
    assert first.context.trace_id == int(PARENT.split("-")[1], 16)
    assert first.parent is not None
    assert first.parent.span_id == int(PARENT.split("-")[2], 16)
    assert first.attributes is not None
    assert first.attributes["http.response.status_code"] == 200
    assert second.parent is None
    assert second.attributes is not None
    assert second.attributes["http.response.status_code"] == 422
    stages = [one for one in spans if one.parent is not None and one.name in STAGES]
    of_first = [one.name for one in stages if one.parent == first.context]
    assert set(of_first) == set(STAGES)
    assert all(one.start_time <= one.end_time for one in spans)
    assert {one.name for one in stages if one.parent == second.context} <= set(STAGES) - {"record"}
    told = "".join(span.to_json() for span in spans)
    for name in ("ann", "w1", "Bob"):
        assert name not in told


def test_without_an_endpoint_nothing_is_loaded() -> None:
    asked = """
import sys
from serving.settings import traces_are_wanted
from api.opening import _traces
assert not traces_are_wanted() and _traces() is None
print(*(name for name in sys.modules if name.startswith("opentelemetry.sdk")))
"""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    done = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True, env=clean
    )
    assert done.stdout.split() == []
    wanted = clean | {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}
    asked = "from api.opening import _traces; print(type(_traces()).__name__)"
    done = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True, env=wanted
    )
    assert done.stdout.split() == ["Traces"]
