"""What can be seen of a running service: counts, ids, limits of rates."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from api.rates import Rates
from serving.stages import STAGES
from storage.keys import Scope
from tests.api.conftest import Client, serving
from tests.fakes import FakeSearcher, fake_judge
from tests.scan.making import picture


def counted(client: Client) -> dict[tuple[str, ...], float]:
    answer = client.http.get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_requests_and_decisions_are_counted(client: Client) -> None:
    for number in range(3):
        client.score(picture(number), declared_ai="true")
    client.score(b"words")
    client.http.get("/v1/somewhere/else")
    found = counted(client)
    assert found["rakkan_requests_total", "POST", "/v1/scores", "200"] == 3
    assert found["rakkan_requests_total", "POST", "/v1/scores", "422"] == 1
    assert found["rakkan_requests_total", "GET", "none", "404"] == 1
    assert found["rakkan_request_seconds_count", "/v1/scores"] == 4
    assert sum(n for name, n in found.items() if name[0] == "rakkan_decisions_total") == 3
    assert found["rakkan_batch_images_sum",] == 3
    assert found["rakkan_uploads_waiting",] == 0


def test_stages_and_scores_are_counted(tmp_path: Path) -> None:
    shares = (0.5, *[0.0] * 8, 0.5)
    judge = fake_judge(similarity=FakeSearcher())
    judge = replace(judge, model=replace(judge.model, shares=shares))
    with serving(f"sqlite:///{tmp_path / 'r.sqlite3'}", judge) as client:
        answers = [client.score(picture(number)).json() for number in range(4)]
        found = counted(client)
    for stage in STAGES:
        times = 2 if stage == "queue" else 1
        assert found["rakkan_stage_seconds_count", stage] == 4 * times, stage
    scores = {name[2:]: n for name, n in found.items() if name[0] == "rakkan_pixel_scores_total"}
    assert sum(scores.values()) == 4
    assert {place for _, place in scores} == {str(place) for place in range(10)}
    for answer in answers:
        place = min(int(10 * answer["ai"]["probability"]), 9)
        assert scores["default", str(place)]
    assert found["rakkan_held_out_share", "fake", "9"] == 0.5


def test_a_method_of_ones_own_makes_no_series_of_its_own(client: Client) -> None:
    for method in ("BREW", "WHEN"):
        client.http.request(method, "/v1/scores")
    found = counted(client)
    assert found["rakkan_requests_total", "other", "/v1/scores", "405"] == 2
    assert not any("BREW" in name for name in found)


def test_counts_are_shown_to_keys_alone(client: Client) -> None:
    assert client.http.get("/metrics", headers={"Authorization": ""}).status_code == 401


def test_a_request_keeps_its_id_if_it_can_stand_in_a_log(client: Client) -> None:
    for given, kept in (("abc-17", True), ("a b", False), ("x" * 200, False), ("", False)):
        answer = client.http.get("/healthz", headers={"X-Request-ID": given})
        assert (answer.headers["x-request-id"] == given) is kept
        assert answer.headers["x-request-id"]


def test_a_key_that_asks_too_often_is_told_when_to_come_again(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'r.sqlite3'}"
    with serving(address, scopes=[Scope.SCORE], rates=Rates("2/hour")) as client:
        answers = [client.http.get("/v1/decisions/x") for _ in range(3)]
        assert [one.status_code for one in answers] == [404, 404, 429]
        assert answers[-1].json()["code"] == "too_fast"
        assert int(answers[-1].headers["retry-after"]) >= 1
        assert client.http.get("/healthz").status_code == 200


def test_the_log_is_json_with_the_id() -> None:
    told = """
import logging, structlog
from api.logs import write_json
write_json()
with structlog.contextvars.bound_contextvars(request_id="17"):
    logging.getLogger("rakkan.api").info("answered", extra={"status": 200})
    try:
        1 / 0
    except ZeroDivisionError as error:
        logging.getLogger("rakkan.api").error("a request failed", exc_info=error)
"""
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    first, second = map(json.loads, done.stderr.splitlines())
    assert (first["request_id"], first["event"], first["status"]) == ("17", "answered", 200)
    assert (second["request_id"], second["level"]) == ("17", "error")
    assert "ZeroDivisionError" in second["exception"]
