from typing import Annotated

import pytest
import typer
from pydantic import Field, TypeAdapter, ValidationError

from cli.failures import failure, plain
from core.errors import MissingExtra, RakkanError


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (RakkanError("It is\n  wrong."), "rakkan", "It is wrong."),
        (MissingExtra("install it"), MissingExtra.code, "install it"),
        (FileNotFoundError(2, "No such file", "a.png"), "file_system", "a.png: No such file"),
        (OSError("disk"), "file_system", "disk"),
    ],
)
def test_what_an_error_means(error: Exception, code: str, message: str) -> None:
    failed = failure(error)
    assert failed is not None
    assert (failed.code, failed.message, failed.exit_code) == (code, message, 1)
    assert failed.document() == {"error": {"code": code, "message": message}}


def test_a_fault_of_the_program_is_no_failure() -> None:
    assert failure(KeyError("x")) is None


def test_wrong_values_are_told_in_plain_words() -> None:
    for value, words in (("0", "it must be 1 or more"), ("x", "it is no whole number")):
        error = typer.BadParameter("Input should be ...")
        try:
            TypeAdapter(Annotated[int, Field(ge=1)]).validate_python(value)
        except ValidationError as cause:
            error.__cause__ = cause
        assert plain(error).message == f"{value}: {words}."
    assert plain(typer.BadParameter("as it is")).message == "as it is"
