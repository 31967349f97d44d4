"""One tree of errors over all packages, drawn in `core.errors`."""

import importlib
import pkgutil
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import core.errors
from core.errors import RakkanError

ROOT = Path(__file__).parent.parent
PACKAGES = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]["packages"]


def all_errors() -> list[type[RakkanError]]:
    """Every error of the product: those in modules named `errors`, and those found elsewhere."""
    for package in PACKAGES:
        folder = importlib.import_module(package).__path__
        for module in pkgutil.walk_packages(folder, f"{package}."):
            if module.name.endswith(".errors"):
                importlib.import_module(module.name)
    return list(below(RakkanError))


def below(error: type[RakkanError]) -> Iterator[type[RakkanError]]:
    for one in error.__subclasses__():
        if one.__module__.partition(".")[0] in PACKAGES:
            yield one
        yield from below(one)


def test_no_two_errors_share_a_code() -> None:
    errors = all_errors()
    codes = [error.code for error in errors]
    assert len(errors) > 30
    assert len(set(codes)) == len(codes), sorted(code for code in codes if codes.count(code) > 1)
    for error in errors:
        assert "code" in vars(error), f"{error.__name__} has no code of its own"
        assert re.fullmatch(r"[a-z][a-z0-9_]*", error.code), error.code
        assert error.__doc__, error.__name__


def test_errors_are_where_one_looks_for_them() -> None:
    for error in all_errors():
        assert error.__module__.endswith(".errors"), error


def test_the_tree_is_drawn() -> None:
    """Each root of a package stands in the drawing, with its module, and nothing else does."""
    drawn = set(re.findall(r"── (\w+) +([\w.]+) ", core.errors.__doc__ or ""))
    roots = [one for one in all_errors() if RakkanError in one.__bases__]
    assert drawn == {(one.__name__, one.__module__) for one in roots}
