"""Signing in and out, and a person's own settings."""

import re
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

import anyio
from fastapi import APIRouter, Form, HTTPException, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from api.console.visit import Anybody, SignedIn, new_token, remember
from api.service import now
from evidence.wording.catalogue import languages
from moderation import staff
from moderation.errors import SignInRefused
from storage.people import Pictures

if TYPE_CHECKING:
    from api.console.openid import Provider

router = APIRouter()

FIRST = "/console/queue"
"""Where one begins."""

_INSIDE = re.compile(r"/console/[\w./?=&%~+-]*", re.ASCII)
_BACK = "/console/sign-in/back"
_NEXT = "rakkan-next"
"""A cookie: where one goes on to."""

_AT_ONCE = anyio.CapacityLimiter(2)
"""Passwords that are looked at together: each takes 64 MB of memory."""

Words = Annotated[str, Form(max_length=500)]


def inside(place: str) -> str:
    """A place of the console to go to; the first one where it lies elsewhere."""
    sound = _INSIDE.fullmatch(place) and "//" not in place and ".." not in place
    return place if sound else FIRST


def sign_in_first(place: str) -> str:
    """The address of the sign-in, after which one goes on to a place."""
    return f"/console/sign-in?{urlencode({'next': inside(place)})}"


@router.get("/sign-in")
async def ask(visit: Anybody, next: str = FIRST) -> Response:  # noqa: A002 - as it stands in addresses
    """Who is it?"""
    if visit.person is not None:
        return RedirectResponse(inside(next), 303)
    return _asked(visit, next)


@router.post("/sign-in")
async def sign_in(
    visit: Anybody,
    name: Words,
    password: Annotated[str, Form(max_length=1000)],
    next: Words = FIRST,  # noqa: A002
) -> Response:
    """Begin a session."""
    store = visit.service.store
    try:
        token = await anyio.to_thread.run_sync(
            lambda: staff.sign_in(store, name, password, at=now()), limiter=_AT_ONCE
        )
    except SignInRefused as error:
        return _asked(visit, next, 403, name=name, wrong=error)
    response = RedirectResponse(inside(next), 303)
    remember(visit.request, response, token)
    return response


@router.get("/sign-in/elsewhere")
async def go_elsewhere(visit: Anybody, next: str = FIRST) -> Response:  # noqa: A002
    """Have another service say who it is."""
    provider = _provider(visit)
    token = new_token()
    response = RedirectResponse(await provider.begin(token, _back(visit)), 303)
    remember(visit.request, response, token)
    response.set_cookie(_NEXT, inside(next), path=_BACK, httponly=True, samesite="lax", max_age=600)
    return response


@router.get("/sign-in/back")
async def come_back(visit: Anybody) -> Response:
    """Begin the session of whom it vouches for."""
    provider = _provider(visit)
    claims = await provider.finish(visit.token, _back(visit), visit.request.query_params)
    name, role = provider.person(claims)
    token = await run_in_threadpool(staff.enter, visit.service.store, name, role, at=now())
    response = RedirectResponse(inside(visit.request.cookies.get(_NEXT, FIRST)), 303)
    remember(visit.request, response, token)
    response.delete_cookie(_NEXT, path=_BACK)
    return response


def _provider(visit: Anybody) -> "Provider":
    if visit.service.openid is None:
        raise HTTPException(404)
    return visit.service.openid


def _back(visit: Anybody) -> str:
    """The address to which one comes back, as the provider knows it."""
    return f"{visit.request.url.scheme}://{visit.request.url.netloc}{_BACK}"


@router.post("/sign-out")
async def sign_out(visit: SignedIn) -> Response:
    """End the session."""
    await run_in_threadpool(staff.sign_out, visit.service.store, visit.token, at=now())
    response = RedirectResponse("/console/sign-in", 303)
    remember(visit.request, response, new_token())
    return response


@router.get("/settings")
async def settings(visit: SignedIn) -> Response:
    """What a person sets for themselves."""
    return visit.page("settings")


@router.post("/settings")
async def save(
    visit: SignedIn, pictures: Annotated[Pictures, Form()], language: Words = ""
) -> Response:
    """Keep it."""
    wanted = language if language in languages() else None

    def kept() -> None:
        with visit.service.store.transaction() as tx:
            tx.people.change(_name(visit), pictures=pictures, language=wanted)

    await run_in_threadpool(kept)
    return RedirectResponse("/console/settings", 303)


def _name(visit: SignedIn) -> str:
    return "" if visit.person is None else visit.person.name


def _asked(
    visit: Anybody,
    place: str,
    status: int = 200,
    *,
    name: str = "",
    wrong: SignInRefused | None = None,
) -> Response:
    token = visit.token or new_token()
    shown = type(visit)(visit.request, visit.service, token, None)
    response = shown.page("sign_in", status, next=inside(place), name=name, wrong=wrong)
    if not visit.token:
        remember(visit.request, response, token)
    return response
