"""A scan that was asked for, as it lies in its folder.

FOLDER/request.json    what was asked for: what has none is no scan any more
state.json      how far it has come, and how it ended
log.txt         what its worker said that nobody expected
...             journal, table and report, as any scan leaves them
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from core.errors import RakkanError
from core.files import write_whole
from scan.errors import DamagedScanError
from scan.summary import Counts

REQUEST = "request.json"
STATE = "state.json"
LOG = "log.txt"

Record = TypeVar("Record")


class JobStatus(StrEnum):
    """How far a scan has come."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class JobRequest:
    """What was asked for.

    Attributes:
        archive: Path of what is scanned, below the folder of archives.
        service: Whose policy decides about every image; None for no decisions.
        account: Whose uploads they all are; None where that is not known.
        search: Whether enrolled works are searched.
        asked: When; the first is done first.
    """

    archive: str
    service: str | None
    account: str | None
    search: bool
    asked: datetime


@dataclass(frozen=True)
class JobState:
    """What a worker has done so far.

    Attributes:
        done: Files and members looked at.
        total: How many there are; None while unknown.
        counts: How many rows there are of each kind.
        actions: How many rows the policy asks each action for, once it has decided.
        ended: Whether nothing more will be done.
        code: Stable name of why it failed; None where it did not.
        detail: That in one plain line.
    """

    done: int = 0
    total: int | None = None
    counts: Counts | None = None
    actions: tuple[tuple[str, int], ...] = ()
    ended: bool = False
    code: str | None = None
    detail: str | None = None

    def failed(self, error: RakkanError) -> "JobState":
        """The same, ended by an error."""
        return replace(self, ended=True, code=error.code, detail=str(error))


@dataclass(frozen=True)
class Job:
    """A scan that was asked for.

    Attributes:
        id: Its name, and that of its folder.
        request: What was asked for.
        state: What was done.
        status: How far it has come.
    """

    id: str
    request: JobRequest
    state: JobState
    status: JobStatus


_REQUEST = TypeAdapter(JobRequest)
_STATE = TypeAdapter(JobState)


def write_request(folder: Path, request: JobRequest) -> None:
    """Write down what is asked for."""
    write_whole(folder / REQUEST, _REQUEST.dump_json(request))


def read_request(folder: Path) -> JobRequest | None:
    """What was asked for; None where the scan is gone.

    Raises:
        DamagedScanError: It cannot be read.
    """
    return _read(folder / REQUEST, _REQUEST)


def write_state(folder: Path, state: JobState) -> None:
    """Write down what was done."""
    write_whole(folder / STATE, _STATE.dump_json(state))


def read_state(folder: Path) -> JobState:
    """What was done so far.

    Raises:
        DamagedScanError: It cannot be read.
    """
    return _read(folder / STATE, _STATE) or JobState()


def _read(path: Path, kind: TypeAdapter[Record]) -> Record | None:
    try:
        return kind.validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        raise DamagedScanError(f"{path} cannot be read: remove its folder") from error
