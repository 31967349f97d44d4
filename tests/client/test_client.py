"""The client against a real service, one that is hard to hear, and the description."""

import io
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pyarrow.parquet as pq
import pytest

from client import Client, NotReached, Refused, StillUndecided, answers
from storage.keys import Scope
from tests.api.conftest import serving
from tests.api.test_creators import FakeCatalogue
from tests.fakes import fake_judge
from tests.scan.jobs.making import queue, until
from tests.scan.making import picture, write_folder, write_zip


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("client")
    archives = write_folder(folder / "archives", {"a.png": picture(1)})
    judge = fake_judge(similarity=FakeCatalogue())
    records = f"sqlite:///{folder / 'r.sqlite3'}"
    scans = queue(folder / "scans", archives)
    with serving(records, judge, [Scope.ADMIN], scans=scans) as found:
        yield found


@pytest.fixture
def client(service: Any) -> Iterator[Client]:
    key = service.http.headers["Authorization"].removeprefix("Bearer ")
    with Client(service.url, key) as found:
        yield found


def test_an_upload_is_scored_and_objected_to(client: Client) -> None:
    first = client.score(picture(1), service="pixiv", account_id="ann", declared_ai=False, key="k")
    assert first.status == "decided"
    assert first.image is not None
    assert first.image.format == "png"
    again = client.score(picture(1), service="pixiv", account_id="ann", declared_ai=False, key="k")
    assert again == first == client.decision(first.id)
    with pytest.raises(Refused) as refused:
        client.appeal(first.id, "bob", "It is mine.")
    assert refused.value.problem.code in ("not_the_uploader", "nothing_to_appeal")


def test_creators_enrol_and_withdraw(client: Client, tmp_path: Path) -> None:
    assert client.enrol("Ann Ō", accounts=["7"]).accounts == ["7"]
    assert client.enrol_work("Ann Ō", "w/1", picture(1), note="letter").added
    archive = write_zip(tmp_path / "a.zip", {"b.png": picture(2), "c.png": picture(3)[:50]})
    done = client.enrol_works("Ann Ō", archive.read_bytes())
    assert (done.added, [one.work for one in done.unreadable]) == (1, ["c.png"])
    assert client.creator("Ann Ō").works == 2
    assert [one.work for one in client.works("Ann Ō")] == ["w/1", "b.png"]
    client.withdraw("Ann Ō")
    with pytest.raises(Refused, match="creator_not_found"):
        client.creator("Ann Ō")


def test_an_archive_is_scanned(client: Client, service: Any, tmp_path: Path) -> None:
    begun = client.begin_scan(".", key="s")
    assert client.begin_scan(".", key="s").id == begun.id
    until(service.service.scans, begun.id, lambda job: job.state.ended)
    assert client.scans() == [client.scan(begun.id)]
    assert (client.scan(begun.id).status, client.scan(begun.id).images) == ("done", 1)
    client.fetch_table(begun.id, tmp_path / "t.parquet")
    assert pq.read_table(io.BytesIO((tmp_path / "t.parquet").read_bytes())).num_rows == 1
    client.remove_scan(begun.id)
    assert client.scans() == []


def heard(answering: Callable[[httpx2.Request], httpx2.Response]) -> tuple[Client, list[float]]:
    """A client of a function, and the pauses that it makes."""
    pauses: list[float] = []
    transport = httpx2.MockTransport(answering)
    return Client("http://x", "k", transport=transport, pause=pauses.append), pauses


UNDECIDED = {
    **dict.fromkeys(("image", "ai", "similarity", "decision", "model", "problem")),
    "id": "d1",
    "status": "undecided",
    "undecided": "hold",
}
BUSY = {"title": "", "status": 503, "code": "overloaded", "detail": "later"}


def test_what_is_not_heard_is_asked_again_under_one_key() -> None:
    keys: list[str] = []

    def answering(request: httpx2.Request) -> httpx2.Response:
        keys.append(request.headers["Idempotency-Key"])
        if len(keys) == 1:
            raise httpx2.ConnectError("gone")
        if len(keys) == 2:
            return httpx2.Response(503, json=BUSY, headers={"Retry-After": "7"})
        return httpx2.Response(202, json=UNDECIDED)

    client, pauses = heard(answering)
    assert client.score(b"x").undecided == "hold"
    assert len(set(keys)) == 1
    assert pauses == [0.5, 7.0]


def test_it_does_not_ask_for_ever() -> None:
    client, pauses = heard(lambda _: httpx2.Response(503, json=BUSY))
    with pytest.raises(Refused, match="overloaded"):
        client.decision("d")
    assert len(pauses) == 3
    client, pauses = heard(lambda _: httpx2.Response(502, text="<html>"))
    with pytest.raises(NotReached, match="502"):
        client.decision("d")
    client, pauses = heard(lambda _: httpx2.Response(200, json={"hello": 1}))
    with pytest.raises(NotReached, match="something else"):
        client.decision("d")


def test_it_waits_for_a_decision_as_long_as_it_is_told() -> None:
    client, _ = heard(lambda _: httpx2.Response(202, json=UNDECIDED))
    with pytest.raises(StillUndecided) as told:
        client.score(b"x", wait=0.01)
    assert told.value.decision == "d1"
    asked: list[str] = []

    def answering(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.path)
        status = "failed" if len(asked) == 3 else "undecided"
        return httpx2.Response(202, json={**UNDECIDED, "status": status})

    client, _ = heard(answering)
    assert client.score(b"x", wait=60).status == "failed"
    assert asked == ["/v1/scores", "/v1/decisions/d1", "/v1/decisions/d1"]


NAMES = {"Appeal": "OpenedAppeal"}
"""Answers that bear another name in the description."""


def test_answers_are_as_described(service: Any) -> None:
    schemas = service.http.get("/openapi.json").json()["components"]["schemas"]
    kinds = [one for one in vars(answers).values() if isinstance(one, type)]
    kinds = [one for one in kinds if issubclass(one, answers.Answer) and one is not answers.Answer]
    assert len(kinds) > 8
    for kind in kinds:
        described = schemas[NAMES.get(kind.__name__, kind.__name__)]["properties"]
        for name, field in kind.model_fields.items():
            assert name in described, f"{kind.__name__}.{name}"
            optional = any(one.get("type") == "null" for one in described[name].get("anyOf", ()))
            taken = type(None) in getattr(field.annotation, "__args__", ())
            assert taken or not optional, f"{kind.__name__}.{name} may be null"


def test_it_loads_nothing_that_judges() -> None:
    heavy = "openvino torch cv2 faiss PIL sqlalchemy fastapi"
    code = f"import sys, client; print(*(set({heavy!r}.split()) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
