"""The page for a creator: what is enrolled, and withdrawal, which asks once more."""

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx2
import pytest

from api.service import now
from moderation.links import Links
from storage.keys import Scope
from tests.api.conftest import Client, serving
from tests.api.test_creators import FakeCatalogue, send
from tests.fakes import fake_judge
from tests.scan.making import picture
from tests.similarity.fakes import MemoryGallery

LINKS_AT = "https://art.example"
LINKS = Links(LINKS_AT, "s" * 32)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    place = f"sqlite:///{tmp_path_factory.mktemp('public') / 'records.sqlite3'}"
    judge = fake_judge(similarity=FakeCatalogue(enrolled=MemoryGallery(clock=now)))
    with serving(place, judge, [Scope.CREATORS], links=LINKS) as found:
        yield found


def test_withdrawal_asks_once_more_and_leaves_nothing(client: Client) -> None:
    for number in range(2):
        send(client, "Ann <b>", f"/srv/ann/{number}.png", picture(number))
    made = client.http.post("/v1/creators/Ann <b>/page").json()
    assert datetime.fromisoformat(made["until"]) > datetime.now(UTC)
    place = made["url"].removeprefix(LINKS_AT)
    assert client.http.post("/v1/creators/nobody/page").status_code == 404
    with httpx2.Client(base_url=client.url, timeout=60) as visitor:
        shown = visitor.get(place).text
        assert "Ann &lt;b&gt;" in shown
        assert "1.png" in shown
        assert "/srv/ann" not in shown
        asked = visitor.get(f"{place}/withdraw").text
        assert "2 works leave the index" in asked
        assert "2 works leave the index" in visitor.post(f"{place}/withdraw").text
        done = visitor.post(f"{place}/withdraw", data={"sure": "true"})
        assert "Nothing is enrolled" in done.text
        again = visitor.post(f"{place}/withdraw", data={"sure": "true"})
        assert again.status_code == 200
        assert "何も登録されて" in visitor.get(place, headers={"Accept-Language": "ja"}).text
    assert client.http.get("/v1/creators/Ann <b>").status_code == 404


def test_a_link_does_not_lead_to_who_takes_the_name_after_a_withdrawal(client: Client) -> None:
    send(client, "Bob", "0.png", picture(3))
    old = client.http.post("/v1/creators/Bob/page").json()["url"].removeprefix(LINKS_AT)
    assert client.http.delete("/v1/creators/Bob").status_code == 200
    send(client, "Bob", "another's.png", picture(4))
    new = client.http.post("/v1/creators/Bob/page").json()["url"].removeprefix(LINKS_AT)
    with httpx2.Client(base_url=client.url, timeout=60) as visitor:
        assert "another" not in visitor.get(old).text
        visitor.post(f"{old}/withdraw", data={"sure": "true"})
        assert "another" in visitor.get(new).text
