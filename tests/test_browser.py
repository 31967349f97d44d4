"""The browser of the tests works, and sees what it must see."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from pages import render
from tests.browser import PHONE, browser, problems, too_wide, visiting

__all__ = ["browser"]


def test_the_base_of_all_pages_is_readable_everywhere(tmp_path: Path, browser: Browser) -> None:
    (tmp_path / "page.html").write_text(render("base.html.j2"), encoding="utf-8")
    home = tmp_path.as_uri()
    for scheme in ("light", "dark"):
        with visiting(browser, home, viewport=PHONE, color_scheme=scheme) as visitor:
            page = visitor.new_page()
            page.goto(f"{home}/page.html")
            assert too_wide(page) == 0
            # The base has no title of its own.
            assert problems(page) == []


def test_a_page_that_is_hard_to_read_is_found(tmp_path: Path, browser: Browser) -> None:
    (tmp_path / "page.html").write_text(
        "<title>a</title><html lang=en><p style='color:#eee;background:#fff;width:900px'>grey"
    )
    with visiting(browser, tmp_path.as_uri(), viewport=PHONE) as visitor:
        page = visitor.new_page()
        page.goto((tmp_path / "page.html").as_uri())
        assert too_wide(page) > 0
        assert any("color-contrast" in one for one in problems(page))


POLICY = "<meta http-equiv=Content-Security-Policy content=\"script-src 'none'\">"


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ("<img src='http://127.0.0.1:9/a.png'>", "asked for http://127.0.0.1:9/a.png"),
        ("<script>throw new Error('broken')</script>", "broken"),
        (f"{POLICY}<script>1</script>", "Content Security Policy"),
    ],
)
def test_a_broken_promise_is_found(page: str, told: str, tmp_path: Path, browser: Browser) -> None:
    (tmp_path / "page.html").write_text(page)
    with (
        pytest.raises(pytest.fail.Exception, match=told),
        visiting(browser, tmp_path.as_uri()) as visitor,
    ):
        visitor.new_page().goto((tmp_path / "page.html").as_uri())
