"""Archives on the server's disk, scanned by a process beside the service."""

import io
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from scan.jobs import Job
from storage.keys import Scope
from tests.api.conftest import Client, serving
from tests.scan.jobs.making import queue, until
from tests.scan.making import picture, write_folder


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("scans")
    archives = write_folder(folder / "archives", {f"a/{n}.png": picture(n) for n in range(3)})
    (archives / "out").symlink_to(folder)
    records = f"sqlite:///{folder / 'r.sqlite3'}"
    scans = queue(folder / "scans", archives)
    with serving(records, scopes=[Scope.ADMIN], scans=scans) as found:
        yield found


def ended(client: Client, scan: str) -> Job:
    assert client.service.scans is not None
    return until(client.service.scans, scan, lambda job: job.state.ended)


def test_an_archive_is_scanned_and_its_results_fetched(client: Client) -> None:
    said = {"archive": "a", "service": "pixiv", "account_id": "ann"}
    begun = client.http.post("/v1/scans", json=said, headers={"Idempotency-Key": "k"})
    assert begun.status_code == 202, begun.text
    again = client.http.post("/v1/scans", json=said, headers={"Idempotency-Key": "k"})
    place = f"/v1/scans/{begun.json()['id']}"
    assert again.json()["id"] == begun.json()["id"]
    ended(client, begun.json()["id"])
    told = client.http.get(place).json()
    assert (told["status"], told["done"], told["total"], told["images"]) == ("done", 3, 3, 3)
    assert sum(told["verdicts"].values()) == sum(told["actions"].values()) == 3
    assert (told["errors"], told["failure"], told["account_id"]) == (0, None, "ann")
    assert client.http.get("/v1/scans").json()["scans"] == [told]
    table = pq.read_table(io.BytesIO(client.http.get(f"{place}/results.parquet").content))
    assert table.num_rows == 3
    report = client.http.get(f"{place}/report.html")
    assert report.headers["content-type"].startswith("text/html")
    (thumb, *_) = [part for part in report.text.split('"') if "/thumbs/" in part]
    assert client.http.get(f"{place}/{thumb}").headers["content-type"] == "image/jpeg"
    assert "script-src 'self';" in report.headers["content-security-policy"]
    for part, kind in (("style.css", "css"), ("rows.js", "script"), ("index-0001.js", "script")):
        found = client.http.get(f"{place}/report/{part}")
        assert (found.status_code, kind in found.headers["content-type"]) == (200, True)
    assert client.http.get(f"{place}/report/cards-0009.js").json()["code"] == "scan_not_found"
    assert client.http.delete(place).status_code == 204
    assert client.http.get(place).status_code == 404


@pytest.mark.parametrize("archive", ["/etc", "..", "out", "gone", "a/../a", "\0"])
def test_nothing_else_of_the_disk_is_scanned(client: Client, archive: str) -> None:
    answer = client.http.post("/v1/scans", json={"archive": archive})
    assert (answer.status_code, answer.json()["code"]) == (422, "archive_not_found")


def test_what_is_refused(client: Client) -> None:
    said = {"archive": "a"}
    headers = {"Idempotency-Key": "other"}
    begun = client.http.post("/v1/scans", json=said, headers=headers).json()
    answer = client.http.post("/v1/scans", json={**said, "search": False}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")
    answer = client.http.post("/v1/scans", json={**said, "service": "nobody's"})
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_policy")
    for path in (f"report/thumbs/../{'0' * 64}.jpg", "request.json", "report/..%2frequest.json"):
        assert client.http.get(f"/v1/scans/{begun['id']}/{path}").status_code in (404, 422)
    client.http.delete(f"/v1/scans/{begun['id']}")


def test_an_operator_says_what_may_be_scanned(tmp_path: Path) -> None:
    with serving(f"sqlite:///{tmp_path / 'r.sqlite3'}", scopes=[Scope.ADMIN]) as client:
        for answer in (
            client.http.get("/v1/scans"),
            client.http.post("/v1/scans", json={"archive": "a"}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "archives_closed")


def test_moderators_read_and_do_not_begin(tmp_path: Path) -> None:
    scans = queue(tmp_path / "scans", tmp_path)
    records = f"sqlite:///{tmp_path / 'r.sqlite3'}"
    with serving(records, scopes=[Scope.REVIEW], scans=scans) as client:
        assert client.http.get("/v1/scans").json() == {"scans": []}
        assert client.http.post("/v1/scans", json={"archive": "."}).status_code == 403
        assert client.http.delete(f"/v1/scans/{'0' * 32}").status_code == 403
