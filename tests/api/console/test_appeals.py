"""Appeals at the console: who sees, takes and answers them, and what comes with the files."""

import lxml.html
import pytest

from storage.attachments import NewAttachment
from tests.api.conftest import Client
from tests.api.console.cases import HOSTILE, objected
from tests.api.console.conftest import Forms

PAGE = NewAttachment(f"{HOSTILE}.html", f"<b>{HOSTILE}</b>".encode(), b"RIFF0000WEBP", 4)


@pytest.fixture(scope="module")
def appeal(client: Client) -> str:
    return objected(client.service.store, HOSTILE, f"ann {HOSTILE}", (PAGE,))


def test_what_strangers_wrote_is_text_and_their_files_are_only_saved(
    appeal: str, forms: Forms
) -> None:
    forms.sign_in("odo")
    for place in ("/console/appeals", f"/console/appeals/{appeal}"):
        shown = forms.http.get(place)
        assert shown.status_code == 200
        assert "<script>alert" not in shown.text
        assert "&lt;script&gt;alert(1)" in shown.text
    (link,) = lxml.html.fromstring(shown.text).xpath("//a[@download]/@href")
    file = forms.http.get(link)
    assert file.content == PAGE.content
    assert file.headers["Content-Type"] == "application/octet-stream"
    assert file.headers["Content-Disposition"] == "attachment"
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert forms.http.get(f"{link}/preview").headers["Content-Type"] == "image/webp"
    assert "4 layers" in shown.text


def test_a_file_belongs_to_its_appeal_and_to_who_is_signed_in(
    client: Client, appeal: str, forms: Forms
) -> None:
    other = objected(client.service.store, "other work")
    with client.service.store.reading() as reader:
        (file,) = reader.attachments.of(reader.appeal(appeal).decision)
    place = f"/console/appeals/{appeal}/files/{file.id}"
    assert forms.http.get(place).url.path == "/console/sign-in"
    forms.sign_in("odo")
    assert forms.http.get(place).status_code == 200
    assert forms.http.get(f"/console/appeals/{other}/files/{file.id}").status_code == 404


def test_only_a_senior_moderator_takes_and_answers_it(client: Client, forms: Forms) -> None:
    appeal = objected(client.service.store, "a cat")
    place = f"/console/appeals/{appeal}"
    forms.sign_in("mia")
    assert f"{place}/claim" not in forms.http.get(place).text
    token = lxml.html.fromstring(forms.http.get(place).text).xpath(
        "//input[@name='form_token']/@value"
    )[0]
    refused = forms.http.post(f"{place}/claim", data={"form_token": token})
    assert refused.status_code == 403
    forms.send("/console/queue", "/console/sign-out")
    forms.sign_in("sol")
    forms.send(place, f"{place}/claim")
    empty = forms.send(place, f"{place}/answer", granted="true", reason=" ")
    assert empty.status_code == 422
    answered = forms.send(
        place, f"{place}/answer", granted="true", reason="She is right.", made_by="human"
    )
    assert "Granted" in answered.text
    with client.service.store.reading() as reader:
        found = reader.appeal(appeal)
        assert (found.granted, found.resolved_by) == (True, "sol")
        assert [one.label for one in reader.labels() if one.source == "appeal"] == ["human"]


def test_a_form_that_is_sent_twice_answers_once(client: Client, forms: Forms) -> None:
    appeal = objected(client.service.store, "twice")
    place = f"/console/appeals/{appeal}"
    forms.sign_in("sol")
    forms.send(place, f"{place}/claim")
    shown = lxml.html.fromstring(forms.http.get(place).text)
    (form,) = (one for one in shown.forms if one.action == f"{place}/answer")
    said = {one.name: one.value for one in form.inputs if one.get("type") == "hidden"}
    said |= {"granted": "false", "reason": "No."}
    first, again = (forms.http.post(f"{place}/answer", data=said) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    with client.service.store.reading() as reader:
        answers = [
            one
            for one in reader.events()
            if one.type == "appeal_resolved" and one.data["appeal"] == appeal
        ]
    assert len(answers) == 1
