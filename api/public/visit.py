"""A request by a signed link: what it leads to, and the page that answers it."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, TypeVar

from fastapi import Query, Request
from fastapi.responses import HTMLResponse

from api.console.files import VERSION
from api.console.visit import language_of
from api.errors import TooFast
from api.service import Service
from evidence.wording.catalogue import languages
from moderation.errors import LinkInvalid
from moderation.links import Links
from pages import environment

About = TypeVar("About")

Asked = Annotated[str, Query(alias="language", max_length=10)]
"""The language that a visitor asks for; empty for that of their browser."""


def reached(service: Service, read: Callable[[Links], About]) -> About:
    """What a link leads to, counted.

    Args:
        service: With what reads links.
        read: Reads it.

    Raises:
        LinkInvalid: It leads nowhere.
        TooFast: It is asked for too often.
    """
    if service.links is None:
        raise LinkInvalid("This service has no public pages.")
    about = read(service.links)
    wait = service.visitors.wait(str(about))
    if wait is not None:
        raise TooFast("this page is asked for too often: wait", retry_after=wait)
    return about


def read_in(request: Request, asked: str) -> str:
    """The language of a page: what the visitor asks for, or else their browser."""
    return asked if asked in languages() else language_of(request)


def shown(
    template: str, language: str, status: int = HTTPStatus.OK, **values: object
) -> HTMLResponse:
    """A public page.

    Args:
        template: Its path below `pages/public`, without its ending.
        language: In which it speaks.
        status: Of the answer.
        values: What it shows.
    """
    made = environment(language).get_template(f"public/{template}.html.j2")
    page = made.render(version=VERSION, **values)
    # The address is the key to the page: it goes to no other host, and into no index.
    headers = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
    return HTMLResponse(page, status, headers)
