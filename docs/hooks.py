"""What MkDocs does besides its own: tables out of the code, and pages that lie beside it.

A page asks for a table by a line such as `<!-- table: errors -->`. Tables that follow from the
code are made from it at every build, so that they cannot go stale. The pages in `BESIDE` lie where
people look for them on a clone; links from and to them work on both sides.
"""

import importlib
import inspect
import pkgutil
import re
import tomllib
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import typer.main
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

import rakkan
from cli.app import app
from core.errors import RakkanError
from evidence.wording.templates import TEMPLATES

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES: list[str] = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]

BESIDE = {
    "contributing.md": "CONTRIBUTING.md",
    "changes.md": "CHANGELOG.md",
    "models/changes.md": "models/CHANGELOG.md",
    **{
        f"models/{card.parent.name}.md": card.relative_to(ROOT).as_posix()
        for card in sorted(ROOT.glob("models/artefacts/*/README.md"))
    },
}
"""Page of the site -> file of the repository."""

_MARK = re.compile(r"^<!-- table: (\w+) -->$", re.MULTILINE)
_FORMAT = re.compile(r"(?<=\w):[^{}]*\}")
_LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)#\s]*)")


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages that lie beside the code."""
    for page, place in BESIDE.items():
        files.append(File.generated(config, page, abs_src_path=str(ROOT / place)))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Fill in the tables, and lead links to files of the repository to their pages."""
    here = page.file.src_uri
    folder = (ROOT / BESIDE[here] if here in BESIDE else DOCS / here).parent
    pages = {(ROOT / place).resolve(): name for name, place in BESIDE.items()}
    # The first page of the site says what the README says to who comes from a clone.
    pages[ROOT / "README.md"] = "index.md"

    def led(link: re.Match[str]) -> str:
        target = (folder / link[1]).resolve()
        name = pages.get(target)
        if name is None and target.is_relative_to(DOCS):
            name = target.relative_to(DOCS).as_posix()
        return link[0] if name is None else get_relative_url(name, here)

    filled = _MARK.sub(lambda mark: TABLES[mark[1]](), markdown)
    return _LINK.sub(led, filled)


def commands() -> str:
    """Every command with its arguments and options, as `--help` has them."""
    return "\n".join(_command(typer.main.get_command(app), "rakkan"))


def errors() -> str:
    """Every error with its code."""
    rows = sorted((kind.code, _first(kind)) for kind in error_classes())
    return _table(("code", "what is wrong"), [(f"`{code}`", text) for code, text in rows])


def error_classes() -> set[type[RakkanError]]:
    """All errors that are told to a person, out of all packages."""
    for package in map(importlib.import_module, PACKAGES):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name.endswith(".errors"):
                importlib.import_module(module.name)
    return set(_below(RakkanError))


def reasons() -> str:
    """Every sentence that says why, by its code."""
    rows = [(f"`{code}`", _FORMAT.sub("}", text)) for code, text in TEMPLATES.items()]
    return _table(("code", "in English"), rows)


def surface() -> str:
    """What `rakkan` gives to Python, by its docstrings."""
    functions = [one for one in rakkan.__all__ if inspect.isfunction(getattr(rakkan, one))]
    classes = [one for one in rakkan.__all__ if one not in functions]
    # What is opened and what it answers come before what these are made of.
    classes.sort(key=lambda one: (getattr(rakkan, one).__module__ != rakkan.judging.__name__, one))
    parts = [_function(getattr(rakkan, one), f"rakkan.{one}", "##") for one in functions]
    return "\n".join(parts + [_class(getattr(rakkan, one)) for one in classes])


TABLES: dict[str, Callable[[], str]] = {
    "commands": commands,
    "errors": errors,
    "reasons": reasons,
    "surface": surface,
}
"""Name in a page -> what makes it."""


def _below(kind: type[RakkanError]) -> Iterator[type[RakkanError]]:
    yield kind
    for one in kind.__subclasses__():
        yield from _below(one)


def _first(thing: type) -> str:
    return " ".join((thing.__doc__ or "").partition("\n\n")[0].split())


def _class(kind: type) -> str:
    words, _, attributes = inspect.cleandoc(kind.__doc__ or "").partition("\nAttributes:\n")
    parts = [f"## `{kind.__name__}`\n\n{words}\n"]
    if issubclass(kind, Enum):
        parts.append(", ".join(f"`{one.value}`" for one in kind) + "\n")
    parts.append(_table(("attribute", "meaning"), _items(attributes)))
    for name, method in vars(kind).items():
        if inspect.isfunction(method) and not name.startswith("_"):
            parts.append(_function(method, f"{kind.__name__}.{name}", "###"))
    return "\n".join(parts)


def _function(function: Callable[..., Any], name: str, level: str) -> str:
    words, _, rest = inspect.cleandoc(function.__doc__ or "").partition("\nArgs:\n")
    arguments, _, raises = rest.partition("\nRaises:\n")
    signature = inspect.signature(function)
    shown = ", ".join(one.name for one in signature.parameters.values() if one.name != "self")
    return "\n".join(
        [
            f"{level} `{name}`\n\n```text\n{name}({shown})\n```\n\n{words}\n",
            _table(("argument", "meaning"), _items(arguments)),
            _table(("raises", "when"), _items(raises)),
        ]
    )


def _items(section: str) -> list[tuple[str, ...]]:
    """The names and texts of a docstring's section."""
    found = re.findall(r"^    (\w+): (.*(?:\n {5,}.*)*)", section, re.MULTILINE)
    return [(f"`{name}`", " ".join(text.split())) for name, text in found]


# The command's own classes are private to typer: they are taken as they come.
def inner_commands(command: Any) -> dict[str, Any]:
    """The commands within a command, by name; none within one that is no group."""
    if not hasattr(command, "list_commands"):
        return {}
    context = typer.Context(command)
    found = {name: command.get_command(context, name) for name in command.list_commands(context)}
    return {name: getattr(one, "loaded", one) for name, one in found.items()}


def _command(command: Any, path: str) -> Iterator[str]:
    inner = inner_commands(command)
    if not inner or path == "rakkan":
        arguments = [one for one in command.params if one.param_type_name == "argument"]
        usage = (path, *map(_usage, arguments), *(["COMMAND"] if inner else []))
        yield f"## `{path}`\n\n{_prose(command.help)}\n\n```text\n{' '.join(usage)}\n```\n"
        shown = [one for one in command.params if not getattr(one, "hidden", False)]
        yield _table(("", "meaning"), [_parameter(one) for one in shown])
    for name, one in inner.items():
        yield from _command(one, f"{path} {name}")


def _usage(argument: Any) -> str:
    name = argument.metavar or argument.name.upper()
    return name if argument.required else f"[{name}]"


def _parameter(parameter: Any) -> tuple[str, str]:
    if parameter.param_type_name == "argument":
        return f"`{parameter.metavar or parameter.name.upper()}`", _prose(parameter.help)
    names = ", ".join(f"`{name}`" for name in (*parameter.opts, *parameter.secondary_opts))
    return names, _prose(parameter.help) + (" Required." if parameter.required else "")


def _prose(text: str | None) -> str:
    return " ".join((text or "").replace("\b", "").split())


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    if not rows:
        return ""
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
