"""Creators, archive scans with delistings in bulk, and policies at the console."""

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from moderation import staff
from moderation.archive import propose
from scan.jobs import JobRequest
from storage.keys import Scope
from tests.api.conftest import Client, serving
from tests.api.console.cases import RULES, decided
from tests.api.console.conftest import PASSWORD, PEOPLE, Forms
from tests.api.test_creators import FakeCatalogue, send
from tests.fakes import fake_judge
from tests.moderation.telling import stated, upload
from tests.scan.jobs.making import queue, until
from tests.scan.making import picture, write_folder

NOW = datetime.now(UTC)
BOLD = "Ann <b>"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder: Path = tmp_path_factory.mktemp("console")
    archives = write_folder(folder / "archives", {f"a/{n}.png": picture(n) for n in range(3)})
    scans = queue(folder / "scans", archives)
    judge = fake_judge(similarity=FakeCatalogue())
    address = f"sqlite:///{folder / 'records.sqlite3'}"
    with serving(address, judge, [Scope.CREATORS], scans=scans) as found:
        for name, role in PEOPLE.items():
            staff.add(found.service.store, name, role, PASSWORD, at=NOW)
        yield found


def test_a_creator_is_shown_with_consent_and_works(client: Client, forms: Forms) -> None:
    send(client, BOLD, "/srv/ann/1.png", picture(1), note="letter 3")
    forms.sign_in("odo")
    assert "Ann &lt;b&gt;" in forms.http.get("/console/creators").text
    shown = forms.http.get("/console/creators/one", params={"name": BOLD})
    assert "<b>" not in shown.text
    assert "letter 3" in shown.text
    assert "/srv/ann" not in shown.text
    assert "Nearest in style" not in shown.text, "there is nobody else"
    assert forms.http.get("/console/creators/one?name=nobody").status_code == 404


def test_a_creator_is_shown_beside_who_draws_most_like_them(client: Client, forms: Forms) -> None:
    send(client, "Bo & Co", "bo/1.png", picture(2))
    send(client, "Cy", "cy/1.png", picture(3))
    forms.sign_in("odo")
    shown = forms.http.get("/console/creators/one", params={"name": "Cy"}).text
    assert "Nearest in style" in shown
    assert 'href="/console/creators/one?name=Bo+%26+Co"><bdi>Bo &amp; Co</bdi>' in shown
    assert "55 % of their works" in shown


def test_a_work_is_shown_while_it_is_enrolled_and_its_file_is_where_it_was(
    client: Client, forms: Forms, tmp_path: Path
) -> None:
    forms.sign_in("odo")
    data, place = picture(7), tmp_path / "work.png"
    address = f"/console/works/{sha256(data).hexdigest()}"
    place.write_bytes(data)
    assert forms.http.get(address).status_code == 404
    send(client, "Cy", str(place), data)
    shown = forms.http.get(address)
    assert shown.headers["content-type"] == "image/jpeg"
    assert Image.open(BytesIO(shown.content)).size == Image.open(BytesIO(data)).size
    place.write_bytes(picture(8))
    assert forms.http.get(address).status_code == 404
    place.write_bytes(data)
    client.http.delete("/v1/creators/Cy")
    assert forms.http.get(address).status_code == 404
    assert forms.http.get("/console/works/..%2Fetc").status_code in {404, 422}
    forms.http.cookies.clear()
    assert "/sign-in" in str(forms.http.get(address).url)


def test_a_delisting_in_bulk_is_proposed_approved_and_undone_by_roles(
    client: Client, forms: Forms
) -> None:
    works = ((stated(name), upload(name, "old")) for name in ("x", "y", "z"))
    made = propose(client.service.store, works, RULES, by="ada", at=NOW, key="archive")
    place = f"/console/proposals/{made.proposal}"
    forms.sign_in("mia")
    assert place in forms.http.get("/console/scans").text
    assert f"{place}/approve" not in forms.http.get(place).text
    forms.send("/console/scans", "/console/sign-out")
    forms.sign_in("sol")
    assert "approved" in forms.send(place, f"{place}/approve").text
    assert f"{place}/carry-out" not in forms.http.get(place).text
    assert "undone" in forms.send(place, f"{place}/undo").text
    with client.service.store.reading() as reader:
        assert reader.proposal(made.proposal).approved_by == "sol"


def test_policies_are_shown_and_replayed_without_a_trace(client: Client, forms: Forms) -> None:
    decided(client.service.store, "one")
    forms.sign_in("sol")
    listed = forms.http.get("/console/policies").text
    assert "in shadow" in listed or "live" in listed
    shown = forms.http.get("/console/policies/pixiv")
    assert shown.status_code == 200
    with client.service.store.reading() as reader:
        before = reader.head()
    again = forms.http.get("/console/policies/pixiv/replay?against=comics&days=9")
    assert "decisions made again" in again.text
    assert "From action to action" in again.text
    with client.service.store.reading() as reader:
        assert reader.head() == before
    assert forms.http.get("/console/policies/none").status_code == 422


def test_a_moderator_does_not_replay(forms: Forms) -> None:
    forms.sign_in("mia")
    assert "/replay" not in forms.http.get("/console/policies/pixiv").text
    assert forms.http.get("/console/policies/pixiv/replay?against=comics").status_code == 403


def test_a_scan_is_shown_with_its_report_and_leads_to_a_proposal(
    client: Client, forms: Forms
) -> None:
    scans = client.service.scans
    assert scans is not None
    name = "a" * 32
    scans.submit(name, JobRequest("a", "pixiv", None, search=False, asked=NOW))
    until(scans, name, lambda job: job.state.ended)
    report = f"/console/scans/{name}/report.html"
    assert forms.http.get(report).url.path == "/console/sign-in"
    forms.sign_in("ada")
    assert report in forms.http.get("/console/scans").text
    shown = forms.http.get(report)
    assert "script-src 'self';" in shown.headers["Content-Security-Policy"]
    (thumb, *_) = [part for part in shown.text.split('"') if "/thumbs/" in part]
    found = forms.http.get(f"/console/scans/{name}/{thumb}")
    assert found.headers["Content-Type"] == "image/jpeg"
    assert forms.http.get(f"/console/scans/{name}/report/rows.js").status_code == 200
    assert forms.http.get(f"/console/scans/{name}/request.json").status_code == 404
    made = forms.send("/console/scans", f"/console/scans/{name}/propose", service="pixiv")
    assert made.url.path.startswith("/console/proposals/")
    assert "What it would do still" in made.text
