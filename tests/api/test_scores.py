"""Uploads that are scored over HTTP, with records in both databases."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from evidence.document import to_document
from models import Features, Views
from tests.api.conftest import Client, serving
from tests.fakes import FakeEncoder, FakeSearcher, fake_judge
from tests.scan.making import picture

PROBLEM = "application/problem+json"


def code(response: httpx2.Response) -> str:
    assert response.headers["content-type"] == PROBLEM
    said = response.json()
    assert said["status"] == response.status_code
    assert said["detail"]
    return str(said["code"])


def test_an_upload_is_judged_decided_about_and_found_again(client: Client) -> None:
    image = picture(3, side=60)
    answer = client.score(image, service="pixiv", account_id="ann", work_id="w1")
    assert answer.status_code == 200
    said = answer.json()
    assert said["status"] == "decided"
    expected = to_document(client.service.online.judge.one(image))
    for part in ("image", "ai", "model"):
        assert said[part] == expected[part]
    assert said["similarity"]["copies"] == said["similarity"]["creators"] == []
    decision = said["decision"]
    assert decision["policy"] == "pixiv"
    assert len(decision["policy_sha256"]) == 64
    assert {"label", "action", "reasons"} <= decision.keys()
    assert all({"code", "text"} <= one.keys() for one in decision["reasons"])
    again = client.http.get(f"/v1/decisions/{said['id']}")
    assert again.status_code == 200
    assert again.json() == said


def test_a_declaration_is_heard(client: Client) -> None:
    said = client.score(picture(1), declared_ai="true").json()
    assert (said["ai"]["verdict"], said["ai"]["evidence"]) == ("ai", "declared")
    assert (said["decision"]["label"], said["decision"]["policy"]) == ("ai", "default")


def test_with_an_index_it_says_what_is_alike(tmp_path: Path) -> None:
    judge = fake_judge(similarity=FakeSearcher())
    with serving(f"sqlite:///{tmp_path / 'r.sqlite3'}", judge) as client:
        said = client.score(picture(3, side=60)).json()
    assert said["similarity"]["creators"]
    assert said["model"]["index"] == said["similarity"]["index"]


def test_a_key_gives_the_same_answer_and_is_refused_for_another_upload(client: Client) -> None:
    first = client.score(picture(1), "k", account_id="ann").json()
    assert client.score(picture(1), "k", account_id="ann").json() == first
    assert client.score(picture(1), "other", account_id="ann").json()["id"] != first["id"]
    for other in (
        client.score(picture(2), "k", account_id="ann"),
        client.score(picture(1), "k", account_id="bob"),
    ):
        assert (other.status_code, code(other)) == (422, "key_reused")


def test_a_key_outlives_the_process(address: str) -> None:
    with serving(address) as client:
        first = client.score(picture(1), "k")
        key = client.http.headers["Authorization"]
    encoder = FakeEncoder()
    with serving(address, fake_judge(encoder)) as client:
        client.http.headers["Authorization"] = key
        encoder.seen.clear()
        assert client.score(picture(1), "k").json() == first.json()
        assert not encoder.seen


class Slow(FakeEncoder):
    """Encodes nothing but the first picture until it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.let = threading.Event()
        self.let.set()

    def encode(self, views: Views) -> Features:
        self.let.wait()
        return super().encode(views)


def test_what_takes_too_long_is_undecided_and_decided_later(address: str) -> None:
    encoder = Slow()
    with serving(address, fake_judge(encoder), seconds=0.2) as client:
        encoder.let.clear()
        answer = client.score(picture(1), "k")
        assert answer.status_code == 202
        said = answer.json()
        assert (said["status"], said["undecided"]) == ("undecided", "publish")
        place = f"/v1/decisions/{said['id']}"
        again = client.score(picture(1), "k")
        assert (again.status_code, code(again)) == (409, "in_work")
        assert client.http.get(place).status_code == 202
        encoder.let.set()
        while (found := client.http.get(place)).status_code == 202:
            time.sleep(0.01)
        assert found.status_code == 200
        assert found.json()["status"] == "decided"


def test_what_happens_meanwhile_is_inherited(tmp_path: Path) -> None:
    for name, more in (("cautious", "undecided: hold"), ("careful", "inherits: cautious")):
        words = "title: {en: Comics, ja: コミックス}"
        document = f"schema: 1\nname: {name}\n{words}\n{more}\n"
        (tmp_path / f"{name}.yaml").write_text(document, "utf-8")
    encoder, records = Slow(), f"sqlite:///{tmp_path / 'r.sqlite3'}"
    with serving(records, fake_judge(encoder), seconds=0.1, policies=tmp_path) as client:
        encoder.let.clear()
        assert client.score(picture(1), service="careful").json()["undecided"] == "hold"
        encoder.let.set()


def test_while_one_is_in_work_the_same_key_waits(address: str) -> None:
    encoder = Slow()
    with serving(address, fake_judge(encoder)) as client, ThreadPoolExecutor() as pool:
        encoder.let.clear()
        first = pool.submit(client.score, picture(1), "k")
        while not client.service.pending:
            time.sleep(0.01)
        second = client.score(picture(1), "k")
        assert (second.status_code, code(second)) == (409, "in_work")
        encoder.let.set()
        assert first.result().status_code == 200


