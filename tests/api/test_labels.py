"""What moderators say of images, over HTTP."""

from collections.abc import Iterator

import pytest

from storage.keys import Scope
from tests.api.conftest import Client, serving
from tests.scan.making import picture


@pytest.fixture
def client(address: str) -> Iterator[Client]:
    with serving(address, scopes=[Scope.SCORE, Scope.REVIEW]) as found:
        yield found


def test_a_label_is_kept_once(client: Client) -> None:
    scored = client.score(picture(1), account_id="ann", work_id="w1").json()
    said = {"decision": scored["id"], "label": "human", "certainty": 0.9, "moderator": "mia"}
    for _ in range(2):
        answer = client.http.post("/v1/labels", json=said, headers={"Idempotency-Key": "k"})
        assert answer.status_code == 201
    with client.service.store.reading() as reader:
        (kept,) = reader.labels()
    assert (kept.work, kept.sha256) == ("w1", scored["image"]["sha256"])
    assert (kept.label, kept.certainty, kept.source) == ("human", 0.9, "moderator")
    assert (kept.decision, kept.by) == (scored["id"], "mia")


def test_what_cannot_be_labelled(client: Client) -> None:
    scored = client.score(picture(1), account_id="ann").json()
    said = {"decision": scored["id"], "label": "ai", "moderator": "mia"}
    for change, status, code in (
        ({"decision": "none"}, 404, "unknown_record"),
        ({"moderator_account": "ann"}, 403, "own_case"),
        ({"label": "robot"}, 422, "invalid"),
        ({"certainty": 2}, 422, "invalid"),
    ):
        answer = client.http.post("/v1/labels", json=said | change)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    with client.service.store.reading() as reader:
        assert not list(reader.labels())


def test_scoring_is_not_labelling(address: str) -> None:
    with serving(address) as client:
        answer = client.http.post("/v1/labels", json={})
        assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
