"""Queue and case, as a browser without scripts sees them."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from api.console.carrying_out import CarryingOut
from moderation.doubts import doubt_labels
from moderation.record import record
from moderation.submitting import carry_out_due
from tests.api.conftest import Client
from tests.api.console.conftest import Forms
from tests.api.console.making import asked
from tests.moderation.telling import SUSPECTED, human, policy, upload

SOON = timedelta(minutes=1)
SUSPENDING = {"actions": ["suspend_review"]}
YES = {"confirmed": "true", "action": "delist", "reason": "The lines melt."}


@contextmanager
def visitor(client: Client, name: str) -> Iterator[Forms]:
    found = Forms(client.url)
    with found.http:
        found.sign_in(name)
        yield found


@pytest.fixture
def mia(client: Client) -> Iterator[Forms]:
    with visitor(client, "mia") as found:
        yield found


@pytest.fixture(autouse=True)
def patient(client: Client) -> None:
    """Answers are carried out when a test says so."""
    client.service.undo = SOON


def later(client: Client) -> None:
    carry_out_due(client.service.store, now=datetime.now(UTC) + 2 * SOON)


def state(client: Client, review: str) -> tuple[str | None, bool | None, tuple[str, ...]]:
    with client.service.store.reading() as reader:
        found = reader.review(review)
        return found.resolved_by, found.confirmed, found.actions


def test_a_case_is_taken_answered_and_carried_out_once(client: Client, mia: Forms) -> None:
    review = asked(client.service.store, "cat", number=1)
    place = f"/console/cases/{review}"
    assert "cat" in mia.http.get("/console/queue").text
    shown = mia.send(place, f"{place}/claim").text
    assert "No pictures made by an AI." in shown
    assert "answer" in shown
    mia.send(place, f"{place}/answer", **YES)
    assert state(client, review) == (None, None, ())
    later(client)
    assert state(client, review) == ("mia", True, ("delist",))
    assert client.service.store.verify().whole


def test_what_is_taken_back_is_not_done_and_its_words_are_still_there(
    client: Client, mia: Forms
) -> None:
    review = asked(client.service.store, "dog")
    place = f"/console/cases/{review}"
    mia.send(place, f"{place}/claim")
    mia.send(place, f"{place}/answer", **YES)
    again = mia.send("/console/queue", f"{place}/undo").text
    assert "The lines melt." in again
    later(client)
    assert state(client, review) == (None, None, ())
    mia.send(place, f"{place}/answer", confirmed="false", reason="It is hers.")
    later(client)
    assert state(client, review) == ("mia", False, ())
    answer = mia.http.post(
        f"{place}/undo", data={"form_token": mia.token("/console/queue")}, headers={"Referer": "/"}
    )
    assert answer.status_code == 409


def test_a_form_that_is_sent_twice_answers_once(client: Client, mia: Forms) -> None:
    review = asked(client.service.store, "fox")
    place = f"/console/cases/{review}"
    mia.send(place, f"{place}/claim")
    said = {"form_token": mia.token(place), "form_key": "the same", **YES}
    for _ in range(2):
        assert mia.http.post(f"{place}/answer", data=said).status_code == 200
    later(client)
    before = len(list(_events(client)))
    mia.http.post(f"{place}/answer", data=said)
    later(client)
    resolved = [one for one in _events(client)[:before] if one == "review_resolved"]
    assert _events(client).count("review_resolved") == len(resolved)


def _events(client: Client) -> list[str]:
    with client.service.store.reading() as reader:
        return [one.type for one in reader.events()]


def test_a_case_that_somebody_else_holds_is_not_answered(client: Client, mia: Forms) -> None:
    review = asked(client.service.store, "owl")
    place = f"/console/cases/{review}"
    mia.send(place, f"{place}/claim")
    with visitor(client, "noa") as noa:
        shown = noa.http.get(place).text
        assert "mia looks at it until" in shown
        said = {"form_token": noa.token(place), "form_key": "k", **YES}
        assert noa.http.post(f"{place}/claim", data=said).status_code == 409
        assert noa.http.post(f"{place}/answer", data=said).status_code == 409
    assert state(client, review) == (None, None, ())


def test_who_audits_reads_and_changes_nothing(client: Client) -> None:
    review = asked(client.service.store, "elk")
    place = f"/console/cases/{review}"
    with visitor(client, "odo") as odo:
        assert "elk" in odo.http.get(place).text
        said = {"form_token": odo.token(place), "form_key": "k", **YES}
        for act in ("claim", "answer", "release", "undo"):
            assert odo.http.post(f"{place}/{act}", data=said).status_code == 403
        assert odo.http.get("/console/bulk").status_code == 403
    assert "case_read" in _events(client)


def test_a_session_that_has_ended_answers_nothing_and_leads_back(
    client: Client, mia: Forms
) -> None:
    review = asked(client.service.store, "ape")
    place = f"/console/cases/{review}"
    mia.send(place, f"{place}/claim")
    said = {"form_token": mia.token(place), "form_key": "k", **YES}
    with client.service.store.transaction() as tx:
        tx.people.end_all("mia")
    answer = mia.http.post(
        f"{place}/answer", data=said, headers={"Referer": f"{client.url}{place}"}
    )
    assert answer.url.path == "/console/sign-in"
    assert answer.url.params["next"] == place
    assert state(client, review) == (None, None, ())


def test_pictures_are_shown_to_who_is_signed_in_and_go_with_the_account(
    client: Client, mia: Forms
) -> None:
    asked(client.service.store, "emu", account="eve", number=3)
    with client.service.store.reading() as reader:
        (decision,) = reader.decisions_about("emu")
    place = f"/console/previews/{decision.id}"
    found = mia.http.get(place)
    assert (found.status_code, found.headers["Content-Type"]) == (200, "image/jpeg")
    nobody = Forms(client.url)
    with nobody.http:
        assert nobody.http.get(place).url.path == "/console/sign-in"
    client.service.store.erase("eve", at=datetime.now(UTC), actor="ada")
    assert mia.http.get(place).status_code == 404


def test_the_queue_is_filtered_and_goes_on_where_it_ended(client: Client, mia: Forms) -> None:
    asked(client.service.store, "yak", account="yan", service="books")
    for query, there in (
        ({"service": "books"}, True),
        ({"service": "none"}, False),
        ({"account": "yan"}, True),
        ({"account": "nobody"}, False),
        ({"evidence": "inferred", "account": "yan"}, True),
        ({"evidence": "proven"}, False),
        ({"creator": "dan"}, False),
    ):
        assert (">yak<" in mia.http.get("/console/queue", params=query).text) is there, query


def test_several_are_answered_together(client: Client, mia: Forms) -> None:
    reviews = [asked(client.service.store, f"bee {n}", account="bea") for n in range(3)]
    page = "/console/bulk?" + "&".join(f"review={one}" for one in reviews)
    said = {"form_token": mia.token(page), "form_key": "bulk", "review": reviews, **YES}
    done = mia.http.post("/console/bulk", data=said)
    assert done.url.path == "/console/queue"
    later(client)
    assert {state(client, one)[1] for one in reviews} == {True}
    again = mia.http.post("/console/bulk", data=said | {"form_key": "other"})
    assert again.status_code == 409
    assert again.text.count("answered already") == 3


def test_a_suspension_is_for_seniors(client: Client, mia: Forms) -> None:
    rules = policy({"id": "flood", "when": [{"ai": {"at_least": "inferred"}}], **SUSPENDING})
    suspension = asked(client.service.store, "ram", account="rio", rules=rules)
    place = f"/console/cases/{suspension}"
    refused = mia.send(place, f"{place}/claim")
    assert refused.status_code == 403
    assert "senior" in refused.text
    with visitor(client, "sol") as sol:
        assert "Your answer" in sol.send(place, f"{place}/claim").text


def test_an_answer_that_cannot_be_carried_out_is_told(client: Client, mia: Forms) -> None:
    review = asked(client.service.store, "hen")
    place = f"/console/cases/{review}"
    mia.send(place, f"{place}/claim")
    mia.send(place, f"{place}/answer", **YES)
    carry_out_due(client.service.store, now=datetime.now(UTC) + timedelta(hours=2))
    assert state(client, review) == (None, None, ())
    assert "could not be carried out" in mia.http.get("/console/queue").text
    assert "The lines melt." in mia.http.get(place).text
    assert "The lines melt." in mia.send("/console/queue", f"{place}/undo").text
    assert "could not be carried out" not in mia.http.get("/console/queue").text
    CarryingOut(client.service).once(datetime.now(UTC) + timedelta(days=8))
    with client.service.store.reading() as reader:
        assert reader.submitted.find(review) is None


def test_what_is_due_is_carried_out_by_the_service(client: Client, mia: Forms) -> None:
    client.service.undo = timedelta(0)
    review = asked(client.service.store, "ant")
    place = f"/console/cases/{review}"
    mia.send(place, f"{place}/claim")
    mia.send(place, f"{place}/answer", **YES)
    while state(client, review)[1] is None:
        time.sleep(0.05)
    assert state(client, review) == ("mia", True, ("delist",))


HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


def test_names_become_no_markup(client: Client, mia: Forms) -> None:
    review = asked(client.service.store, HOSTILE, account=f"{HOSTILE}\u202e")
    for place in ("/console/queue", f"/console/cases/{review}"):
        text = mia.http.get(place).text
        assert "<script>alert" not in text
        assert "onerror=alert(1)>" not in text
        assert "\u202e" not in text


def test_a_label_in_doubt_is_asked_about_and_the_answer_is_the_label(
    client: Client, mia: Forms
) -> None:
    store = client.service.store
    context = upload("heron", account="row", declared_ai=False)
    record(store, human("heron"), context, policy(SUSPECTED), at=datetime.now(UTC), key="heron")
    doubt_labels(store, {human("heron").image.sha256}, at=datetime.now(UTC))
    shown = mia.http.get("/console/queue?account=row").text
    assert "label in doubt" in shown
    with store.reading() as reader:
        (review,) = (one.id for one in reader.queue(100) if one.work == "heron")
    place = f"/console/cases/{review}"
    assert "Is the label wrong?" in mia.send(place, f"{place}/claim").text
    without = mia.send(place, f"{place}/answer", confirmed="true", reason="The hands.")
    assert "say how the image was made" in without.text
    said = {"confirmed": "true", "reason": "The hands.", "label": "ai", "certainty": "0.95"}
    mia.send(place, f"{place}/answer", **said)
    later(client)
    assert state(client, review) == ("mia", True, ())
    with store.reading() as reader:
        *_, label = reader.labels()
    assert (label.work, label.label, label.by, label.certainty) == ("heron", "ai", "mia", 0.95)
