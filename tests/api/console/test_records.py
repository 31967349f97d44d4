"""Pages that only read: an account, the figures, the chain of events."""

import pytest

from tests.api.conftest import Client
from tests.api.console.cases import HOSTILE, decided
from tests.api.console.conftest import Forms

ACCOUNT = f"ann & {HOSTILE}"


@pytest.fixture(scope="module", autouse=True)
def _told(client: Client) -> None:
    for number in range(60):
        decided(client.service.store, f"{HOSTILE} {number}", ACCOUNT)


def test_an_account_is_shown_page_by_page(forms: Forms) -> None:
    forms.sign_in("mia")
    assert forms.http.get("/console/account").status_code == 200
    first = forms.http.get("/console/account", params={"name": ACCOUNT})
    assert "<script>alert" not in first.text
    assert "Strikes that count" in first.text
    older = forms.http.get("/console/account", params={"name": ACCOUNT, "before": "50"})
    assert 'id="event-49"' in older.text
    assert 'id="event-50"' not in older.text
    assert "Nothing is known" in forms.http.get("/console/account", params={"name": "x"}).text


def test_the_trail_is_filtered_and_verified(forms: Forms) -> None:
    forms.sign_in("odo")
    struck = forms.http.get("/console/audit", params={"type": "strike_given", "account": ACCOUNT})
    assert "Strike given" in struck.text
    assert "<strong>Decided" not in struck.text
    assert "Nothing of this kind" in forms.http.get("/console/audit?work=none").text
    assert forms.http.get("/console/audit?type=none&before=3").status_code == 200
    whole = forms.send("/console/audit", "/console/audit/verify")
    assert "The chain is whole." in whole.text


def test_only_some_have_all_of_the_chain_read(forms: Forms) -> None:
    forms.sign_in("mia")
    assert "/console/audit/verify" not in forms.http.get("/console/audit").text


def test_figures_are_shown_with_what_they_rest_on(forms: Forms) -> None:
    forms.sign_in("mia")
    forms.http.headers["Accept-Language"] = "ja"
    for words in ("統計", "comics"):
        assert words in forms.http.get("/console/statistics").text
