"""Reviews and appeals over HTTP, as a platform's back office answers them."""

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx2
import pytest

from moderation.record import record
from storage.keys import Scope
from tests.api.conftest import Client, serving
from tests.api.test_scores import code
from tests.moderation.telling import SUSPECTED, inferred, policy, upload

RULES = policy(SUSPECTED)
MIA = {"moderator": "mia"}
NOA = {"moderator": "noa"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    address = f"sqlite:///{tmp_path_factory.mktemp('reviews') / 'r.sqlite3'}"
    with serving(address, scopes=[Scope.SCORE, Scope.REVIEW]) as found:
        yield found


def asked(client: Client, work: str) -> str:
    """The review that an upload leads to; its work is labelled meanwhile."""
    now = datetime.now(UTC)
    made = record(
        client.service.store, inferred(work), upload(work, at=now), RULES, at=now, key=work
    )
    with client.service.store.reading() as reader:
        (review,) = reader.reviews(decision=made.id)
    return review.id


def act(client: Client, place: str, said: dict[str, object], key: str = "") -> httpx2.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return client.http.post(f"/v1/{place}", json=said, headers=headers)


def told(client: Client, work: str) -> list[str]:
    with client.service.store.reading() as reader:
        (decision,) = reader.decisions_about(work)
        return [one.topic for one in reader.messages(decision=decision.id)]


def test_a_review_is_taken_answered_and_carried_out(client: Client) -> None:
    review = f"reviews/{asked(client, 'cat')}"
    (waiting,) = (
        one for one in client.http.get("/v1/reviews").json()["reviews"] if one["work"] == "cat"
    )
    assert (waiting["about"], waiting["choices"]) == ("work", ["delist", "strike"])
    assert client.http.get(f"/v1/decisions/{waiting['decision']}").status_code == 200
    said = {**MIA, "confirmed": True, "reason": "It is so.", "actions": ["delist"], "label": "ai"}
    early = act(client, f"{review}/resolve", said)
    assert (early.status_code, code(early)) == (409, "not_claimed")
    assert act(client, f"{review}/claim", MIA).json()["claimed_by"] == "mia"
    other = act(client, f"{review}/claim", NOA)
    assert (other.status_code, code(other)) == (409, "already_claimed")
    for change, status, wrong in (
        ({"actions": ["hold"]}, 422, "not_a_choice"),
        ({"reason": " "}, 422, "reason_missing"),
        ({"reason": ""}, 422, "invalid"),
        ({"moderator_account": "ann"}, 403, "own_case"),
    ):
        refused = act(client, f"{review}/resolve", said | change)
        assert (refused.status_code, code(refused)) == (status, wrong)
    for _ in range(2):
        done = act(client, f"{review}/resolve", said, "answer cat")
        assert done.status_code == 200
        assert (done.json()["resolved_by"], done.json()["actions"]) == ("mia", ["delist"])
    assert told(client, "cat") == ["label", "labelled", "delist", "delisted"]
    assert client.http.get(f"/v1/{review}").json()["confirmed"] is True
    with client.service.store.reading() as reader:
        assert [(one.label, one.by) for one in reader.labels()] == [("ai", "mia")]


def test_what_is_given_back_is_free_at_once(client: Client) -> None:
    review = f"reviews/{asked(client, 'dog')}"
    act(client, f"{review}/claim", MIA)
    not_theirs = act(client, f"{review}/release", NOA)
    assert (not_theirs.status_code, code(not_theirs)) == (409, "not_claimed")
    assert act(client, f"{review}/release", MIA).json()["claimed_by"] is None
    assert act(client, f"{review}/claim", NOA).json()["claimed_by"] == "noa"
    assert client.service.store.verify().whole


def test_an_appeal_is_taken_and_granted_by_another(client: Client) -> None:
    review = asked(client, "fox")
    act(client, f"reviews/{review}/claim", MIA)
    said = {**MIA, "confirmed": True, "reason": "It is so.", "actions": ["delist"]}
    decision = act(client, f"reviews/{review}/resolve", said).json()["decision"]
    objection = {"decision": decision, "account_id": "ann", "text": "I drew it."}
    opened = act(client, "appeals", objection).json()["id"]
    (waiting,) = client.http.get("/v1/appeals").json()["appeals"]
    assert (waiting["id"], waiting["text"]) == (opened, "I drew it.")
    same = act(client, f"appeals/{opened}/claim", MIA)
    assert (same.status_code, code(same)) == (403, "same_moderator")
    act(client, f"appeals/{opened}/claim", NOA)
    assert act(client, f"appeals/{opened}/release", NOA).json()["claimed_by"] is None
    act(client, f"appeals/{opened}/claim", NOA)
    answer = {**NOA, "granted": True, "reason": "She did.", "label": "human", "certainty": 0.9}
    done = act(client, f"appeals/{opened}", answer)
    assert (done.status_code, done.json()["granted"]) == (200, True)
    assert client.http.get(f"/v1/appeals/{opened}").json()["resolved_by"] == "noa"
    assert client.http.get("/v1/appeals").json()["appeals"] == []
    assert told(client, "fox")[-2:] == ["restore", "appeal_answered"]


def test_what_there_is_not(client: Client) -> None:
    for place in ("reviews/none", "appeals/none"):
        answer = client.http.get(f"/v1/{place}")
        assert (answer.status_code, code(answer)) == (404, "unknown_record")
        answer = act(client, f"{place}/claim", MIA)
        assert (answer.status_code, code(answer)) == (404, "unknown_record")


def test_scoring_is_not_reviewing(tmp_path: object) -> None:
    with serving(f"sqlite:///{tmp_path}/s.sqlite3") as client:
        for place in ("/v1/reviews", "/v1/appeals", "/v1/archive"):
            answer = client.http.get(place)
            assert (answer.status_code, code(answer)) == (403, "scope_missing")
