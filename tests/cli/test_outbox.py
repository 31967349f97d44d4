"""`rakkan outbox`, and the receiver that the documentation shows."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from moderation.delivery import Delivery
from moderation.errors import NotTaken
from moderation.webhooks.courier import Courier
from moderation.webhooks.webhook import Webhook
from storage import open_store
from storage.cases import MessageState
from tests.cli.running import COMMAND, Done, environment, run_here
from tests.moderation.test_delivery import queued
from tests.moderation.webhooks.receiving import (
    OLD_SECRET,
    SECRET,
    Receiver,
    message,
    receiving,
)

Captured = pytest.CaptureFixture[str]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def address(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'records.sqlite3'}"


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with receiving() as found:
        monkeypatch.setenv("RAKKAN_WEBHOOK_URL", found.url)
        monkeypatch.setenv("RAKKAN_WEBHOOK_SECRET", SECRET)
        yield found


def test_from_a_dead_letter_to_its_delivery(
    address: str, receiver: Receiver, capsys: Captured
) -> None:
    def outbox(*words: str) -> Done:
        return run_here(capsys, "outbox", *words, "--database", address)

    store = open_store(address)
    queued(store)
    store.close()
    receiver.answer(410)
    assert outbox("deliver", "--once").stdout == "Sent: 1; failed: 0; for a person: 1\n"
    listed = outbox("list")
    assert "wait for a person: 1" in listed.stdout
    assert "instruction.delist\t" in listed.stdout
    assert "the receiver answered 410" in listed.stdout
    found = json.loads(outbox("list", "--json").stdout)
    (dead,) = found["messages"]
    assert (found["dead"], found["waiting"], dead["attempts"]) == (1, 0, 1)
    delivered = json.loads(outbox("list", "--state", "delivered", "--json").stdout)
    assert [one["type"] for one in delivered["messages"]] == ["notice.delisted"]
    shown = json.loads(outbox("show", dead["id"]).stdout)
    assert (shown["body"]["work"], shown["state"]) == ("cat", "dead")

    assert outbox("retry").returncode == 2
    assert outbox("retry", "--all", dead["id"]).returncode == 2
    assert outbox("retry", "none").returncode == 1
    assert outbox("retry", "--all").stdout == "To be tried again: 1\n"
    assert outbox("retry", "--all").stdout == "To be tried again: 0\n"
    assert outbox("retry", dead["id"]).stdout == "To be tried again: 1\n"
    assert outbox("deliver", "--once").stdout == "Sent: 1; failed: 0; for a person: 0\n"
    assert receiver.ids.count(dead["id"]) == 2
    refused = outbox("retry", dead["id"])
    assert (refused.returncode, "is delivered" in refused.stderr) == (1, True)


def test_nobody_to_deliver_to(address: str, capsys: Captured) -> None:
    open_store(address).close()
    done = run_here(capsys, "outbox", "deliver", "--database", address)
    assert done.returncode == 1
    assert "RAKKAN_WEBHOOK_URL" in done.stderr


def test_whoever_is_killed_while_sending_sends_the_same_again(
    address: str, receiver: Receiver, tmp_path: Path
) -> None:
    store = open_store(address)
    queued(store)
    receiver.seconds = 60
    command = [*COMMAND, "outbox", "deliver", "--database", address]
    killed = subprocess.Popen(command, env=environment(tmp_path))
    while not receiver.taken:
        assert killed.poll() is None
        time.sleep(0.01)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    receiver.seconds = 0
    assert Courier(store, Webhook(receiver.url, [SECRET])).all_due() == Delivery()
    over = datetime.now(UTC) + timedelta(minutes=5)
    webhook = Webhook(receiver.url, [SECRET])
    assert Courier(store, webhook, now=lambda: over).all_due() == Delivery(sent=2)
    first, again, _ = receiver.taken
    assert first.headers["webhook-id"] == again.headers["webhook-id"]
    assert first.body == again.body
    store.close()


def test_a_process_delivers_until_it_is_ended(
    address: str, receiver: Receiver, tmp_path: Path
) -> None:
    store = open_store(address)
    command = [*COMMAND, "outbox", "deliver", "--database", address]
    process = subprocess.Popen(command, env=environment(tmp_path))
    queued(store)
    while store.backlog().waiting:
        assert process.poll() is None
        time.sleep(0.05)
    process.terminate()
    assert process.wait(60) == 0
    assert len(receiver.taken) == len(store.messages(MessageState.DELIVERED)) == 2
    store.close()


def test_the_receiver_of_the_documentation(tmp_path: Path) -> None:
    text = (ROOT / "docs/webhooks.md").read_text()
    (program,) = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    receiver = subprocess.Popen(
        [sys.executable, "-c", program, str(port)],
        cwd=tmp_path,
        env={**os.environ, "WEBHOOK_SECRET": SECRET},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    url = f"http://127.0.0.1:{port}/"
    try:
        wait_for(port)
        with Webhook(url, [SECRET]) as webhook:
            for one in (
                message("m1", sequence=7),
                message("m1", sequence=7),
                message("m0", sequence=3, topic="hold"),
                message("m2", sequence=9, topic="restore"),
                message("m3", kind="notice_queued", topic="delisted", sequence=2),
            ):
                webhook.send(one)
        yesterday = datetime.now(UTC) - timedelta(days=1)
        for wrong in (
            Webhook(url, [OLD_SECRET]),
            Webhook(url, [SECRET], now=lambda: yesterday),
        ):
            with wrong as webhook, pytest.raises(NotTaken, match="answered 400"):
                webhook.send(message("m4"))
    finally:
        receiver.terminate()
        told, _ = receiver.communicate()
    assert told.splitlines() == [
        "instruction.delist cat",
        "instruction.restore cat",
        "notice.delisted cat",
    ]


def wait_for(port: int) -> None:
    """Wait until somebody listens."""
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.02)
        else:
            return
