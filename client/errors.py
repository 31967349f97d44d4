"""The tree of what a client is told, each with a stable code."""

from client.answers import Problem
from core.errors import RakkanError


class ClientError(RakkanError):
    """A service did not do what was asked for."""

    code = "client"


class Refused(ClientError):
    """The service says what is wrong.

    Attributes:
        problem: That, with its code.
    """

    code = "refused"

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.detail} ({problem.code})")
        self.problem = problem


class NotReached(ClientError):
    """The service cannot be reached, or answers nothing that can be read."""

    code = "not_reached"


class StillUndecided(ClientError):
    """An upload is not decided about within the time that a client waits.

    Attributes:
        decision: Id under which the decision will stand.
    """

    code = "still_undecided"

    def __init__(self, message: str, decision: str) -> None:
        super().__init__(message)
        self.decision = decision
