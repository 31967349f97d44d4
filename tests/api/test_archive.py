"""Delistings in bulk over HTTP: looked at, approved, undone, carried out."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from moderation.archive import propose
from moderation.reports import report_purchasers
from storage.keys import Scope
from tests.api.conftest import Client, serving
from tests.api.test_scores import code
from tests.moderation.telling import PROVEN, policy, stated, upload

MIA = {"moderator": "mia"}
SOL = {"moderator": "sol"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    address = f"sqlite:///{tmp_path_factory.mktemp('archive') / 'r.sqlite3'}"
    with serving(address, scopes=[Scope.ADMIN]) as found:
        yield found


def proposed(client: Client, *works: str, undo_days: float = 1) -> str:
    now = datetime.now(UTC)
    rules = policy(PROVEN, undo_days=undo_days)
    old = [(stated(work), upload(work, at=now - timedelta(days=800))) for work in works]
    return propose(client.service.store, old, rules, by="mia", at=now, key=" ".join(works)).proposal


def act(client: Client, proposal: str, what: str, said: object = None) -> httpx2.Response:
    return client.http.post(f"/v1/archive/{proposal}/{what}", json=said)


def test_nothing_happens_before_it_is_approved_and_the_days_are_over(client: Client) -> None:
    now = datetime.now(UTC)
    report_purchasers(client.service.store, "a1", {"ben": 300}, ["dee"], at=now, key="sold")
    proposal = proposed(client, "a1", "a2")
    shown = client.http.get(f"/v1/archive/{proposal}").json()
    assert (shown["state"], shown["service"], shown["decisions"]) == ("proposed", "comics", 2)
    assert shown["preview"] == {
        "works": 2,
        "accounts": 1,
        "purchasers": 2,
        "points": 300,
        "rows": [{"row": "proven", "count": 2}],
        "samples": shown["preview"]["samples"],
    }
    assert sorted(shown["preview"]["samples"]) == ["a1", "a2"]
    early = act(client, proposal, "carry-out")
    assert (early.status_code, code(early)) == (409, "not_approved")
    own = act(client, proposal, "approve", MIA)
    assert (own.status_code, code(own)) == (403, "same_moderator")
    approved = act(client, proposal, "approve", SOL).json()
    assert (approved["state"], approved["approved_by"]) == ("approved", "sol")
    early = act(client, proposal, "carry-out")
    assert (early.status_code, code(early)) == (409, "too_early")
    assert client.service.store.backlog().waiting == 0
    assert act(client, proposal, "undo", MIA).json()["state"] == "undone"
    again = act(client, proposal, "approve", SOL)
    assert (again.status_code, code(again)) == (409, "not_approved")


def test_it_is_carried_out(client: Client) -> None:
    proposal = proposed(client, "b1", "b2", undo_days=1e-8)
    act(client, proposal, "approve", SOL)
    done = act(client, proposal, "carry-out").json()
    assert (done["state"], done["carried_out"]) == ("done", 2)
    late = act(client, proposal, "undo", MIA)
    assert (late.status_code, code(late)) == (409, "undo_over")
    listed = client.http.get("/v1/archive", params={"limit": 1}).json()["proposals"]
    assert [one["id"] for one in listed] == [proposal]
    gone = client.http.get("/v1/archive/none")
    assert (gone.status_code, code(gone)) == (404, "unknown_record")


def test_reviewing_is_not_approving(tmp_path: object) -> None:
    with serving(f"sqlite:///{tmp_path}/s.sqlite3", scopes=[Scope.REVIEW]) as client:
        assert client.http.get("/v1/archive").status_code == 200
        for what in ("approve", "carry-out"):
            answer = act(client, "x", what, SOL)
            assert (answer.status_code, code(answer)) == (403, "scope_missing")
