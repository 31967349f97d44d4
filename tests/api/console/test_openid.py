"""Sign-in by an OpenID provider that runs here."""

import warnings
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx2
import pytest

from api.console.openid import Provider
from moderation import staff
from serving.settings import OpenId
from storage.people import StaffRole
from tests.api.conftest import Client
from tests.api.console.conftest import Forms

NOW = datetime.now(UTC)
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the provider's own libraries
        from oidc_provider_mock import User, run_server_in_thread

        people = [
            User(sub=name, claims=claims)
            for name, claims in (
                ("kay", {"groups": ["staff", "moderator", "senior"]}),
                ("lee", {"groups": ["staff"]}),
            )
        ]
        with run_server_in_thread(user_claims=people, require_nonce=True) as server:
            yield f"http://localhost:{server.server_port}"


@pytest.fixture
def forms(client: Client) -> Iterator[Forms]:
    found = Forms(client.url.replace("127.0.0.1", "localhost"))
    with found.http:
        yield found
    client.service.openid = None


def use(client: Client, issuer: str, role: str | None = None) -> None:
    client.service.openid = Provider(OpenId(issuer, "rakkan", "secret", "sub", role))


def enter(forms: Forms, name: str) -> httpx2.Response:
    """Go to the provider, say there who one is, and come back."""
    asked = forms.http.get(
        "/console/sign-in/elsewhere", params={"next": "/console/settings"}, follow_redirects=False
    )
    return forms.http.post(asked.headers["Location"], data={"sub": name})


def test_who_is_known_here_gets_in_as_what_is_set_here(
    client: Client, forms: Forms, issuer: str
) -> None:
    use(client, issuer)
    assert enter(forms, "kay").status_code == 403
    staff.add(client.service.store, "kay", StaffRole.AUDITOR, None, at=NOW)
    came = enter(forms, "kay")
    assert (came.status_code, came.url.path) == (200, "/console/settings")
    assert "Auditor" in came.text
    staff.disable(client.service.store, "kay", at=NOW)
    assert enter(forms, "kay").status_code == 403


def test_a_role_that_the_provider_gives_counts(client: Client, forms: Forms, issuer: str) -> None:
    use(client, issuer, role="groups")
    staff.set_role(client.service.store, "kay", StaffRole.AUDITOR, at=NOW)
    assert "Senior moderator" in enter(forms, "kay").text
    assert enter(forms, "lee").status_code == 403


def test_an_answer_to_another_browser_is_none(client: Client, forms: Forms, issuer: str) -> None:
    use(client, issuer)
    other = Forms(client.url.replace("127.0.0.1", "localhost"))
    with other.http:
        asked = other.http.get("/console/sign-in/elsewhere", follow_redirects=False)
        back = other.http.post(
            asked.headers["Location"], data={"sub": "kay"}, follow_redirects=False
        ).headers["Location"]
    forms.http.get("/console/sign-in")
    assert forms.http.get(back).status_code == 502
    assert forms.http.get("/console/queue").url.path == "/console/sign-in"


def test_without_a_provider_there_is_no_such_place(client: Client, forms: Forms) -> None:
    assert forms.http.get("/console/sign-in/elsewhere").status_code == 404
    assert "organisation" not in forms.http.get("/console/sign-in").text


def test_a_provider_that_is_not_there_is_told(client: Client, forms: Forms) -> None:
    use(client, "http://127.0.0.1:1")
    assert forms.http.get("/console/sign-in/elsewhere").status_code == 502
