"""A whole story in a browser: an upload, its label, an objection, its answer, a label to learn."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from moderation import staff
from moderation.links import Links
from moderation.webhooks.courier import Courier
from moderation.webhooks.webhook import Webhook
from storage.people import StaffRole
from tests.api.conftest import Client, serving
from tests.api.console.conftest import PASSWORD
from tests.api.console.making import drawing
from tests.browser import DESK, PHONE, browser, problems, too_wide, visiting
from tests.moderation.webhooks.receiving import SECRET, Receiver, receiving

__all__ = ["browser"]

# What a test waits for takes as long as the machine is busy.
expect.set_options(timeout=60_000)

HOST = "https://art.example"
LINKS = Links(HOST, "s" * 32)
POLICY = """
schema: 1
name: comics
title: {en: Comics, ja: 漫画}
mode: live
labels: {ai: {en: Made by an AI, ja: AI生成}}
appeals: {words: {en: Write to us within 180 days., ja: 180日以内にご連絡ください。}}
rows:
  - id: declared
    since: 2020-01-01
    rule: {en: What is declared is labelled., ja: 申告された作品に表示を付けます。}
    when: [{declared: [ai]}]
    label: ai
    actions: [label]
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder: Path = tmp_path_factory.mktemp("story")
    (folder / "policies").mkdir()
    (folder / "policies" / "comics.yaml").write_text(POLICY)
    address = f"sqlite:///{folder / 'records.sqlite3'}"
    with serving(address, links=LINKS, policies=folder / "policies", preview_days=9) as found:
        store = found.service.store
        staff.add(store, "sol", StaffRole.SENIOR, PASSWORD, at=datetime.now(UTC))
        yield found


def page_of_notice(client: Client, receiver: Receiver) -> str:
    """The address that the platform got with the notice, on this server."""

    def sent() -> None:
        Courier(client.service.store, Webhook(receiver.url, [SECRET], links=LINKS)).all_due()

    # In a thread of its own: the browser's driver has the loop of this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(sent).result()
    bodies = [one.verified() for one in receiver.taken]
    (notice,) = (one for one in bodies if one["type"] == "notice.labelled")
    return client.url + str(notice["data"]["page"]).removeprefix(HOST)


def signed_in(page: Page, client: Client) -> Page:
    page.goto(f"{client.url}/console/appeals")
    page.get_by_label("Name").fill("sol")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/appeals")
    return page


def test_from_an_upload_to_a_training_label(browser: Browser, client: Client) -> None:
    scored = client.score(
        drawing(3), service="comics", account_id="ann", work_id="hill", declared_ai="true"
    )
    assert scored.json()["decision"]["actions"] == ["label"]
    with receiving() as receiver:
        place = page_of_notice(client, receiver)
    with visiting(browser, client.url, viewport=PHONE, locale="ja") as context:
        page = context.new_page()
        page.goto(place)
        assert (problems(page), too_wide(page)) == ([], 0)
        expect(page.locator("h1")).to_have_text("あなたの作品についての決定")
        page.get_by_role("link", name="English").click()
        page.get_by_label("In your own words").fill("I declared it by mistake. <b>Look</b>.")
        page.get_by_label("Evidence").set_input_files(
            {"name": "sketch.jpg", "mimeType": "image/jpeg", "buffer": drawing(4)}
        )
        page.get_by_role("button", name="Object").click()
        expect(page.get_by_role("status")).to_contain_text("You have objected")
    with visiting(browser, client.url) as context:
        page = signed_in(context.new_page(), client)
        page.get_by_role("link", name="hill").click()
        page.get_by_role("button", name="Take this appeal").click()
        expect(page.locator("blockquote").first).to_have_text(
            "I declared it by mistake. <b>Look</b>."
        )
        page.wait_for_function("() => document.querySelector('.shown img').naturalWidth > 0")
        shown = page.get_by_alt_text("Preview of sketch.jpg")
        shown.scroll_into_view_if_needed()
        page.wait_for_function("() => document.querySelector('.files img').naturalWidth > 0")
        assert problems(page) == []
        page.get_by_label("Yes: take back").check()
        page.get_by_label("By a human").check()
        page.get_by_label("Reason").fill("The sketch shows it.")
        page.get_by_role("button", name="Answer").click()
        expect(page.get_by_role("status")).to_contain_text("Granted")
    with visiting(browser, client.url) as context:
        page = context.new_page()
        page.goto(place)
        expect(page.get_by_text("you were right")).to_be_visible()
        expect(page.get_by_text("The sketch shows it.")).to_be_visible()
    with client.service.store.reading() as reader:
        (learnt,) = (one for one in reader.labels() if one.source == "appeal")
        assert (learnt.work, learnt.label, learnt.by) == ("hill", "human", "sol")
        assert reader.decision(scored.json()["id"]).reversed_at is not None
    assert client.service.store.verify().whole


WAYS = {
    "desk": {"viewport": DESK},
    "dark, Japanese": {"viewport": DESK, "color_scheme": "dark", "locale": "ja"},
    "phone": {"viewport": PHONE},
}


@pytest.mark.parametrize("way", WAYS)
def test_pages_are_for_everybody(browser: Browser, client: Client, way: str) -> None:
    client.score(drawing(5), service="comics", account_id="ann", declared_ai="true")
    places = ("appeals", "account?name=ann", "statistics", "audit", "scans", "policies")
    with visiting(browser, client.url, **WAYS[way]) as context:
        page = context.new_page()
        page.goto(f"{client.url}/console/sign-in")
        page.locator("[name=name]").fill("sol")
        page.locator("[name=password]").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/console/queue")
        for place in (*places, "policies/comics/replay?against=comics"):
            page.goto(f"{client.url}/console/{place}")
            assert (problems(page), too_wide(page)) == ([], 0), place
