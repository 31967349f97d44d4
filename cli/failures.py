"""What went wrong, as an exit code, a line for a person, and a document for a program."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import typer

from core.errors import RakkanError

FAILED = 1
WRONG_USAGE = 2
INTERRUPTED = 130


@dataclass(frozen=True)
class Failure:
    """A command that could not do what was asked.

    Attributes:
        code: Stable name of what is wrong, for programs.
        message: One plain line for a person.
        exit_code: Of the command.
    """

    code: str
    message: str
    exit_code: int = FAILED

    def document(self) -> dict[str, dict[str, str]]:
        """For a program."""
        return {"error": {"code": self.code, "message": self.message}}


def failure(error: BaseException) -> Failure | None:
    """What an error means for whoever called the command; None for a fault of the program itself.

    This is the one table of errors and exit codes; wrong usage is told by Typer, with exit code 2.
    """
    match error:
        case RakkanError():
            return Failure(error.code, _one_line(str(error)))
        case OSError():
            place = f"{error.filename}: " if error.filename else ""
            return Failure("file_system", _one_line(f"{place}{error.strerror or error}"))
        case _:
            return None


def _one_line(text: str) -> str:
    return " ".join(text.split())


_PLAIN: dict[str, Callable[[Mapping[str, object]], str]] = {
    "greater_than_equal": lambda about: f"it must be {about['ge']} or more",
    "less_than_equal": lambda about: f"it must be {about['le']} or less",
    "int_parsing": lambda _: "it is no whole number",
    "float_parsing": lambda _: "it is no number",
}
"""What pydantic, which checks values for Typer, calls a wrong value, in plain words."""


def plain(error: typer.BadParameter) -> typer.BadParameter:
    """Wrong usage in plain words; the same error."""
    from pydantic import ValidationError  # only here: the list of commands needs none of it

    cause: object = error.__cause__
    while isinstance(cause, ValidationError):
        (first, *_) = cause.errors()
        about = first.get("ctx", {})
        cause = about.get("error")
        word = _PLAIN.get(first["type"])
        if word is not None:
            error.message = f"{first['input']}: {word(about)}."
        elif cause is not None:
            error.message = str(cause)
    return error
