"""A service over fakes and real records, behind a real server."""

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn

from api import Service, create_app
from api.metrics import Metrics
from api.stages import Stages
from api.traces import Traces
from moderation.webhooks.courier import Courier
from moderation.webhooks.webhook import Webhook
from serving.current import CurrentJudge
from serving.judge import Judge
from storage import open_store
from storage.keys import Scope, create_key
from tests.fakes import fake_judge
from tests.moderation.webhooks.receiving import SECRET, Receiver


@dataclass
class Client:
    """Asks a running service.

    Attributes:
        service: What it runs on.
        http: With a key that may score.
        url: Where it is.
    """

    service: Service
    http: httpx2.Client
    url: str

    def score(self, image: bytes, key: str | None = None, **fields: str) -> httpx2.Response:
        headers = {} if key is None else {"Idempotency-Key": key}
        return self.http.post(
            "/v1/scores", files={"image": ("a.png", image)}, data=fields, headers=headers
        )


@contextmanager
def serving(
    address: str,
    judge: Judge | None = None,
    scopes: Sequence[Scope] = (Scope.SCORE,),
    receiver: Receiver | None = None,
    most: int = 64,
    traces: Traces | None = None,
    **options: Any,
) -> Iterator[Client]:
    """Run a service over a judge on a port of this machine."""
    metrics = Metrics()
    told = [metrics.stage] if traces is None else [metrics.stage, traces.stage]
    stages = Stages(*told)
    online = CurrentJudge(
        judge or fake_judge(), most=most, on_batch=metrics.batches.observe, on_stage=stages
    )
    service = Service(
        online, open_store(address), metrics=metrics, stages=stages, traces=traces, **options
    )
    if receiver is not None:
        webhook = Webhook(receiver.url, [SECRET])
        service.courier = Courier(service.store, webhook, every=0.01)
    with running(service, scopes) as found:
        yield found


@contextmanager
def running(service: Service, scopes: Sequence[Scope] = (Scope.ADMIN,)) -> Iterator[Client]:
    """Run a service on a port of this machine."""
    name = f"test {time.monotonic_ns()}"
    key = create_key(service.store, name, scopes, at=datetime.now(UTC))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(service), log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
        thread.start()
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        try:
            while not server.started:
                time.sleep(0.01)
            headers = {"Authorization": f"Bearer {key}"}
            with httpx2.Client(base_url=url, headers=headers, timeout=60) as http:
                yield Client(service, http, url)
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'records.sqlite3'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def client(address: str) -> Iterator[Client]:
    with serving(address) as found:
        yield found
