"""Models at the console: shown to all, put into use by an admin with the gate's report."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from models import Kind, Registry
from models.artefact.registry import SHIPPED
from moderation import staff
from tests.api.conftest import Client, serving
from tests.api.console.conftest import PASSWORD, PEOPLE, Forms

OTHER = "networks-v2-int8"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("models")
    # Of three shipped models two come with this product, and the third is the user's own.
    shipped, own = folder / "shipped", folder / "own"
    for name in ("networks-v5-int8", OTHER):
        shutil.copytree(SHIPPED / name, shipped / name)
    shutil.copytree(SHIPPED / "linear-v1-int8", own / "linear-v1-int8")
    models = Registry(own, shipped)
    models.promote(OTHER, {Kind.DETECTOR: lambda _: None})
    with serving(f"sqlite:///{folder / 'records.sqlite3'}", models=models) as found:
        for name, role in PEOPLE.items():
            staff.add(found.service.store, name, role, PASSWORD, at=datetime.now(UTC))
        yield found


def in_use(client: Client) -> list[str]:
    assert client.service.models is not None
    return [one.name for one in client.service.models.list() if one.in_use]


def changes(client: Client) -> list[tuple[str, str]]:
    with client.service.store.reading() as reader:
        return [
            (str(one.data["what"]), str(one.data["model"]))
            for one in reader.events()
            if one.type == "model_changed"
        ]


def test_everybody_sees_cards_and_figures(forms: Forms) -> None:
    forms.sign_in("odo")
    assert OTHER in forms.http.get("/console/models").text
    shown = forms.http.get(f"/console/models/one/{OTHER}")
    assert "Human works called AI" in shown.text
    assert "/promote" not in shown.text
    assert "Too few uploads" in forms.http.get("/console/models/drift").text
    assert forms.http.get("/console/models/one/none").status_code == 404


def test_an_admin_puts_models_into_use_and_goes_back(client: Client, forms: Forms) -> None:
    forms.sign_in("ada")
    new = "/console/models/one/networks-v5-int8"
    forms.send(new, f"{new}/promote")
    assert in_use(client) == ["networks-v5-int8"]
    forms.send(new, "/console/models/rollback")
    assert in_use(client) == [OTHER]
    assert changes(client) == [
        ("promoted", "networks-v5-int8"),
        ("rolled back", "networks-v5-int8"),
    ]


def test_without_the_gates_report_none_of_ones_own_is_taken(client: Client, forms: Forms) -> None:
    forms.sign_in("ada")
    own = "/console/models/one/linear-v1-int8"
    before = changes(client)
    assert forms.send(own, f"{own}/promote").status_code == 409
    said = {"form_token": forms.token(own)}
    wrong = forms.http.post(f"{own}/promote", data=said, files={"gate": b"{}"})
    assert wrong.status_code == 409
    assert "has not passed the gate" in wrong.text
    assert (in_use(client), changes(client)) == ([OTHER], before)
