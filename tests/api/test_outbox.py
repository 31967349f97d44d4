"""Messages to the platform: sent by the service, listed and tried again, over HTTP."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from imaging.errors import CorruptImage
from models import Features, Views
from storage.cases import MessageState
from storage.keys import Scope
from tests.api.conftest import Client, serving
from tests.api.test_observing import counted
from tests.api.test_scores import Slow, code
from tests.fakes import fake_judge
from tests.moderation.webhooks.receiving import Receiver, receiving
from tests.scan.making import picture

LIVE = """
schema: 1
name: live
inherits: default
mode: live
title: {en: Live, ja: 本番}
"""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    (tmp_path / "live.yaml").write_text(LIVE, "utf-8")
    return tmp_path


def settled(client: Client, state: MessageState, many: int) -> None:
    """Wait until so many messages are in a state."""
    while len(client.service.store.messages(state)) < many:
        time.sleep(0.01)


def test_what_a_decision_asks_for_reaches_the_platform(
    address: str, receiver: Receiver, policies: Path
) -> None:
    with serving(address, receiver=receiver, policies=policies) as client:
        said = client.score(
            picture(1), service="live", declared_ai="true", account_id="ann", work_id="w1"
        ).json()
        settled(client, MessageState.DELIVERED, 2)
    label, notice = (one.verified() for one in receiver.taken)
    assert (label["type"], notice["type"]) == ("instruction.label", "notice.labelled")
    assert label["data"] == {
        "decision": said["id"],
        "service": "live",
        "account": "ann",
        "work": "w1",
        "label": "ai",
    }
    assert notice["data"]["statement"].keys() == {"en", "ja"}


class Failing(Slow):
    """Finds, once it is told to, that a picture is none."""

    fails = False

    def encode(self, views: Views) -> Features:
        found = super().encode(views)
        if self.fails:
            raise CorruptImage("it ends too early")
        return found


def test_what_was_answered_as_undecided_is_told_once_it_is_decided(
    address: str, receiver: Receiver
) -> None:
    encoder = Slow()
    with serving(address, fake_judge(encoder), receiver=receiver, seconds=0.2) as client:
        client.score(picture(2))
        encoder.let.clear()
        late = client.score(picture(1), "k", account_id="ann", work_id="w1")
        assert late.status_code == 202
        encoder.let.set()
        settled(client, MessageState.DELIVERED, 1)
        answer = client.http.get(f"/v1/decisions/{late.json()['id']}").json()
        assert client.score(picture(1), "k", account_id="ann", work_id="w1").json() == answer
    # Who got an answer gets no message.
    (taken,) = receiver.taken
    said = taken.verified()
    assert said["type"] == "decision.made"
    told, decided = said["data"], answer["decision"]
    assert (told["decision"], told["account"], told["work"]) == (answer["id"], "ann", "w1")
    for name in ("action", "actions", "policy", "policy_sha256", "acts"):
        assert told[name] == decided[name]
    assert [one["code"] for one in told["reasons"]] == [one["code"] for one in decided["reasons"]]


def test_what_turns_out_to_be_no_image_is_told_too(tmp_path: Path, receiver: Receiver) -> None:
    encoder, records = Failing(), f"sqlite:///{tmp_path / 'r.sqlite3'}"
    with serving(records, fake_judge(encoder), receiver=receiver, seconds=0.2) as client:
        encoder.fails = True
        encoder.let.clear()
        late = client.score(picture(1), work_id="w1")
        assert late.status_code == 202
        encoder.let.set()
        settled(client, MessageState.DELIVERED, 1)
        assert code(client.score(picture(1))) == "image_corrupt"
    (taken,) = receiver.taken
    assert taken.verified()["type"] == "decision.failed"
    assert taken.verified()["data"] == {
        "decision": late.json()["id"],
        "service": "default",
        "work": "w1",
        "code": "image_corrupt",
        "detail": "it ends too early",
    }


def test_what_the_platform_did_not_take_is_listed_and_tried_again(
    address: str, receiver: Receiver, policies: Path
) -> None:
    receiver.answer(410)
    receiver.answer(503, Retry_After="100")
    with serving(address, None, [Scope.ADMIN], receiver, policies=policies) as client:
        client.score(picture(1), service="live", declared_ai="true", account_id="ann")
        settled(client, MessageState.DEAD, 1)
        while client.service.store.messages(MessageState.WAITING)[0].error is None:
            time.sleep(0.01)
        dead = client.http.get("/v1/outbox").json()
        assert (dead["waiting"], dead["dead"]) == (1, 1)
        (one,) = dead["messages"]
        assert (one["type"], one["state"]) == ("instruction.label", "dead")
        assert (one["attempts"], one["error"]) == (1, "the receiver answered 410")
        waiting = client.http.get("/v1/outbox", params={"state": "waiting"}).json()
        assert dead["oldest"] == waiting["messages"][0]["at"]
        counts = counted(client)
        assert counts["rakkan_outbox_messages", "waiting"] == 1
        assert counts["rakkan_outbox_messages", "dead"] == 1
        assert 0 < counts["rakkan_outbox_oldest_seconds",] < 600
        again = client.http.post(f"/v1/outbox/{one['id']}/retry")
        assert (again.status_code, again.json()["id"]) == (200, one["id"])
        settled(client, MessageState.DELIVERED, 1)
        gone = client.http.post(f"/v1/outbox/{one['id']}/retry")
        assert (gone.status_code, code(gone)) == (409, "already_sent")
        none = client.http.post("/v1/outbox/none/retry")
        assert (none.status_code, code(none)) == (404, "unknown_record")
    assert receiver.ids.count(one["id"]) == 2


def test_the_outbox_is_for_administrators(tmp_path: Path) -> None:
    scopes = [Scope.SCORE, Scope.REVIEW, Scope.CREATORS]
    with serving(f"sqlite:///{tmp_path / 'r.sqlite3'}", scopes=scopes) as client:
        for answer in (client.http.get("/v1/outbox"), client.http.post("/v1/outbox/x/retry")):
            assert (answer.status_code, code(answer)) == (403, "scope_missing")
