"""The service as a process, with the real encoder: killed, and started again."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.cli.running import COMMAND, environment, rakkan
from tests.scan.making import picture

pytestmark = pytest.mark.usefixtures("encoder_cache")


@contextmanager
def served(home: Path, database: str) -> Iterator[tuple[httpx2.Client, subprocess.Popen[bytes]]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    index = database.removeprefix("sqlite:///") + ".index"
    command = [*COMMAND, "serve", "--port", str(port), "--database", database, "--index", index]
    process = subprocess.Popen(command, env=environment(home), stderr=subprocess.PIPE)
    try:
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            while process.poll() is None:
                try:
                    if client.get("/readyz").status_code == 200:
                        break
                except httpx2.ConnectError:
                    time.sleep(0.1)
            yield client, process
    finally:
        process.terminate()
        process.communicate()


def test_keys_are_made_listed_and_revoked(tmp_path: Path, rakkan_home: Path) -> None:
    place = ("--database", f"sqlite:///{tmp_path / 'r.sqlite3'}")
    made = rakkan("keys", "create", "uploads", "--scope", "score,review", *place, home=rakkan_home)
    assert made.returncode == 0
    assert made.stdout.startswith("rakkan_")
    assert len(made.stdout.splitlines()) == 1
    listed = rakkan("keys", "list", *place, home=rakkan_home)
    assert "uploads\treview, score\t" in listed.stdout
    assert made.stdout.strip() not in listed.stdout
    again = rakkan("keys", "create", "uploads", "--scope", "score", *place, home=rakkan_home)
    assert again.returncode == 1
    assert "another name" in again.stderr
    wrong = rakkan("keys", "create", "other", "--scope", "scores", *place, home=rakkan_home)
    assert wrong.returncode == 2
    assert rakkan("keys", "revoke", "uploads", *place, home=rakkan_home).returncode == 0


def test_an_upload_that_was_answered_outlives_a_kill(tmp_path: Path, rakkan_home: Path) -> None:
    database = f"sqlite:///{tmp_path / 'r.sqlite3'}"
    made = rakkan(
        *("keys", "create", "uploads", "--scope", "score,creators", "--database", database),
        home=rakkan_home,
    )
    headers = {"Authorization": f"Bearer {made.stdout.strip()}"}
    image = {"image": ("a.png", picture(3, side=300))}
    work = {"image": ("w.png", picture(3, side=300))}
    with served(rakkan_home, database) as (client, process):
        enrolled = client.post(
            "/v1/creators/Ann/works", files=work, data={"work_id": "w1"}, headers=headers
        )
        assert enrolled.status_code == 201, enrolled.text
        first = client.post("/v1/scores", files=image, headers={**headers, "Idempotency-Key": "k"})
        assert first.status_code == 200, first.text
        (copy,) = first.json()["similarity"]["copies"]
        assert (copy["work"], copy["creator"], copy["verdict"]) == ("w1", "Ann", "copy")
        os.kill(process.pid, signal.SIGKILL)
    with served(rakkan_home, database) as (client, process):
        found = client.get(f"/v1/decisions/{first.json()['id']}", headers=headers)
        assert found.json() == first.json()
        again = client.post("/v1/scores", files=image, headers={**headers, "Idempotency-Key": "k"})
        assert again.json() == first.json()
        process.terminate()
        assert process.wait(60) in (0, -signal.SIGTERM)
