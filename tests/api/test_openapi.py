"""What the service answers to requests out of its own description, and to rude clients."""

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.keys import Scope
from tests.api.conftest import Client, serving
from tests.api.test_creators import FakeCatalogue
from tests.fakes import fake_judge
from tests.scan.jobs.making import queue
from tests.scan.making import picture, write_folder

EXAMPLES = 5
HEAD = (
    b"POST /v1/scores HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\nIdempotency-Key: k\r\n"
    b"Content-Type: multipart/form-data; boundary=line\r\nContent-Length: %d\r\n\r\n%s"
)
BEGUN = b'--line\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n'


@pytest.fixture
def client(address: str, tmp_path: Path) -> Iterator[Client]:
    judge = fake_judge(similarity=FakeCatalogue())
    archives = write_folder(tmp_path / "archives", {"a.png": picture(1)})
    scans = queue(tmp_path / "scans", archives)
    with serving(address, judge, [Scope.ADMIN], scans=scans) as found:
        yield found


def test_every_answer_is_as_described(client: Client, address: str, tmp_path: Path) -> None:
    # The records' database changes no schema: what is made up is enough to see that none breaks it.
    phases = "examples,coverage,fuzzing,stateful" if address.startswith("sqlite") else "fuzzing"
    command = Path(sys.executable).with_name("schemathesis")
    done = subprocess.run(
        [
            *(command, "--config-file", Path(__file__).with_name("schemathesis.toml")),
            *("run", f"{client.url}/openapi.json"),
            *("-H", f"Authorization: {client.http.headers['Authorization']}"),
            # All checks, but for what the file leaves out: a list of them here would go before it.
            *("--max-examples", str(EXAMPLES), "--seed", "1", "--phases", phases),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    (tested,) = re.findall(r"Tested: (\d+)", done.stdout)
    paths = client.http.get("/openapi.json").json()["paths"]
    assert int(tested) == sum(map(len, paths.values()))


def ask(client: Client, body: bytes, length: int) -> socket.socket:
    """Send the head of an upload that promises a length, and some of its body."""
    address = client.url.removeprefix("http://").split(":")
    connection = socket.create_connection((address[0], int(address[1])), timeout=30)
    key = client.http.headers["Authorization"].encode()
    connection.sendall(HEAD % (key, length, body))
    return connection


def answered(connection: socket.socket) -> bytes:
    """All that the server says until it closes, as it does where a body was not read."""
    with connection:
        return b"".join(iter(lambda: connection.recv(10_000), b""))


def test_an_upload_that_is_cut_off_leaves_nothing(client: Client) -> None:
    for _ in range(3):
        ask(client, BEGUN + picture(1)[:50], 10_000).close()
    while (answer := client.score(picture(1), "k")).status_code == 409:
        time.sleep(0.01)  # until the server has seen that the clients are gone
    assert answer.status_code == 200


def test_a_client_that_is_slow_is_sent_away(tmp_path: Path) -> None:
    with serving(f"sqlite:///{tmp_path / 'r.sqlite3'}", body_seconds=0.2) as client:
        answer = answered(ask(client, BEGUN, 10_000))
        assert b" 408 " in answer.splitlines()[0]
        assert b"upload_too_slow" in answer
        assert client.score(picture(1), "k").status_code == 200


def test_lengths_that_lie_are_refused(client: Client) -> None:
    assert b" 4" in answered(ask(client, BEGUN + b"x" * 100, 10)).splitlines()[0]
    assert b" 413 " in answered(ask(client, BEGUN, 1 << 40)).splitlines()[0]
    assert client.score(picture(1)).status_code == 200


def test_many_fields_are_refused(client: Client) -> None:
    answer = client.http.post(
        "/v1/scores", files={"image": picture(1)}, data={f"f{n}": "" for n in range(10_000)}
    )
    assert answer.status_code == 422
