"""What was answered as undecided is decided, whatever happens to the process."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from uuid import uuid4

import httpx2
import pytest

from labelling import Context
from models import Features, Views
from moderation.people import RAKKAN, Act
from storage import EventType, open_store
from storage.accepted import AcceptedUpload
from storage.cases import MessageState
from storage.keys import Scope, create_key
from tests.api.conftest import Client, serving
from tests.api.test_observing import counted
from tests.api.test_outbox import Failing
from tests.api.test_scores import Slow, code
from tests.fakes import FakeEncoder, fake_judge
from tests.scan.making import picture

ROOT = Path(__file__).parents[2]
CLIENTS = 6
SHORT = timedelta(seconds=0.5)


def left_behind(address: str, image: bytes, *, attempts: int = 1) -> str:
    """An upload that a process accepted which died; the id of its decision."""
    at = datetime.now(UTC)
    context = Context(service="default", at=at, account="ann", work="w1")
    act = Act(at, RAKKAN, str(uuid4()))
    upload = AcceptedUpload(act.id("decision"), act.key, context, "ab" * 32, attempts)
    store = open_store(address)
    with store.transaction() as tx:
        tx.accepted.keep(upload, image, "dead", at=at, until=at)
    store.close()
    return upload.id


def settled(client: Client, decision: str) -> httpx2.Response:
    """The answer about a decision, once there is one."""
    while (found := client.http.get(f"/v1/decisions/{decision}")).status_code == 202:
        time.sleep(0.02)
    return found


def decided(address: str) -> Counter[str]:
    """How often each decision is recorded."""
    store = open_store(address)
    with store.reading() as reader:
        events = [one for one in reader.events() if one.type == EventType.DECIDED]
        assert reader.accepted.count() == 0
    assert store.verify().whole
    store.close()
    return Counter(str(one.data["decision"]) for one in events)


def test_another_process_knows_what_was_accepted(address: str) -> None:
    encoder = Slow()
    with (
        serving(address, fake_judge(encoder), seconds=0.1) as first,
        serving(address) as second,
    ):
        encoder.let.clear()
        second.http.headers["Authorization"] = first.http.headers["Authorization"]
        late = first.score(picture(1), "k", account_id="ann")
        assert late.status_code == 202
        place = f"/v1/decisions/{late.json()['id']}"
        assert second.http.get(place).status_code == 202
        assert counted(first)["rakkan_uploads_undecided",] == 1
        again = second.score(picture(1), "k", account_id="ann")
        assert (again.status_code, code(again)) == (409, "in_work")
        encoder.let.set()
        answer = settled(first, late.json()["id"])
        assert answer.json()["status"] == "decided"
        assert second.score(picture(1), "k", account_id="ann").json() == answer.json()
    assert decided(address) == {late.json()["id"]: 1}


def test_it_is_kept_only_as_long_as_it_is_not_decided(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'r.sqlite3'}"
    encoder, image = Slow(), picture(1, side=90)
    with serving(address, fake_judge(encoder), seconds=0.1) as client:
        assert client.service.accepted.worker
        encoder.let.clear()
        late = client.score(image, account_id="ann")
        files = b"".join(file.read_bytes() for file in tmp_path.iterdir())
        assert image[:300] in files
        encoder.let.set()
        assert settled(client, late.json()["id"]).status_code == 200
        client.service.store.erase("ann", at=datetime.now(UTC), actor="officer")
        files = b"".join(file.read_bytes() for file in tmp_path.iterdir())
        assert image[:300] not in files


def test_what_is_erased_meanwhile_is_not_decided(address: str) -> None:
    encoder = Slow()
    with serving(address, fake_judge(encoder), seconds=0.1) as client:
        encoder.let.clear()
        late = client.score(picture(1), account_id="ann")
        client.service.store.erase("ann", at=datetime.now(UTC), actor="officer")
        encoder.let.set()
        answer = settled(client, late.json()["id"])
        assert (answer.status_code, code(answer)) == (404, "unknown_record")
        assert client.service.store.messages(MessageState.WAITING) == ()
    assert not decided(address)


def test_what_a_dead_process_left_is_decided_and_told(address: str) -> None:
    good = left_behind(address, picture(1))
    bad = left_behind(address, b"no image")
    poison = left_behind(address, picture(2), attempts=8)
    with serving(address, lease=SHORT) as client:
        assert settled(client, good).json()["status"] == "decided"
        for name, wrong in ((bad, "image_unsupported"), (poison, "not_judged")):
            said = settled(client, name).json()
            assert (said["status"], said["problem"]["code"]) == ("failed", wrong)
            assert said["decision"] is None
        told = client.service.store.messages(MessageState.WAITING)
        assert {one.decision: one.topic for one in told} == {
            good: "made",
            bad: "failed",
            poison: "failed",
        }
    assert decided(address) == {good: 1}


def test_what_cannot_be_judged_says_so_and_may_be_posted_again(tmp_path: Path) -> None:
    encoder, records = Failing(), f"sqlite:///{tmp_path / 'r.sqlite3'}"
    with serving(records, fake_judge(encoder), seconds=0.1) as client:
        encoder.fails = True
        encoder.let.clear()
        late = client.score(picture(1), "k").json()["id"]
        encoder.let.set()
        assert settled(client, late).json()["problem"] == {
            "code": "image_corrupt",
            "detail": "it ends too early",
        }
        encoder.fails = False
        client.service.seconds = 60
        again = client.score(picture(1), "k")
        assert (again.status_code, again.json()["id"]) == (200, late)
        assert settled(client, late).json() == again.json()


class Flaky(FakeEncoder):
    """Fails once it is told to, as a machine does, until it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.fails = Event()
        self.asked = Event()

    def encode(self, views: Views) -> Features:
        if self.fails.is_set():
            self.asked.set()
            time.sleep(0.5)
            raise MemoryError
        return super().encode(views)


