"""Messages that are signed and posted to a real receiver."""

import json
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx2
import pytest
import standardwebhooks
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from moderation.delivery import Delivery, deliver
from moderation.errors import NotTaken
from moderation.links import Links
from moderation.webhooks.documents import KINDS, body_of, type_of
from moderation.webhooks.webhook import Webhook
from storage import Store
from storage.cases import Message, MessageState
from tests.moderation.sagas import STEPS
from tests.moderation.telling import T0, later
from tests.moderation.test_delivery import queued
from tests.moderation.webhooks.receiving import (
    OLD_SECRET,
    SECRET,
    Receiver,
    message,
    receiving,
)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    # One for each test: an answer that nobody waited for is still on its way in the next.
    with receiving() as found:
        yield found


@pytest.fixture
def webhook(receiver: Receiver) -> Iterator[Webhook]:
    with Webhook(receiver.url, [SECRET]) as found:
        yield found


def refused(webhook: Webhook) -> NotTaken:
    with pytest.raises(NotTaken) as found:
        webhook.send(message())
    return found.value


def test_a_receiver_can_verify_what_comes(receiver: Receiver, webhook: Webhook) -> None:
    webhook.send(message())
    (taken,) = receiver.taken
    assert taken.verified() == {
        "schema": 1,
        "type": "instruction.delist",
        "timestamp": "2026-11-28T12:00:00Z",
        "sequence": 7,
        "data": {"decision": "d", "service": "comics", "account": "ann", "work": "cat"},
    }
    assert (taken.path, taken.headers["webhook-id"]) == ("/hook", "m1")
    assert taken.headers["content-type"] == "application/json"
    assert taken.headers["user-agent"].startswith("rakkan/")
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        taken.verified(OLD_SECRET)


def test_while_secrets_change_either_is_right(receiver: Receiver) -> None:
    with Webhook(receiver.url, [SECRET, OLD_SECRET]) as webhook:
        webhook.send(message())
    (taken,) = receiver.taken
    assert taken.verified(SECRET) == taken.verified(OLD_SECRET)


def test_the_time_of_the_attempt_is_signed(receiver: Receiver) -> None:
    with Webhook(receiver.url, [SECRET], now=lambda: T0 - timedelta(days=1)) as webhook:
        webhook.send(message())
    with pytest.raises(standardwebhooks.WebhookVerificationError, match="too old"):
        receiver.taken[0].verified()


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 429, 500, 503])
def test_whatever_is_no_success_is_a_failure(
    receiver: Receiver, webhook: Webhook, status: int
) -> None:
    receiver.answer(status, Location="/elsewhere")
    error = refused(webhook)
    assert str(error) == f"the receiver answered {status}"
    assert (error.final, error.retry_after) == (False, None)
    # No redirect was followed.
    assert [one.path for one in receiver.taken] == ["/hook"]


def test_who_wants_no_more_is_left_alone(receiver: Receiver, webhook: Webhook) -> None:
    receiver.answer(410)
    assert refused(webhook).final


def test_a_receiver_says_how_long_to_wait(receiver: Receiver) -> None:
    with Webhook(receiver.url, [SECRET], now=lambda: T0) as webhook:
        for said, seconds in (
            ("120", 120),
            (format_datetime(later(minutes=3), usegmt=True), 180),
            ("soon", None),
            ("-5", None),
            ("9" * 30, None),
        ):
            receiver.answer(503, Retry_After=said)
            found = refused(webhook).retry_after
            assert found == (None if seconds is None else timedelta(seconds=seconds)), said


def test_a_slow_receiver_is_not_waited_for(receiver: Receiver) -> None:
    with Webhook(receiver.url, [SECRET], seconds=0.2) as webhook:
        receiver.seconds = 0.6
        assert "did not answer within 0.2 seconds" in str(refused(webhook))
        receiver.seconds = 0
        webhook.send(message())


