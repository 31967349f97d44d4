"""Creators, archive scans with delistings in bulk, and policies at the console."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from moderation import staff
from moderation.archive import propose
from storage.keys import Scope
from tests.api.conftest import Client, serving
from tests.api.console.cases import RULES, decided
from tests.api.console.conftest import PASSWORD, PEOPLE, Forms
from tests.api.test_creators import FakeCatalogue, send
from tests.fakes import fake_judge
from tests.moderation.telling import stated, upload
from tests.scan.making import picture

NOW = datetime.now(UTC)
BOLD = "Ann <b>"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    place: Path = tmp_path_factory.mktemp("console") / "records.sqlite3"
    judge = fake_judge(similarity=FakeCatalogue())
    with serving(f"sqlite:///{place}", judge, [Scope.CREATORS]) as found:
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
    assert forms.http.get("/console/creators/one?name=nobody").status_code == 404


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
