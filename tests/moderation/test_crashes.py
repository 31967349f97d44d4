"""A kill at every step of every saga: nothing is lost, and nothing is done twice."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import update

from storage import Store, open_store
from storage.tables import DELIVERIES
from tests.moderation.sagas import STEPS, outcome, received, statements
from tests.moderation.telling import Platform


class Killed(BaseException):
    """The process ends here: nobody catches it."""


class Killer:
    """Ends the process before a statement, once."""

    def __init__(self) -> None:
        self._left: int | None = None

    def aim(self, at: int | None) -> None:
        """Let so many statements pass before; None for all."""
        self._left = at

    def __call__(self, _: str) -> None:
        if self._left is None:
            return
        if self._left == 0:
            self._left = None
            raise Killed
        self._left -= 1


def undisturbed(address: str) -> dict[str, object]:
    """What comes out where nothing goes wrong."""
    store = open_store(address)
    platform = Platform()
    for step in STEPS:
        step(store, platform.receive)
    found = outcome(store, platform)
    store.close()
    return found


def free(store: Store) -> None:
    """Let the leases of who died end: nobody waits here."""
    with store.database.engine.begin() as connection:
        connection.execute(update(DELIVERIES).values(leased_until=None))


def test_the_sagas_end_as_they_should(store: Store) -> None:
    platform = Platform()
    for step in STEPS:
        step(store, platform.receive)
    found = outcome(store, platform)
    assert found["platform"] == {
        "works": {"held": "publish", "second": "delist", "x": "delist", "y": "delist"},
        "told": {
            "ann": sorted(["held", "delisted", "delisted", "suspended", "appeal_answered"]),
            "ben": ["work_delisted", "work_restored"],
            "cleo": ["work_delisted", "work_restored"],
            "dee": ["work_delisted", "work_restored"],
            "old": ["delisted", "delisted"],
        },
        "points": {"ben": 3, "dee": 4},
        "suspended": ["ann"],
    }
    assert (found["strikes"], found["open"], found["whole"]) == (1, (1, 0), True)


def test_a_kill_before_any_statement_of_any_step(address: str, tmp_path: Path) -> None:
    platform, killer, kills = Platform(), Killer(), 0
    store = open_store(address)
    statements(store.database.engine, killer)
    for step in STEPS:
        # Killed before its first statement, its second, and so on, until it comes to its end.
        for at in range(10_000):
            killer.aim(at)
            try:
                step(store, platform.receive)
            except Killed:
                kills += 1
                free(store)
            else:
                break
        killer.aim(None)
        # Whoever did not hear the answer asks again.
        step(store, platform.receive)
    found = outcome(store, platform)
    store.close()
    assert kills > 200
    assert found == undisturbed(f"sqlite:///{tmp_path / 'undisturbed.sqlite3'}")


@pytest.mark.parametrize("place", ["before", "after"])
def test_a_kill_at_any_message(address: str, tmp_path: Path, place: str) -> None:
    platform = Platform()
    store = open_store(address)
    killed: set[str] = set()

    def receive(message: object) -> None:
        new = message.id not in killed  # type: ignore[attr-defined]
        killed.add(message.id)  # type: ignore[attr-defined]
        if place == "after" or not new:
            platform.receive(message)  # type: ignore[arg-type]
        if new:
            raise Killed

    for step in STEPS:
        while True:
            try:
                step(store, receive)
            except Killed:
                # Who died holds its messages until its lease is over: nobody waits here.
                free(store)
            else:
                break
    found = outcome(store, platform)
    store.close()
    assert len(killed) > 15
    assert found == undisturbed(f"sqlite:///{tmp_path / 'undisturbed.sqlite3'}")


def test_a_process_that_is_killed(address: str, tmp_path: Path) -> None:
    file = tmp_path / "delivered.jsonl"
    for kill_at in (3, 60, 130, 250, 400, 100_000):
        ended = subprocess.run(
            [sys.executable, "-m", "tests.moderation.sagas", address, str(file), str(kill_at)],
            check=False,
        )
        assert ended.returncode == (0 if kill_at == 100_000 else -signal.SIGKILL)
        store = open_store(address)
        free(store)
        assert store.verify().whole
        store.close()
    store = open_store(address)
    found = outcome(store, received(file))
    store.close()
    assert found == undisturbed(f"sqlite:///{tmp_path / 'undisturbed.sqlite3'}")
