"""Asks a service, and asks again where it was not heard."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar
from urllib.parse import quote
from uuid import uuid4

import httpx2
from pydantic import TypeAdapter, ValidationError

from client.answers import Answer, Appeal, Creator, NewWork, NewWorks, Problem, Scan, Score, Work
from client.errors import NotReached, Refused, StillUndecided

Answered = TypeVar("Answered", bound=Answer)

AGAIN = frozenset({"overloaded", "too_fast", "in_work", "records_busy", "index_busy"})
"""Codes that say: ask again. Any 503 does, too."""

_WORKS = TypeAdapter(list[Work])
_SCANS = TypeAdapter(list[Scan])


class Client:
    """A client of one service. Threads may share it; a context manager, which closes it.

    Whatever changes something is sent under one `Idempotency-Key` however often it is tried, so
    that nothing is done twice; give a `key` of your own where it must hold beyond this process.
    Every method raises `Refused` where the service says what is wrong, and `NotReached` where it
    says nothing.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        seconds: float = 60.0,
        tries: int = 4,
        pause: Callable[[float], None] = time.sleep,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        """Prepare; nothing is asked yet.

        Args:
            url: Of the service, as `http://127.0.0.1:8000`.
            key: Made by `rakkan keys create`.
            seconds: That an answer may take.
            tries: How often something is asked for, at most.
            pause: Waits for some seconds.
            transport: What carries requests; None for the network.
        """
        self._http = httpx2.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {key}"},
            timeout=seconds,
            transport=transport,
        )
        self._tries = tries
        self._pause = pause

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def score(
        self,
        image: bytes,
        *,
        service: str | None = None,
        account_id: str | None = None,
        work_id: str | None = None,
        declared_ai: bool | None = None,
        kind: str | None = None,
        key: str | None = None,
        wait: float = 0.0,
    ) -> Score:
        """Score an upload.

        Args:
            image: The whole file.
            service: Whose policy decides.
            account_id: Whose upload it is.
            work_id: Of which work.
            declared_ai: What the uploader declares; None for nothing.
            kind: What it is, as policies say.
            key: Under which the same upload is decided about once.
            wait: Seconds to ask on for the decision where the service answers that there is none
                yet; with 0, that is the answer.

        Raises:
            StillUndecided: There is none after this time.
        """
        declared = None if declared_ai is None else str(declared_ai).lower()
        fields = {
            "service": service,
            "account_id": account_id,
            "work_id": work_id,
            "declared_ai": declared,
            "kind": kind,
        }
        found = self._send(Score, "/v1/scores", key, file=("image", image), fields=fields)
        until = time.monotonic() + wait
        while wait and found.status == "undecided":
            if time.monotonic() > until:
                raise StillUndecided(
                    f"upload {found.id} is not decided about after {wait:g} seconds", found.id
                )
            self._pause(0.5)
            found = self.decision(found.id)
        return found

    def decision(self, decision: str) -> Score:
        """What was decided under an id, or that it is not decided yet."""
        return self._get(Score, f"/v1/decisions/{_part(decision)}")

    def appeal(
        self,
        decision: str,
        account_id: str,
        text: str,
        *,
        evidence: Sequence[str] = (),
        key: str | None = None,
    ) -> Appeal:
        """Object to a decision for its uploader.

        Args:
            decision: Its id.
            account_id: Whose upload it was.
            text: Why, in the uploader's words.
            evidence: SHA-256 of files that show how it was made.
            key: Under which it is opened once.
        """
        said = {"decision": decision, "account_id": account_id, "text": text}
        return self._send(Appeal, "/v1/appeals", key, json={**said, "evidence": list(evidence)})

    def enrol(self, creator: str, **said: Any) -> Creator:
        """Enrol a creator, or add to what is known; what may be said stands at `/openapi.json`."""
        return self._send(Creator, _creator(creator), None, json=said)

    def enrol_work(self, creator: str, work_id: str, image: bytes, **fields: str) -> NewWork:
        """Enrol one work of a creator."""
        return self._send(
            NewWork,
            f"{_creator(creator)}/works",
            None,
            file=("image", image),
            fields={"work_id": work_id, **fields},
        )

    def enrol_works(self, creator: str, archive: bytes, **fields: str) -> NewWorks:
        """Enrol all images of a zip or tar."""
        path = f"{_creator(creator)}/works/archive"
        return self._send(NewWorks, path, None, file=("archive", archive), fields=fields)

    def creator(self, creator: str) -> Creator:
        """What is kept of a creator."""
        return self._get(Creator, _creator(creator))

    def works(self, creator: str) -> list[Work]:
        """All works of a creator, in the order of their enrolment."""
        answer = self._asked("GET", f"{_creator(creator)}/works")
        return _WORKS.validate_python(answer.json()["works"])

    def withdraw(self, creator: str) -> None:
        """Take a creator out of the index, with all works."""
        self._asked("DELETE", _creator(creator))

    def begin_scan(
        self,
        archive: str,
        *,
        service: str | None = None,
        account_id: str | None = None,
        search: bool = True,
        key: str | None = None,
    ) -> Scan:
        """Have an archive on the server's disk scanned.

        Args:
            archive: Its path from the operator's folder of archives.
            service: Whose policy decides; None for no decisions.
            account_id: Whose uploads all of them are.
            search: Whether enrolled works are searched.
            key: Under which it is scanned once.
        """
        said = {"archive": archive, "service": service, "account_id": account_id, "search": search}
        return self._send(Scan, "/v1/scans", key, json=said)

    def scan(self, scan: str) -> Scan:
        """How far a scan has come."""
        return self._get(Scan, f"/v1/scans/{_part(scan)}")

    def scans(self) -> list[Scan]:
        """All scans, in the order in which they were asked for."""
        return _SCANS.validate_python(self._asked("GET", "/v1/scans").json()["scans"])

    def fetch_table(self, scan: str, place: Path) -> None:
        """Write the table of a scan (Parquet) into a file."""
        with place.open("wb") as file:
            file.write(self._asked("GET", f"/v1/scans/{_part(scan)}/results.parquet").content)

    def remove_scan(self, scan: str) -> None:
        """Stop a scan, and remove all that it has left."""
        self._asked("DELETE", f"/v1/scans/{_part(scan)}")

    def _get(self, kind: type[Answered], path: str) -> Answered:
        return _read(kind, self._asked("GET", path))

    def _send(
        self,
        kind: type[Answered],
        path: str,
        key: str | None,
        *,
        json: Mapping[str, Any] | None = None,
        file: tuple[str, bytes] | None = None,
        fields: Mapping[str, str | None] | None = None,
    ) -> Answered:
        sent: dict[str, Any] = {"headers": {"Idempotency-Key": key or str(uuid4())}}
        if file is not None:
            sent["files"] = {file[0]: (file[0], file[1])}
            sent["data"] = {name: text for name, text in (fields or {}).items() if text is not None}
        else:
            sent["json"] = json
        return _read(kind, self._asked("POST", path, **sent))

    def _asked(self, method: str, path: str, **sent: Any) -> httpx2.Response:
        """The answer to a request, which is sent again where it is worth it."""
        for left in reversed(range(self._tries)):
            wait = 2.0 ** (self._tries - left - 2)
            try:
                answer = self._http.request(method, path, **sent)
            except httpx2.TransportError as error:
                if not left:
                    raise NotReached(f"the service cannot be reached: {error}") from error
                self._pause(wait)
                continue
            if answer.is_success:
                return answer
            problem = _problem(answer)
            if not left or not (answer.status_code == 503 or problem.code in AGAIN):
                raise Refused(problem)
            self._pause(_told(answer, wait))
        raise NotReached("a request is to be tried once at least")


def _told(answer: httpx2.Response, otherwise: float) -> float:
    said = answer.headers.get("Retry-After", "")
    return float(said) if said.isdecimal() else otherwise


def _problem(answer: httpx2.Response) -> Problem:
    try:
        return Problem.model_validate_json(answer.content)
    except ValidationError:
        # Not from the service itself, but from a proxy before it, say.
        text = f"{answer.url} answers {answer.status_code}, and does not say why"
        raise NotReached(text) from None


def _read(kind: type[Answered], answer: httpx2.Response) -> Answered:
    try:
        return kind.model_validate_json(answer.content)
    except ValidationError as error:
        raise NotReached(f"{answer.url} answers something else than a service does") from error


def _creator(name: str) -> str:
    return f"/v1/creators/{_part(name)}"


def _part(name: str) -> str:
    return quote(name, safe="")
