"""The page for an uploader: their own matter alone, and one appeal with what they hand in."""

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO

import httpx2
import pytest
from PIL import Image

from api.public.works import MOST_FILES
from api.rates import Rates
from moderation.links import LASTS, Links
from tests.api.conftest import Client, serving
from tests.api.console.cases import HOSTILE, decided
from tests.fakes import fake_judge

LINKS = Links("https://art.example", "s" * 32)
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    place = tmp_path_factory.mktemp("public") / "records.sqlite3"
    with serving(f"sqlite:///{place}", fake_judge(), links=LINKS) as found:
        yield found


@pytest.fixture
def visitor(client: Client) -> Iterator[httpx2.Client]:
    """Somebody without a key or a session."""
    with httpx2.Client(base_url=client.url, timeout=60, follow_redirects=True) as http:
        yield http


def place(decision: str) -> str:
    """The path of the page about a decision."""
    return LINKS.to_work(decision, datetime.now(UTC)).url.removeprefix("https://art.example")


def picture() -> bytes:
    file = BytesIO()
    Image.new("RGB", (60, 40), "teal").save(file, "PNG")
    return file.getvalue()


def test_the_page_says_what_was_decided_and_on_what(client: Client, visitor: httpx2.Client) -> None:
    done = decided(client.service.store, f"/srv/secret/{HOSTILE}.png")
    made = client.http.post(f"/v1/decisions/{done.id}/page").json()
    answer = visitor.get(made["url"].removeprefix("https://art.example"))
    assert answer.status_code == 200
    for words in ("Delist", "Stated: the file itself says so", "Object to this decision"):
        assert words in answer.text
    assert "<script" not in answer.text
    assert "/srv/secret" not in answer.text
    said = answer.headers["Content-Security-Policy"]
    assert said.startswith("default-src 'none'")
    assert "unsafe" not in said
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "異議" in visitor.get(place(done.id), params={"language": "ja"}).text


@pytest.mark.parametrize("token", ["x", "x.y", "%00", "a" * 3000])
def test_a_link_that_nobody_signed_leads_nowhere(visitor: httpx2.Client, token: str) -> None:
    answer = visitor.get(f"/public/works/{token}")
    assert answer.status_code == 404
    assert "leads nowhere" in answer.text


def test_a_link_to_a_work_is_none_to_a_creator_and_ends(
    client: Client, visitor: httpx2.Client
) -> None:
    done = decided(client.service.store, "mine")
    other = place(done.id).replace("/works/", "/creators/")
    assert visitor.get(other).status_code == 404
    old = LINKS.to_work(done.id, NOW - LASTS).url.removeprefix("https://art.example")
    assert visitor.get(old).status_code == 404


def test_an_appeal_keeps_what_was_handed_in(client: Client, visitor: httpx2.Client) -> None:
    done = decided(client.service.store, "drawn")
    files = [
        ("evidence", ("C:\\ann\\sketch.png", picture())),
        ("evidence", ("note.txt", b"I drew it.")),
    ]
    answer = visitor.post(f"{place(done.id)}/appeal", data={"text": "It is mine."}, files=files)
    assert answer.status_code == 200
    assert "You have objected" in answer.text
    with client.service.store.reading() as reader:
        appeal = reader.appeal_of(done.id)
        kept = reader.attachments.of(done.id)
    assert appeal is not None
    assert (appeal.text, appeal.account) == ("It is mine.", "ann")
    assert [(one.name, one.previewed) for one in kept] == [
        ("sketch.png", True),
        ("note.txt", False),
    ]
    assert appeal.evidence == tuple(one.sha256 for one in kept)
    # Sent again, it is the same one.
    again = visitor.post(f"{place(done.id)}/appeal", data={"text": "Again."})
    assert "You have objected" in again.text


def test_what_was_typed_stays_where_it_cannot_be_taken(
    client: Client, visitor: httpx2.Client
) -> None:
    done = decided(client.service.store, "long")
    answer = visitor.post(f"{place(done.id)}/appeal", data={"text": "no " * 2000})
    assert answer.status_code == 422
    assert "no no no" in answer.text
    with client.service.store.reading() as reader:
        assert reader.appeal_of(done.id) is None


def test_what_is_handed_in_is_bounded(client: Client, visitor: httpx2.Client) -> None:
    done = decided(client.service.store, "many")
    many = [("evidence", (f"{n}.txt", b"x")) for n in range(MOST_FILES + 1)]
    answer = visitor.post(f"{place(done.id)}/appeal", data={"text": "No."}, files=many)
    assert answer.status_code == 400
    large = [("evidence", ("large", b"x" * 33_000_000))]
    answer = visitor.post(f"{place(done.id)}/appeal", data={"text": "No."}, files=large)
    assert answer.status_code == 413
    with client.service.store.reading() as reader:
        assert reader.appeal_of(done.id) is None


def test_one_page_is_not_asked_for_too_often(client: Client, visitor: httpx2.Client) -> None:
    done = decided(client.service.store, "often")
    before, client.service.visitors = client.service.visitors, Rates("3/minute")
    try:
        answers = [visitor.get(place(done.id)).status_code for _ in range(5)]
    finally:
        client.service.visitors = before
    assert answers == [200, 200, 200, 429, 429]


def test_an_erasure_leaves_nothing_to_be_seen(client: Client, visitor: httpx2.Client) -> None:
    done = decided(client.service.store, "gone", "zoe")
    client.service.store.erase("zoe", at=datetime.now(UTC), actor="officer")
    answer = visitor.get(place(done.id))
    assert answer.status_code == 410
    assert "zoe" not in answer.text
