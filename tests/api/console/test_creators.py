"""A creator's page: who has the same works, who draws alike, and what was called close to them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from labelling.policy.resolved import ResolvedPolicy
from moderation import staff
from moderation.record import record
from storage.keys import Scope
from tests.api.conftest import Client, serving
from tests.api.console.conftest import PASSWORD, PEOPLE, Forms
from tests.api.console.test_browser import WAYS, signed_in
from tests.api.test_creators import FakeCatalogue, send
from tests.browser import browser, problems, too_wide, visiting
from tests.fakes import fake_judge
from tests.moderation.telling import PROVEN, SUSPECTED, policy, upload
from tests.scan.making import picture
from tests.storage.telling import judged

__all__ = ["browser"]

HOSTILE = """"><img src=x onerror="document.title='x'">"""
PLACE = "/console/creators/one"


class Twins(FakeCatalogue):
    """Whoever is enrolled looks like everybody else."""

    def lookalikes(self, name: str) -> dict[str, float]:
        return dict.fromkeys(self.neighbours(name), 0.4)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder: Path = tmp_path_factory.mktemp("creators")
    judge = fake_judge(similarity=Twins())
    address = f"sqlite:///{folder / 'records.sqlite3'}"
    with serving(address, judge, [Scope.CREATORS]) as found:
        for name, role in PEOPLE.items():
            staff.add(found.service.store, name, role, PASSWORD, at=datetime.now(UTC))
        for name in ("Ann", HOSTILE):
            for number in range(2):
                work = folder / f"{len(name)} {number}.png"
                work.write_bytes(picture(number if name == "Ann" else number + 1))
                send(found, name, str(work), work.read_bytes())
        send(found, "Cy", "cy/1.png", picture(2, "BMP"))
        yield found


def called_close(
    client: Client, work: str, account: str, creator: str, rules: ResolvedPolicy
) -> str:
    """The decision about an upload that is near to a creator, with a copy of a work of theirs."""
    now = datetime.now(UTC)
    said = upload(work, account, at=now)
    return record(client.service.store, judged(work, creator), said, rules, at=now, key=work).id


def test_uploads_called_close_lead_to_their_cases(client: Client, forms: Forms) -> None:
    asked_about = called_close(client, "asked about", "<b>", "Ann", policy(SUSPECTED))
    called_close(client, "not asked about", "bob", "Ann", policy(PROVEN))
    called_close(client, "of another", "bob", "Cy", policy(SUSPECTED))
    forms.sign_in("odo")
    shown = forms.http.get(PLACE, params={"name": "Ann"}).text
    assert "of another" not in shown
    assert "&lt;b&gt;" in shown
    assert "one in 100 of other people's works comes as near" in shown
    with client.service.store.reading() as reader:
        (review,) = reader.reviews(decision=asked_about)
    assert f'href="/console/cases/{review.id}"><bdi class="path">asked about' in shown
    place = shown[: shown.index("not asked about")].rpartition('href="')[2].partition('"')[0]
    event = place.partition("#")[2]
    assert f'id="{event}"' in forms.http.get(place.replace("&amp;", "&")).text
    assert "comes as near" not in forms.http.get(PLACE, params={"name": "Ann", "before": 1}).text


def test_what_is_not_settled_with_others_is_told_and_more_if_asked_for(
    client: Client, forms: Forms
) -> None:
    forms.sign_in("odo")
    shown = forms.http.get(PLACE, params={"name": HOSTILE}).text
    assert shown.count("has 1 of these works, too") == 1
    assert "look as if they had made them" not in shown
    assert "compared=true" in shown
    compared = forms.http.get(PLACE, params={"name": HOSTILE, "compared": "true"}).text
    assert compared.count("of these works, too") == 2
    assert compared.count('<a href="/console/creators/one?name=Cy">') == 2, "each said in one place"
    assert compared.count("40 % of these works look as if they had made them") == 2
    assert "compared=true" not in compared


@pytest.mark.parametrize("way", WAYS)
def test_the_page_is_for_everybody(browser: Browser, client: Client, way: str) -> None:
    called_close(client, f"{HOSTILE} {way}", HOSTILE, HOSTILE, policy(SUSPECTED))
    with visiting(browser, client.url, **WAYS[way]) as context:
        page = signed_in(context.new_page(), client, "ada")
        page.goto(f"{client.url}/console/creators")
        page.get_by_role("link", name=HOSTILE).click()
        page.wait_for_url("**/creators/one?*")
        shown = page.locator(".works img")
        shown.first.wait_for()
        assert shown.count() == 2
        assert (problems(page), too_wide(page)) == ([], 0)
        page.locator("a[href*='compared=true']").click()
        page.wait_for_url("**compared=true*")
        assert (problems(page), too_wide(page)) == ([], 0)
        assert page.title() != "x"
