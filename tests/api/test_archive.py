"""Delistings in bulk over HTTP: proposed, looked at, approved, undone, carried out."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from moderation.archive import propose
from moderation.reports import report_purchasers
from storage.keys import Scope
from tests.api.conftest import Client, serving
from tests.api.test_scores import code
from tests.cli.test_replay import COMICS
from tests.moderation.telling import PROVEN, policy, stated, upload
from tests.scan.jobs.making import queue, until
from tests.scan.making import picture, write_folder

MIA = {"moderator": "mia"}
SOL = {"moderator": "sol"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("archive")
    files = {"a/1.png": picture(1), "a/2.png": generated(2), "a/3.png": generated(3)}
    archives = write_folder(folder / "archives", files)
    (folder / "comics.yaml").write_text(COMICS, "utf-8")
    scans = queue(folder / "scans", archives)
    address = f"sqlite:///{folder / 'r.sqlite3'}"
    with serving(address, scopes=[Scope.ADMIN], scans=scans, policies=folder) as found:
        yield found


def generated(seed: int) -> bytes:
    """A picture that says that an AI made it."""
    said, out = PngInfo(), io.BytesIO()
    said.add_text("parameters", "a fox\nSteps: 20, Sampler: Euler, Seed: 1, Size: 256x256")
    Image.open(io.BytesIO(picture(seed))).save(out, "PNG", pnginfo=said)
    return out.getvalue()


def test_a_scan_is_proposed(client: Client) -> None:
    begun = client.http.post("/v1/scans", json={"archive": "a", "search": False}).json()
    assert client.service.scans is not None
    said = {**MIA, "scan": begun["id"], "service": "comics"}
    until(client.service.scans, begun["id"], lambda job: job.state.ended)
    headers = {"Idempotency-Key": "k"}
    first, again = (
        client.http.post("/v1/archive", json=said, headers=headers).json() for _ in range(2)
    )
    assert first == again
    assert (first["state"], first["proposed_by"], first["preview"]["works"]) == (
        *("proposed", "mia"),
        2,
    )
    paths = sorted(first["preview"]["samples"])
    posts = [
        {"path": paths[0], "work": "w1", "account": "ann"},
        {"path": paths[1], "work": "w2", "posted_at": "2023-01-01T00:00:00Z"},
    ]
    known = client.http.post("/v1/archive", json={**said, "posts": posts}).json()
    assert (known["preview"]["samples"], known["preview"]["accounts"]) == (["w1"], 1)
    for change, status, wrong in (
        ({"scan": "0" * 32}, 404, "scan_not_found"),
        ({"service": "none"}, 422, "unknown_policy"),
        ({"posts": [{"path": "a"}]}, 422, "invalid"),
    ):
        answer = client.http.post("/v1/archive", json=said | change)
        assert (answer.status_code, code(answer)) == (status, wrong)


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
