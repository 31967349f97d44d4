"""A request of somebody at the console: who it is, what they may do, and the page they get.

What the browser shows is a random token in a cookie; each form carries a digest of it, without
which nothing is changed. Only hashes of tokens are kept (`storage.people`).
"""

import hmac
import secrets
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from functools import cached_property, partial
from hashlib import sha256
from typing import Annotated, Any, TypeVar
from uuid import uuid4

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from api.access import Serving
from api.console.files import VERSION
from api.errors import NotSignedIn, RoleMissing, WrongForm
from api.service import Service, now
from evidence.wording.catalogue import ENGLISH, languages
from moderation import staff
from pages import environment
from storage import Reader
from storage.people import Person, StaffRole
from storage.submitted import Submitted

FORM_TOKEN = "form_token"  # noqa: S105 - the name of a field
SAFE = frozenset({"GET", "HEAD"})
EVERYBODY = frozenset(StaffRole)
ADMINS = frozenset({StaffRole.ADMIN})

Found = TypeVar("Found")
Done = TypeVar("Done")


@dataclass(frozen=True)
class Visit:
    """A request to the console.

    Attributes:
        request: Itself.
        service: With the records.
        token: That the browser shows; empty for none.
        person: Who is signed in; None for nobody.
        submitted: Their answers that are to be carried out, or could not be.
    """

    request: Request
    service: Service
    token: str
    person: Person | None
    submitted: tuple[Submitted, ...] = ()

    version: str = VERSION

    @property
    def at(self) -> str:
        """Which place of the console it is about: the first part of its path."""
        return self.request.url.path.removeprefix("/console").strip("/").split("/")[0]

    def seconds_left(self, given: Submitted) -> int:
        """For how long an answer can be taken back still."""
        return 0 if given.due_at is None else max(0, round((given.due_at - now()).total_seconds()))

    @property
    def form_token(self) -> str:
        """What each form carries."""
        return hmac.digest(self.token.encode(), b"form", "sha256").hex()

    @staticmethod
    def form_key() -> str:
        """An idempotency key for a form that is shown."""
        return str(uuid4())

    @cached_property
    def language(self) -> str:
        """In which the person reads."""
        own = None if self.person is None else self.person.language
        if own in languages():
            return own
        return language_of(self.request)

    def page(self, template: str, status: int = 200, **values: object) -> HTMLResponse:
        """Make a page.

        Args:
            template: Its path below `pages/console`, without its ending.
            status: Of the answer.
            values: What it shows.
        """
        made = environment(self.language).get_template(f"console/{template}.html.j2")
        return HTMLResponse(made.render(visit=self, **values), status)

    async def read(self, question: Callable[[Reader], Found]) -> Found:
        """Ask the records, in a thread."""

        def found() -> Found:
            with self.service.store.reading() as reader:
                return question(reader)

        return await run_in_threadpool(found)

    async def act(
        self, act: Callable[..., Done], case: str, form_key: str = "", **more: Any
    ) -> Done:
        """Carry out an act of `moderation.desk` in a thread, once for each form that was shown.

        Args:
            act: From the records, the case and the moderator.
            case: Id of the review, appeal or proposal.
            form_key: That the form carried.
            more: What else the act takes.
        """
        assert self.person is not None  # noqa: S101 - for the type: see `signed_in`
        key = f"console:{self.person.name}:{act.__name__}:{case}:{form_key or uuid4()}"
        who = staff.moderator(self.person)
        done = partial(act, self.service.store, case, who, at=now(), key=key, **more)
        return await run_in_threadpool(done)

    def may(self, roles: Collection[StaffRole]) -> bool:
        """Whether the person has one of some roles."""
        return self.person is not None and self.person.role in roles

    @property
    def answers(self) -> bool:
        """Whether the person may claim and answer."""
        return self.may(staff.ANSWERING)


def language_of(request: Request) -> str:
    """The language that a browser asks for first, of those that there are."""
    asked = request.headers.get("accept-language", "")
    wanted = (one.split(";")[0].strip().lower()[:2] for one in asked.split(",")[:20])
    return next((one for one in wanted if one in languages()), ENGLISH)


def cookie(request: Request) -> str:
    """Name of the session's cookie: over https one that no other host can have set."""
    return "__Host-rakkan" if request.url.scheme == "https" else "rakkan"


def remember(request: Request, response: Response, token: str) -> None:
    """Have the browser show a token from now on, until it is closed."""
    response.set_cookie(
        cookie(request),
        token,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


async def visiting(request: Request, service: Serving) -> Visit:
    """A request of anybody, whose form, where it has one, is its own.

    Raises:
        WrongForm: A form is not of this session.
    """
    token = request.cookies.get(cookie(request), "")

    def found() -> tuple[Person | None, tuple[Submitted, ...]]:
        with service.store.reading() as reader:
            person = reader.people.signed_in(token, now())
            return person, () if person is None else reader.submitted.of(person.name)

    known = await run_in_threadpool(found) if token else (None, ())
    visit = Visit(request, service, token, *known)
    if request.method not in SAFE:
        given = (await request.form()).get(FORM_TOKEN)
        told = sha256(str(given).encode()).digest()
        if not token or not hmac.compare_digest(told, sha256(visit.form_token.encode()).digest()):
            raise WrongForm("this form is not of your session, or too old: send it again")
    return visit


def signed_in(roles: Collection[StaffRole] = EVERYBODY) -> Callable[..., Awaitable[Visit]]:
    """A dependency that lets pass who is signed in and has one of some roles.

    Args:
        roles: Which.
    """

    async def allowed(request: Request, service: Serving) -> Visit:
        try:
            visit = await visiting(request, service)
        except WrongForm:
            # A form of a session that has ended: after a new sign-in its page has a new one.
            token = request.cookies.get(cookie(request), "")
            with service.store.reading() as reader:
                if reader.people.signed_in(token, now()) is not None:
                    raise
            raise NotSignedIn("sign in") from None
        if visit.person is None:
            raise NotSignedIn("sign in")
        if visit.person.role not in roles:
            raise RoleMissing(f"this is not for the role {visit.person.role}")
        return visit

    return allowed


def new_token() -> str:
    """For a browser that shows none: of nobody's session, so that forms have one."""
    return secrets.token_urlsafe(32)


Anybody = Annotated[Visit, Depends(visiting)]
SignedIn = Annotated[Visit, Depends(signed_in())]
Answering = Annotated[Visit, Depends(signed_in(staff.ANSWERING))]
Senior = Annotated[Visit, Depends(signed_in(staff.SENIORS))]
Admin = Annotated[Visit, Depends(signed_in(ADMINS))]
