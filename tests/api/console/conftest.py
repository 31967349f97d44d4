"""A console over real records behind a real server, and people who work at it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx2
import lxml.html
import pytest

from moderation import staff
from storage.people import StaffRole
from tests.api.conftest import Client, serving

PASSWORD = "correct horse battery"  # noqa: S105 - of nobody
PEOPLE = {
    "mia": StaffRole.MODERATOR,
    "noa": StaffRole.MODERATOR,
    "sol": StaffRole.SENIOR,
    "ada": StaffRole.ADMIN,
    "odo": StaffRole.AUDITOR,
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """One server for a module."""
    place = tmp_path_factory.mktemp("console") / "records.sqlite3"
    with serving(f"sqlite:///{place}", preview_days=30) as found:
        now = datetime.now(UTC)
        for name, role in PEOPLE.items():
            staff.add(found.service.store, name, role, PASSWORD, at=now)
        yield found


class Forms:
    """Asks as a browser does: keeps cookies, and sends forms as they are shown."""

    def __init__(self, url: str) -> None:
        self.http = httpx2.Client(base_url=url, timeout=60, follow_redirects=True)

    def send(self, page: str, to: str, /, **fields: str) -> httpx2.Response:
        """Send the form of a page that leads somewhere, with what it hides."""
        shown = lxml.html.fromstring(self.http.get(page).text)
        (form,) = (one for one in shown.forms if one.action == to)
        hidden = {one.name: one.value for one in form.inputs if one.get("type") == "hidden"}
        return self.http.post(to, data={**hidden, **fields}, headers={"Referer": page})

    def token(self, page: str) -> str:
        """What the forms of a page carry."""
        shown = lxml.html.fromstring(self.http.get(page).text)
        return str(shown.xpath("//input[@name='form_token']/@value")[0])

    def sign_in(self, name: str, password: str = PASSWORD) -> httpx2.Response:
        return self.send("/console/sign-in", "/console/sign-in", name=name, password=password)


@pytest.fixture
def forms(client: Client) -> Iterator[Forms]:
    found = Forms(client.url)
    with found.http:
        yield found
