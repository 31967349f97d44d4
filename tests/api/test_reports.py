"""What a platform reports, over HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.api.conftest import Client, serving
from tests.api.test_scores import code

POSTED = {"report": "posted", "service": "comics", "account": "ann", "work": "w1"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with serving(f"sqlite:///{tmp_path_factory.mktemp('reports') / 'r.sqlite3'}") as found:
        yield found


def send(client: Client, key: str, **said: object) -> int:
    return client.http.post("/v1/reports", json=said, headers={"Idempotency-Key": key}).status_code


def test_reports_make_a_history_once(client: Client) -> None:
    for _ in range(2):
        assert send(client, "1", **POSTED) == 201
    assert send(client, "2", report="links_added", account="ann", work="w1", outside_links=4) == 201
    assert send(client, "3", report="deleted", account="ann", work="w1") == 201
    now = datetime.now(UTC)
    with client.service.store.reading() as reader:
        past = reader.history("ann", since=now - timedelta(days=1), until=now + timedelta(days=1))
    (post,) = past.posts
    assert (post.work, post.outside_links, post.deleted_at is None) == ("w1", 4, False)


def test_what_is_no_report(client: Client) -> None:
    for change, status, wrong in (
        ({"report": "sold"}, 422, "invalid"),
        ({"at": "2026-11-29T12:00:00"}, 422, "invalid"),
        ({"at": 0}, 422, "invalid"),
        ({"outside_links": True}, 422, "invalid"),
        ({"outside_links": "3"}, 422, "invalid"),
        ({"declared_ai": "yes"}, 422, "invalid"),
        ({"colour": "red"}, 422, "invalid"),
        ({"account": ""}, 422, "invalid"),
        ({"account": "a\x00b"}, 422, "bad_text"),
    ):
        answer = client.http.post("/v1/reports", json=POSTED | change)
        assert (answer.status_code, code(answer)) == (status, wrong)
    assert send(client, "k", **POSTED) == 201
    headers = {"Idempotency-Key": "k"}
    for other in (
        {"report": "deleted", "account": "ann", "work": "w1"},
        POSTED | {"work": "w2"},
    ):
        answer = client.http.post("/v1/reports", json=other, headers=headers)
        assert (answer.status_code, code(answer)) == (422, "key_reused")