def test_what_the_machine_could_not_do_is_tried_again(tmp_path: Path) -> None:
    encoder, records = Flaky(), f"sqlite:///{tmp_path / 'r.sqlite3'}"
    with serving(records, fake_judge(encoder), seconds=0.05, lease=SHORT) as client:
        encoder.fails.set()
        late = client.score(picture(1)).json()["id"]
        assert encoder.asked.wait(60)
        encoder.fails.clear()
        # The next attempt would be seconds away.
        while late in client.service.pending:
            time.sleep(0.02)
        store, worker = client.service.store, client.service.accepted.worker
        with store.transaction() as tx:
            assert tx.accepted.find(late) is not None
            tx.accepted.lease([late], worker, datetime.now(UTC))
        assert settled(client, late).json()["status"] == "decided"


@contextmanager
def replica(address: str, key: str, seconds: float) -> Iterator[tuple[httpx2.Client, int]]:
    """A service in a process of its own, and the process; see `tests.api.replica`."""
    command = [sys.executable, "-m", "tests.api.replica", address, str(seconds)]
    with (
        ThreadPoolExecutor() as reading,
        subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process,
    ):
        try:
            assert process.stderr is not None
            log = (json.loads(line)["event"] for line in process.stderr)
            url = next(found[1] for one in log if (found := re.search(r"(http://\S+)", one)))
            # Nobody needs the rest, which must not fill the pipe.
            reading.submit(list, log)
            headers = {"Authorization": f"Bearer {key}"}
            with httpx2.Client(base_url=url, headers=headers, timeout=60) as client:
                yield client, process.pid
        finally:
            process.kill()


def score(client: httpx2.Client, number: int, key: str) -> httpx2.Response:
    headers = {"Idempotency-Key": key}
    return client.post("/v1/scores", files={"image": picture(number)}, headers=headers)


def until_gone(client: httpx2.Client) -> None:
    with suppress(httpx2.TransportError):
        while client.get("/readyz").status_code:
            time.sleep(0.05)


@pytest.fixture
def key(address: str) -> str:
    store = open_store(address)
    made = create_key(store, "k", [Scope.SCORE], at=datetime.now(UTC))
    store.close()
    return made


def test_kill_9_under_load_loses_nothing_that_was_accepted(address: str, key: str) -> None:
    told: dict[int, list[str]] = defaultdict(list)

    def post(client: httpx2.Client, name: int) -> None:
        try:
            for number in range(1000):
                answer = score(client, number % 20, f"{name}-{number}")
                told[answer.status_code].append(answer.json()["id"])
        except httpx2.TransportError:
            return  # It was killed.

    with replica(address, key, 0.3) as (client, process), ThreadPoolExecutor() as pool:
        while not told[200]:
            answer = score(client, 0, f"first-{len(told[202])}")
            told[answer.status_code].append(answer.json()["id"])
        posting = [pool.submit(post, client, name) for name in range(CLIENTS)]
        while len(told[202]) < 2 * CLIENTS:
            time.sleep(0.02)
        os.kill(process, signal.SIGKILL)
        for one in posting:
            one.result()
    assert told.keys() == {200, 202}
    store = open_store(address)
    with store.reading() as reader:
        assert reader.accepted.count() > 0
    store.close()
    with replica(address, key, 0) as (client, _):
        for one in told[200]:
            assert client.get(f"/v1/decisions/{one}").status_code == 200
        for one in told[202]:
            while (found := client.get(f"/v1/decisions/{one}")).status_code == 202:
                time.sleep(0.05)
            assert found.json()["status"] == "decided"
        # Also what was accepted when nobody heard the answer any more.
        store = open_store(address)
        with store.reading() as reader:
            left = reader.accepted.count()
        while left:
            time.sleep(0.05)
            with store.reading() as reader:
                left = reader.accepted.count()
        store.close()
    counts = decided(address)
    assert counts.keys() >= {*told[200], *told[202]}
    assert set(counts.values()) == {1}


def test_what_draining_has_no_time_for_is_not_lost(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'r.sqlite3'}"
    store = open_store(address)
    key = create_key(store, "k", [Scope.SCORE], at=datetime.now(UTC))
    store.close()
    with replica(address, key, 100) as (client, process):
        late = score(client, 1, "k")
        assert late.status_code == 202
        os.kill(process, signal.SIGTERM)
        until_gone(client)
    with replica(address, key, 0) as (client, _):
        place = f"/v1/decisions/{late.json()['id']}"
        while (found := client.get(place)).status_code == 202:
            time.sleep(0.05)
        assert found.json()["status"] == "decided"
    assert decided(address) == {late.json()["id"]: 1}


def test_two_processes_give_the_same_key_the_same_answer(postgres_url: str) -> None:
    store = open_store(postgres_url)
    key = create_key(store, "k", [Scope.SCORE], at=datetime.now(UTC))
    store.close()
    with (
        replica(postgres_url, key, 0.05) as (one, _),
        replica(postgres_url, key, 0.05) as (two, _),
        ThreadPoolExecutor() as pool,
    ):
        for number in range(5):
            asked = [pool.submit(score, client, number, f"{number}") for client in (one, two)]
            first, second = (done.result().json() for done in asked)
            assert first["id"] == second["id"]
            for client in (one, two):
                place = f"/v1/decisions/{first['id']}"
                while (found := client.get(place)).status_code == 202:
                    time.sleep(0.05)
                assert found.json()["status"] == "decided"
                for said in (first, second):
                    assert said["status"] == "undecided" or said == found.json()
    assert set(decided(postgres_url).values()) == {1}
