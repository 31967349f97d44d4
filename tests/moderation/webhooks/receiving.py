"""A receiver of webhooks on this machine, which answers as it is told."""

import ssl
import threading
import time
from base64 import b64encode
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import standardwebhooks

from storage.cases import Message
from tests.moderation.telling import T0

SECRET = "whsec_" + b64encode(b"new secret of the platform's own").decode()
OLD_SECRET = "whsec_" + b64encode(b"old secret of the platform's own").decode()


@dataclass(frozen=True)
class Taken:
    """A request that came."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    def verified(self, secret: str = SECRET) -> Any:
        return standardwebhooks.Webhook(secret).verify(self.body, dict(self.headers))


@dataclass
class Receiver:
    """What came, and what is answered to what comes: 204 where nothing is said.

    Attributes:
        url: Where it listens.
        taken: All that came, in order.
        answers: Status and headers of the next answers.
        seconds: How long each answer takes.
    """

    url: str
    taken: list[Taken] = field(default_factory=list)
    answers: deque[tuple[int, dict[str, str]]] = field(default_factory=deque)
    seconds: float = 0

    @property
    def ids(self) -> list[str]:
        return [one.headers["webhook-id"] for one in self.taken]

    def answer(self, status: int, **headers: str) -> None:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append((status, told))


@contextmanager
def receiving(context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver, as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.taken.append(Taken(self.path, headers, body))
            status, told = receiver.answers.popleft() if receiver.answers else (204, {})
            time.sleep(receiver.seconds)
            self.send_response(status)
            for name, value in {"Content-Length": "0", **told}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "http" if context is None else "https"
    receiver = Receiver(f"{scheme}://127.0.0.1:{server.server_address[1]}/hook")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def message(id_: str = "m1", at: datetime = T0, **parts: Any) -> Message:
    """An instruction."""
    body = {"topic": "delist", "decision": "d", "service": "comics", "account": "ann"}
    told = {
        "id": id_,
        "sequence": 7,
        "kind": "instruction_queued",
        "topic": "delist",
        "recipient": None,
        "work": "cat",
        "decision": "d",
        "body": {**body, "work": "cat", "label": None},
        "at": at,
        "delivered_at": None,
        "cancelled_at": None,
        "attempts": 1,
    }
    return Message(**told | parts)