def test_too_many_are_told_when_to_come_again(tmp_path: Path) -> None:
    encoder = Slow()
    with (
        serving(f"sqlite:///{tmp_path / 'r.sqlite3'}", fake_judge(encoder), most=3) as client,
        ThreadPoolExecutor(8) as pool,
    ):
        encoder.let.clear()
        waiting = [pool.submit(client.score, picture(1)) for _ in range(3)]
        while client.service.online.waiting < 3:
            time.sleep(0.01)
        refused = client.score(picture(1))
        assert (refused.status_code, code(refused)) == (503, "overloaded")
        assert int(refused.headers["retry-after"]) >= 1
        assert client.http.get("/readyz").status_code == 503
        encoder.let.set()
        assert all(one.result().status_code == 200 for one in waiting)


@pytest.mark.parametrize(
    ("image", "status", "wrong"),
    [
        (b"", 422, "image_empty"),
        (b"not an image", 422, "image_unsupported"),
        (picture(2)[:60], 422, "image_corrupt"),
    ],
)
def test_a_bad_image_is_told(client: Client, image: bytes, status: int, wrong: str) -> None:
    answer = client.score(image)
    assert (answer.status_code, code(answer)) == (status, wrong)


def test_what_a_form_may_not_have(client: Client) -> None:
    for fields in ({"declared_ai": "perhaps"}, {"colour": "red"}, {"account_id": "x" * 5000}):
        answer = client.score(picture(1), **fields)
        assert (answer.status_code, code(answer)) == (422, "bad_form")
    answer = client.score(picture(1), service="pixivv")
    assert (answer.status_code, code(answer)) == (422, "unknown_policy")
    assert "pixiv" in answer.json()["detail"]
    for body in (b"", b"--x\r\n\r\n", b"words"):
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        answer = client.http.post("/v1/scores", content=body, headers=headers)
        assert (answer.status_code, code(answer)) == (422, "bad_form")
    answer = client.http.post("/v1/scores", json={})
    assert (answer.status_code, code(answer)) == (422, "bad_form")


def test_large_bodies_are_refused_early(tmp_path: Path) -> None:
    with serving(f"sqlite:///{tmp_path / 'r.sqlite3'}", most_bytes=100_000) as client:
        answer = client.score(b"x" * 200_000)
        assert (answer.status_code, code(answer)) == (413, "upload_too_large")

        def pieces() -> Iterator[bytes]:
            """A form of a length that nobody says."""
            yield b'--x\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n'
            for _ in range(200):
                yield b"x" * 1000
            yield b"\r\n--x--\r\n"

        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        answer = client.http.post("/v1/scores", content=pieces(), headers=headers)
        assert (answer.status_code, code(answer)) == (413, "upload_too_large")


def test_only_keys_with_the_scope_may_ask(client: Client) -> None:
    for headers in ({"Authorization": "Bearer wrong"}, {"Authorization": ""}):
        answer = client.http.get("/v1/decisions/x", headers=headers)
        assert (answer.status_code, code(answer)) == (401, "key_missing")
        assert answer.headers["www-authenticate"] == "Bearer"
    assert client.http.get("/healthz", headers={"Authorization": ""}).json() == {"status": "ok"}
    ready = client.http.get("/readyz", headers={"Authorization": ""}).json()
    assert ready == {"status": "ready", "model": "fake"}


def test_what_there_is_not(client: Client) -> None:
    answer = client.http.get("/v1/decisions/none")
    assert (answer.status_code, code(answer)) == (404, "unknown_record")
    answer = client.http.get("/v1/nothing")
    assert (answer.status_code, code(answer)) == (404, "not_found")
    answer = client.http.post(
        "/v1/appeals", json={"decision": "none", "account_id": "a", "text": "x"}
    )
    assert (answer.status_code, code(answer)) == (404, "unknown_record")
    answer = client.http.post("/v1/appeals", json={})
    assert (answer.status_code, code(answer)) == (422, "invalid")


def test_every_route_is_described(client: Client) -> None:
    described = client.http.get("/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    assert set(described["paths"]) == {
        "/healthz",
        "/readyz",
        "/metrics",
        "/v1/scores",
        "/v1/decisions/{decision}",
        "/v1/decisions/{decision}/page",
        "/v1/appeals",
        "/v1/creators/{creator}",
        "/v1/creators/{creator}/page",
        "/v1/creators/{creator}/works",
        "/v1/creators/{creator}/works/archive",
        "/v1/labels",
        "/v1/outbox",
        "/v1/outbox/{message}/retry",
        "/v1/reports",
        "/v1/reviews",
        "/v1/reviews/{review}",
        "/v1/reviews/{review}/claim",
        "/v1/reviews/{review}/release",
        "/v1/reviews/{review}/resolve",
        "/v1/appeals/{appeal}",
        "/v1/appeals/{appeal}/claim",
        "/v1/appeals/{appeal}/release",
        "/v1/archive",
        "/v1/archive/{proposal}",
        "/v1/archive/{proposal}/approve",
        "/v1/archive/{proposal}/undo",
        "/v1/archive/{proposal}/carry-out",
        "/v1/scans",
        "/v1/scans/{scan}",
        "/v1/scans/{scan}/results.parquet",
        "/v1/scans/{scan}/report.html",
        "/v1/scans/{scan}/report/{part}",
        "/v1/scans/{scan}/report/{kind}/{folder}/{thumb}",
    }
    assert set(described["webhooks"]) == {"instruction", "notice", "refund", "decision"}
