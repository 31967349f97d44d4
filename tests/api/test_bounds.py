"""Clients that take their time, or send more than may be: refused before much is read."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from starlette.responses import PlainTextResponse

from api.bounds import JSON_BYTES, HeadInTime
from storage.keys import Scope
from tests.api.conftest import Client, serving
from tests.api.test_creators import FakeCatalogue
from tests.fakes import fake_judge
from tests.scan.making import picture

PLACE = "/v1/creators/Ann"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    address = f"sqlite:///{tmp_path_factory.mktemp('bounds') / 'r.sqlite3'}"
    judge = fake_judge(similarity=FakeCatalogue())
    with serving(address, judge, [Scope.ADMIN], body_seconds=0.5) as found:
        yield found


def said(client: Client, head: str, body: bytes = b"") -> bytes:
    """What is answered to a request that is written by hand, until the server closes."""
    host, port = client.url.removeprefix("http://").split(":")
    key = client.http.headers["Authorization"]
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        lines = f"{head}\r\nHost: x\r\nAuthorization: {key}\r\nConnection: close\r\n\r\n"
        connection.sendall(lines.encode() + body)
        return b"".join(iter(lambda: connection.recv(10_000), b""))


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data"])
@pytest.mark.parametrize("key", [True, False])
def test_what_is_no_form_may_not_be_long(client: Client, kind: str, key: bool) -> None:
    """Also without a key: the body is read before it is looked at."""

    def pieces() -> Iterator[bytes]:
        for _ in range(3 * JSON_BYTES // 1000):
            yield b" " * 1000

    headers = {"Content-Type": kind} | ({} if key else {"Authorization": "Bearer none"})
    answer = client.http.post(PLACE, content=pieces(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "upload_too_large")


def test_what_says_that_it_is_long_is_not_read(client: Client) -> None:
    head = f"POST {PLACE} HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: {1 << 30}"
    assert b"upload_too_large" in said(client, head)


def test_a_body_that_does_not_come_is_not_waited_for(client: Client) -> None:
    head = f"POST {PLACE} HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 10"
    answer = said(client, head, b"{")
    assert b" 408 " in answer.splitlines()[0]
    assert b"upload_too_slow" in answer


@pytest.mark.parametrize("body", [b"[" * 500_000, b'{"a":' * 100_000, b"{", b"\xff", b"1" * 9999])
def test_json_that_is_deep_or_none_is_refused(client: Client, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = client.http.post(PLACE, content=body, headers=headers)
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize("kind", ["image/png", "application/x-www-form-urlencoded", "", "a" * 999])
def test_other_content_types_are_refused(client: Client, kind: str) -> None:
    for path in ("/v1/scores", PLACE):
        answer = client.http.post(path, content=picture(1), headers={"Content-Type": kind})
        assert answer.status_code in (400, 422), answer.text


@pytest.mark.parametrize("headers", [["a: " + "b" * 200_000], ["a: b"] * 50_000])
def test_heads_that_are_long_are_refused(client: Client, headers: list[str]) -> None:
    try:
        answer = said(client, "\r\n".join(["GET /v1/decisions/x HTTP/1.1", *headers]))
    except ConnectionError:
        return  # closed while the rest was still being sent
    assert b" 400 " in answer.splitlines()[0]


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: x\r\n", b"whole"])
def test_a_head_that_does_not_come_ends_the_connection(tmp_path: Path, sent: bytes) -> None:
    class Hasty(HeadInTime):
        seconds = 0.2

    first = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    async def asked() -> bytes:
        config = uvicorn.Config(PlainTextResponse("hello"), http=Hasty, log_level="error", port=0)
        server = uvicorn.Server(config)
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            serving = asyncio.create_task(server.serve([taken]))
            while not server.started:
                await asyncio.sleep(0.01)
            reader, writer = await asyncio.open_connection(*taken.getsockname())
            # A head that came whole is answered; the next one may be late just as well.
            writer.write(first + b"GET" if sent == b"whole" else sent)
            answer = await reader.read()
            writer.close()
            server.should_exit = True
            await serving
        return answer

    answer = asyncio.run(asyncio.wait_for(asked(), 30))
    assert (b"hello" in answer) is (sent == b"whole")
