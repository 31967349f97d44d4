from pathlib import Path

import pytest
from playwright.sync_api import Browser

from evidence import SimilarityEvidence
from tests.browser import DESK, PHONE, browser, problems, too_wide, visiting
from tests.pages.similar.test_page import EVIDENCE, NONE, page

__all__ = ["browser"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_it_everywhere(browser: Browser, tmp_path: Path, scheme: str) -> None:
    nobody = SimilarityEvidence((), (NONE,), "index-1")
    for name, evidence in (("found", EVIDENCE), ("nobody", nobody)):
        _, text = page(evidence)
        (tmp_path / f"{name}.html").write_text(text, "utf-8")
        for viewport in (DESK, PHONE):
            with visiting(
                browser, tmp_path.as_uri(), viewport=viewport, color_scheme=scheme
            ) as one:
                shown = one.new_page()
                shown.goto(f"{tmp_path.as_uri()}/{name}.html")
                assert too_wide(shown) == 0
                assert problems(shown) == []
                # Its own style is allowed by the page's policy, and taken.
                assert (
                    shown.locator("main").evaluate("e => getComputedStyle(e).maxWidth") == "1152px"
                )
                folded = shown.locator("details article").first
                assert not folded.is_visible()
                shown.click("summary")
                assert folded.is_visible()
                assert too_wide(shown) == 0
