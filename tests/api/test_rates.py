"""How often a key may ask: by itself, together with other processes, and where nobody counts."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fakeredis import TcpFakeServer

from api.rates import Rates
from serving.errors import SettingsError
from serving.settings import Settings
from tests.api.conftest import serving
from tests.api.test_observing import counted


@contextmanager
def redis() -> Iterator[str]:
    """A server of Redis's protocol on this machine."""
    server = TcpFakeServer(("127.0.0.1", 0))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"redis://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def nowhere() -> str:
    """An address where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"redis://127.0.0.1:{taken.getsockname()[1]}"


def test_processes_count_together(monkeypatch: pytest.MonkeyPatch) -> None:
    # The stand-in answers more slowly than Redis does, on a machine that has other things to do.
    monkeypatch.setattr("api.rates.SECONDS", 30.0)
    with redis() as address:
        one, two = Rates("3/hour", address), Rates("3/hour", address)
        assert [one.wait("a"), two.wait("a"), one.wait("a")] == [None] * 3
        waits = [rates.wait("a") for rates in (one, two)]
        assert all(wait is not None and 1 <= wait <= 2 * 3600 for wait in waits)
        assert two.wait("b") is None


def test_each_counts_for_itself_where_nothing_is_said() -> None:
    one, two = Rates("1/hour"), Rates("1/hour")
    assert [one.wait("a"), two.wait("a")] == [None, None]
    assert one.wait("a") is not None
    assert [Rates(None).wait("a") for _ in range(3)] == [None] * 3


def test_where_nobody_counts_requests_pass_and_it_is_told(tmp_path: Path) -> None:
    failures: list[bool] = []
    rates = Rates("1/hour", nowhere(), on_failure=lambda: failures.append(True))
    with serving(f"sqlite:///{tmp_path / 'r.sqlite3'}", rates=rates) as client:
        statuses = [client.http.get("/v1/decisions/x").status_code for _ in range(4)]
    assert statuses == [404] * 4
    # It is not asked again for some seconds: nobody waits for it.
    assert failures == [True]


def test_the_service_counts_how_often_nobody_counted(tmp_path: Path) -> None:
    with serving(f"sqlite:///{tmp_path / 'r.sqlite3'}") as client:
        client.service.rates = Rates(
            "1/hour", nowhere(), on_failure=client.service.metrics.uncounted.inc
        )
        assert client.http.get("/v1/decisions/x").status_code == 404
        assert counted(client)["rakkan_rates_unreachable_total",] == 1


def test_the_address_is_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAKKAN_RATES", "redis://:word@host:6379")
    settings = Settings.of()
    assert settings.counter == "redis://:word@host:6379"
    assert "word" not in repr(settings)
    monkeypatch.setenv("RAKKAN_RATES", "http://:word@host")
    with pytest.raises(SettingsError, match="redis://HOST:PORT") as refused:
        Settings.of()
    assert "word" not in str(refused.value)
