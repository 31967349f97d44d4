"""Who gets in, and who does not."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.console.signing_in import inside
from moderation import staff
from storage.people import StaffRole
from tests.api.conftest import Client
from tests.api.console.conftest import PASSWORD, Forms

NOW = datetime.now(UTC)


@contextmanager
def other(client: Client) -> Iterator[Forms]:
    found = Forms(client.url)
    with found.http:
        yield found


def signed(client: Client) -> list[str]:
    with client.service.store.reading() as reader:
        return [one.type for one in reader.events() if one.type.startswith("signed")]


def test_one_signs_in_and_out_again(client: Client, forms: Forms) -> None:
    first = forms.http.get("/console/queue")
    assert first.url.path == "/console/sign-in"
    assert first.url.params["next"] == "/console/queue"
    assert forms.sign_in("mia").url.path == "/console/queue"
    assert "mia" in forms.http.get("/console/queue").text
    kept = forms.http.cookies["rakkan"]
    out = forms.send("/console/queue", "/console/sign-out")
    assert out.url.path == "/console/sign-in"
    with other(client) as thief:
        thief.http.cookies.set("rakkan", kept)
        assert thief.http.get("/console/queue").url.path == "/console/sign-in"
    assert signed(client)[-2:] == ["signed_in", "signed_out"]
    assert client.service.store.verify().whole


def test_a_session_is_another_than_that_of_the_form(forms: Forms) -> None:
    forms.http.get("/console/sign-in")
    before = forms.http.cookies["rakkan"]
    forms.sign_in("mia")
    assert forms.http.cookies["rakkan"] != before


def test_every_answer_lets_nothing_in_from_elsewhere(forms: Forms) -> None:
    for place in ("sign-in", "queue", "style.css", "console.js", "nowhere"):
        answer = forms.http.get(f"/console/{place}")
        said = answer.headers["Content-Security-Policy"]
        assert said.startswith("default-src 'none'")
        assert "unsafe" not in said
        assert "frame-ancestors 'none'" in said
    made = forms.http.get("/console/sign-in", follow_redirects=False)
    assert "no-store" in made.headers["Cache-Control"]


def test_a_cookie_is_for_this_host_alone_where_it_is_https(client: Client) -> None:
    with other(client) as found:
        answer = found.http.get("/console/sign-in", headers={"X-Forwarded-Proto": "https"})
        cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-rakkan=")
    for part in ("Secure", "HttpOnly", "SameSite=lax", "Path=/"):
        assert part in cookie


def test_names_cannot_be_found_out_and_a_password_not_guessed(client: Client) -> None:
    staff.add(client.service.store, "ina", StaffRole.MODERATOR, PASSWORD, at=NOW)
    answers = {}
    for name in ("ina", "nobody"):
        with other(client) as found:
            wrong = [found.sign_in(name, "wrong password") for _ in range(staff.TRIES)]
            right = found.sign_in(name, PASSWORD)
            answers[name] = [(one.status_code, one.text.count("note")) for one in (*wrong, right)]
    assert answers["ina"] == answers["nobody"]
    assert {status for status, _ in answers["ina"]} == {403}
    with client.service.store.reading() as reader:
        assert reader.people.signed_in("", NOW) is None


def test_who_is_disabled_is_out_at_once(client: Client, forms: Forms) -> None:
    staff.add(client.service.store, "uno", StaffRole.MODERATOR, PASSWORD, at=NOW)
    forms.sign_in("uno")
    staff.disable(client.service.store, "uno", at=NOW)
    assert forms.http.get("/console/queue").url.path == "/console/sign-in"
    assert forms.sign_in("uno").status_code == 403


def test_a_form_of_another_site_changes_nothing(forms: Forms) -> None:
    forms.sign_in("mia")
    for shown in ({}, {"form_token": "x"}, {"form_token": "é"}):
        said = {"pictures": "grey", **shown}
        answer = forms.http.post("/console/settings", data=said)
        assert answer.status_code == 403
    with_grey = 'value="grey" checked'
    assert with_grey not in forms.http.get("/console/settings").text
    forms.send("/console/settings", "/console/settings", pictures="grey", language="ja")
    shown = forms.http.get("/console/settings").text
    assert with_grey in shown
    assert "個人設定" in shown
    forms.send("/console/settings", "/console/settings", pictures="shown", language="")


@given(st.text() | st.from_regex(r"/console[/\\\w:@.?#%&-]*"))
def test_whatever_is_asked_for_one_stays_inside(place: str) -> None:
    led = urlsplit(urljoin("https://rakkan.example/console/sign-in", inside(place)))
    assert (led.scheme, led.netloc) == ("https", "rakkan.example")
    assert led.path.startswith("/console/")


def test_requests_are_counted_by_their_routes(client: Client, forms: Forms) -> None:
    forms.sign_in("mia")
    forms.http.get("/console/cases/none")
    counted = client.http.get("/metrics").text
    for route in ("/console/queue", "/console/cases/{review}", "/v1/scores"):
        assert (f'route="{route}"' in counted) is route.startswith("/console")


@pytest.mark.parametrize(
    "place", ["https://evil.example/", "//evil.example", "/v1/x", "/console//e", "/console/../v1"]
)
def test_nobody_is_led_elsewhere(forms: Forms, place: str) -> None:
    answer = forms.http.get("/console/sign-in", params={"next": place})
    assert 'name="next" value="/console/queue"' in answer.text
