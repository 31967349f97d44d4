"""The console in a real browser: by keyboard, in both languages, both themes, and on a phone."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.api.conftest import Client
from tests.api.console.conftest import PASSWORD
from tests.api.console.making import asked
from tests.browser import DESK, PHONE, browser, problems, too_wide, visiting

__all__ = ["browser"]

CASES = 20
WAYS = {
    "desk": {"viewport": DESK},
    "dark, Japanese": {"viewport": DESK, "color_scheme": "dark", "locale": "ja"},
    "phone": {"viewport": PHONE},
    "twice as large": {"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2},
}


def sign_in(page: Page, name: str) -> None:
    page.locator("[name=name]:focus").wait_for()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")


def signed_in(page: Page, client: Client, name: str) -> Page:
    page.goto(f"{client.url}/console/")
    sign_in(page, name)
    page.wait_for_url("**/console/queue")
    return page


def take(page: Page) -> None:
    """Take the case that is shown; afterwards its page listens to keys."""
    page.keyboard.press("c")
    page.wait_for_selector("[data-submit]")
    page.wait_for_load_state()


@pytest.fixture
def context(browser: Browser, client: Client) -> Iterator[BrowserContext]:
    with visiting(browser, client.url) as found:
        yield found


def resolved(client: Client, reviews: list[str]) -> list[bool | None]:
    with client.service.store.reading() as reader:
        return [reader.review(one).confirmed for one in reviews]


def test_twenty_cases_are_settled_by_keyboard_alone(
    context: BrowserContext, client: Client
) -> None:
    client.service.undo = timedelta(seconds=1)
    reviews = [asked(client.service.store, f"work {n:02}", number=n) for n in range(CASES)]
    page = signed_in(context.new_page(), client, "mia")
    page.keyboard.press("Enter")  # takes the next
    for number in range(CASES):
        page.wait_for_url("**/console/cases/*")
        here = page.url
        expect(page.get_by_role("heading", level=1)).to_contain_text(f"work {number:02}")
        if number % 2:
            page.keyboard.press("n")
        else:
            page.keyboard.press("y")
            page.keyboard.press("1")
        page.keyboard.press("r")
        page.keyboard.type(f"Seen {number}.")
        page.keyboard.press("Control+Enter")
        page.wait_for_url(lambda now, here=here: now != here)
    page.wait_for_url("**/console/queue")
    while None in resolved(client, reviews):
        page.wait_for_timeout(100)
    assert resolved(client, reviews) == [number % 2 == 0 for number in range(CASES)]
    with client.service.store.reading() as reader:
        done = [one.type for one in reader.events()].count("review_resolved")
        assert done == CASES
    assert client.service.store.verify().whole


def test_what_was_typed_outlives_the_session(context: BrowserContext, client: Client) -> None:
    client.service.undo = timedelta(minutes=1)
    review = asked(client.service.store, "kept")
    page = signed_in(context.new_page(), client, "noa")
    page.goto(f"{client.url}/console/cases/{review}")
    take(page)
    page.keyboard.press("n")
    page.keyboard.press("r")
    page.keyboard.type("A long look at <b>it</b>.")
    with client.service.store.transaction() as tx:
        tx.people.end_all("noa")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/sign-in?*")
    sign_in(page, "noa")
    page.wait_for_url(f"**/cases/{review}")
    expect(page.locator("[name=reason]")).to_have_value("A long look at <b>it</b>.")
    expect(page.locator("[name=confirmed][value=false]")).to_be_checked()
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("[data-taken]")
    page.keyboard.press("u")
    page.wait_for_url(f"**/cases/{review}")
    expect(page.locator("[name=reason]")).to_have_value("A long look at <b>it</b>.")
    assert resolved(client, [review]) == [None]


def test_keys_move_through_the_queue(context: BrowserContext, client: Client) -> None:
    for number in range(3):
        asked(client.service.store, f"row {number}", account="row")
    page = signed_in(context.new_page(), client, "sol")
    page.goto(f"{client.url}/console/queue?account=row")
    for keys, work in (("j", "row 0"), ("jj", "row 2"), ("k", "row 1")):
        for key in keys:
            page.keyboard.press(key)
        expect(page.locator("a:focus")).to_have_text(work)
    page.keyboard.press("x")
    expect(page.locator("[name=review]:checked")).to_have_count(1)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("a", has_text="row 1").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/*")


def test_what_the_uploader_would_be_told_follows_the_choice(
    context: BrowserContext, client: Client
) -> None:
    review = asked(client.service.store, "told")
    page = signed_in(context.new_page(), client, "sol")
    page.goto(f"{client.url}/console/cases/{review}")
    take(page)
    page.get_by_text("What the uploader would be told").click()
    told = page.locator("[data-told]")
    page.keyboard.press("1")
    expect(told).to_contain_text("Delist")
    expect(told).not_to_contain_text("Strike")
    page.locator("[data-spoken]").select_option("ja")
    expect(told).to_contain_text("AI生成画像は禁止です。")


@pytest.mark.parametrize("way", WAYS)
def test_pages_are_for_everybody(browser: Browser, client: Client, way: str) -> None:
    client.service.undo = timedelta(minutes=1)
    hostile = '"><script>document.title="x"</script>'
    review = asked(client.service.store, hostile + way, account=hostile, number=1)
    with visiting(browser, client.url, **WAYS[way]) as context:
        page = context.new_page()
        page.goto(f"{client.url}/console/")
        assert (problems(page), too_wide(page)) == ([], 0)
        signed_in(page, client, "ada")
        for place in ("queue", f"cases/{review}", f"bulk?review={review}", "settings", "no"):
            page.goto(f"{client.url}/console/{place}")
            assert (problems(page), too_wide(page)) == ([], 0), place
            assert page.title() != "x"
        page.goto(f"{client.url}/console/cases/{review}")
        page.keyboard.press("c")
        page.wait_for_selector("[data-submit]")
        assert (problems(page), too_wide(page)) == ([], 0)
