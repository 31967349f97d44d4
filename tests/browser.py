"""A real browser for tests of pages: Chromium, driven by Playwright."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

NO_CHROMIUM = "Chromium is not installed"

NAMES = ("chromium", "chromium-browser", "google-chrome")

FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)

PATIENCE = 60_000
"""Milliseconds: what a test waits for takes as long as the machine is busy."""

expect.set_options(timeout=PATIENCE)

SERIOUS = ("serious", "critical")

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


def chromium() -> str:
    """The browser's program; the test says that it did not run where there is none."""
    found = os.environ.get("RAKKAN_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(NO_CHROMIUM)
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser, with an empty profile, for the tests of a module."""
    program = chromium()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=program, args=list(FLAGS), chromium_sandbox=False
        )
        yield started
        started.close()


@contextmanager
def visiting(browser: Browser, home: str, **options: Any) -> Iterator[BrowserContext]:
    """A fresh visitor, who finds out if a page breaks a promise.

    Afterwards it fails if a page threw an error, broke its own Content-Security-Policy, or asked
    for anything that does not lie under `home`.

    Args:
        browser: The fixture.
        home: What addresses of requests begin with: of the server, or `file://` and a folder.
        options: Of the context: `viewport`, `color_scheme` ("dark"), `locale` ("ja").
    """
    wrong: list[str] = []
    options.setdefault("viewport", DESK)
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE)

    def asked(address: str) -> None:
        if not address.startswith((home, "data:", "blob:", "about:")):
            wrong.append(f"asked for {address}")

    context.on("request", lambda request: asked(request.url))
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    context.on(
        "console",
        lambda said: (
            wrong.append(said.text)
            if said.type == "error" and "Content Security Policy" in said.text
            else None
        ),
    )
    try:
        yield context
    finally:
        context.close()
    if wrong:
        pytest.fail("; ".join(wrong))


def problems(page: Page, ignored: Sequence[str] = ()) -> list[str]:
    """What axe holds against a page that is serious or critical: rule, and where.

    Args:
        page: As it is shown.
        ignored: Rules that are left out; say why where it is called.
    """
    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {node['target']}"
        for rule in found
        if rule["impact"] in SERIOUS and rule["id"] not in ignored
        for node in rule["nodes"]
    ]


def too_wide(page: Page) -> int:
    """By how many CSS pixels the page must be scrolled sideways; 0 for not at all."""
    width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return max(0, int(width))