def test_what_a_receiver_says_is_not_waited_for_without_end(receiver: Receiver) -> None:
    receiver.answer(200, Content_Length="10")
    with Webhook(receiver.url, [SECRET], seconds=0.2) as webhook:
        refused(webhook)
        webhook.send(message("m2"))
    assert receiver.ids == ["m1", "m2"]


def test_nobody_listens(receiver: Receiver) -> None:
    with Webhook("http://127.0.0.1:9/", [SECRET]) as webhook, pytest.raises(httpx2.ConnectError):
        webhook.send(message())


def test_certificates_are_verified(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path))
    with (
        receiving(context) as found,
        Webhook(found.url, [SECRET]) as webhook,
        pytest.raises(httpx2.ConnectError, match=r"(?i)certificate"),
    ):
        webhook.send(message())
    assert not found.taken


def self_signed(folder: Path) -> Path:
    """A certificate that nobody vouches for, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    place = folder / "server.pem"
    plain = serialization.NoEncryption()
    encoding = serialization.Encoding.PEM
    place.write_bytes(
        key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)
        + made.public_bytes(encoding)
    )
    return place


def test_what_waits_is_delivered(store: Store, receiver: Receiver, webhook: Webhook) -> None:
    queued(store)
    receiver.answer(500)
    receiver.answer(204)
    assert deliver(store, webhook.send, lambda: T0) == Delivery(sent=1, failed=1)
    (waiting,) = store.messages(MessageState.WAITING)
    assert (waiting.error, waiting.retry_at) == (
        "the receiver answered 500",
        later(seconds=10),
    )
    assert deliver(store, webhook.send, lambda: later(seconds=10)) == Delivery(sent=1)
    first, _, again = receiver.taken
    assert (first.body, first.headers["webhook-id"]) == (again.body, again.headers["webhook-id"])
    assert [one["type"] for one in (first.verified(), receiver.taken[1].verified())] == [
        "instruction.delist",
        "notice.delisted",
    ]


def test_whoever_dies_after_sending_sends_the_same_again(
    store: Store, receiver: Receiver, webhook: Webhook
) -> None:
    queued(store)
    for one in store.claim(T0):
        webhook.send(one)  # and nothing is noted of it
    assert deliver(store, webhook.send, lambda: later(minutes=4)) == Delivery()
    assert deliver(store, webhook.send, lambda: later(minutes=5)) == Delivery(sent=2)
    assert receiver.ids[:2] == receiver.ids[2:]
    assert [one.body for one in receiver.taken[:2]] == [one.body for one in receiver.taken[2:]]


def test_every_message_of_a_long_story_is_as_described(store: Store) -> None:
    found = set()

    def send(one: Message) -> None:
        document = json.loads(body_of(one))
        KINDS[one.kind].model_validate(document)
        found.add(document["type"])

    for step in STEPS:
        step(store, send)
    assert found == {
        "instruction.hold",
        "instruction.delist",
        "instruction.restore",
        "instruction.suspend",
        "notice.held",
        "notice.delisted",
        "notice.work_delisted",
        "notice.work_restored",
        "notice.suspended",
        "notice.appeal_answered",
        "refund",
    }


def test_what_is_not_known_is_not_sent() -> None:
    with pytest.raises(ValueError, match="kind gift_queued"):
        body_of(message(kind="gift_queued"))
    with pytest.raises(ValueError, match="type"):
        body_of(message(topic="dance"))
    assert type_of(message(kind="refund_queued", topic="refund")) == "refund"


def test_only_the_uploader_gets_an_address_and_the_same_in_each_attempt(store: Store) -> None:
    sent: list[Message] = []
    for step in STEPS:
        step(store, sent.append)
    links = Links("https://art.example", "s" * 32)
    told = {one.topic: json.loads(body_of(one, links))["data"].get("page") for one in sent}
    of_uploader = {"held", "delisted", "suspended", "appeal_answered"}
    assert {topic for topic, page in told.items() if page is not None} == of_uploader
    for one in sent:
        assert body_of(one, links) == body_of(one, links)
        page = json.loads(body_of(one, links))["data"].get("page")
        if page is not None:
            assert links.decision(page.rpartition("/")[2], one.at) == one.decision
