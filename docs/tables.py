"""Tables that follow from the code, made at every build, so that they cannot go stale."""

import importlib
import inspect
import json
import pkgutil
import re
import tomllib
from collections.abc import Callable, Iterator
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

import typer.main

import rakkan
from cli.app import app
from core.errors import RakkanError
from docs.file_tables import c2pa, programs, readers, writers
from docs.markdown import table
from evidence.document import SCHEMA_FILE
from evidence.judgement import ArtefactId
from evidence.wording.templates import TEMPLATES

PROJECT = tomllib.loads((Path(__file__).resolve().parent.parent / "pyproject.toml").read_text())
PACKAGES: list[str] = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]

_FORMAT = re.compile(r"(?<=\w):[^{}]*\}")


def commands() -> str:
    """Every command with its arguments and options, as `--help` has them."""
    return "\n".join(_command(typer.main.get_command(app), "rakkan"))


def errors() -> str:
    """Every error with its code."""
    rows = sorted((kind.code, _first(kind)) for kind in error_classes())
    return table(("code", "what is wrong"), [(f"`{code}`", text) for code, text in rows])


def error_classes() -> set[type[RakkanError]]:
    """All errors that are told to a person, out of all packages."""
    for package in map(importlib.import_module, PACKAGES):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name.endswith(".errors"):
                importlib.import_module(module.name)
    # Benchmarks and tests have errors of their own.
    found = set(_below(RakkanError))
    return {one for one in found if one.__module__.partition(".")[0] in PACKAGES}


def reasons() -> str:
    """Every sentence that says why, by its code."""
    rows = [(f"`{code}`", _FORMAT.sub("}", text)) for code, text in TEMPLATES.items()]
    return table(("code", "in English"), rows)


def surface() -> str:
    """What `rakkan` gives to Python, by its docstrings."""
    functions = [one for one in rakkan.__all__ if inspect.isfunction(getattr(rakkan, one))]
    classes = [one for one in rakkan.__all__ if one not in functions]
    # What is opened and what it answers come before what these are made of.
    classes.sort(key=lambda one: (getattr(rakkan, one).__module__ != rakkan.judging.__name__, one))
    parts = [_function(getattr(rakkan, one), f"rakkan.{one}", "##") for one in functions]
    return "\n".join(parts + [_class(getattr(rakkan, one)) for one in classes])


def document() -> str:
    """The fields of the JSON document of a judgement, by its JSON Schema."""
    schema = json.loads(SCHEMA_FILE.read_text())
    kinds = {"judgement": schema, **schema["$defs"]}
    order = ["judgement"]
    for name in order:  # grows: what a part refers to comes after it
        within = re.findall(r"#/\$defs/(\w+)", json.dumps(kinds[name].get("properties", {})))
        order += [one for one in dict.fromkeys(within) if one not in order]
    return "\n".join(_fields(name, kinds) for name in order if "properties" in kinds[name])


TABLES: dict[str, Callable[[], str]] = {
    "c2pa": c2pa,
    "programs": programs,
    "readers": readers,
    "commands": commands,
    "document": document,
    "errors": errors,
    "reasons": reasons,
    "surface": surface,
    "writers": writers,
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
    parts.append(table(("attribute", "meaning"), _items(attributes)))
    for name, method in vars(kind).items():
        if inspect.isfunction(method) and not name.startswith("_"):
            parts.append(_function(method, f"{kind.__name__}.{name}", "###"))
    return "\n".join(parts)


def _fields(name: str, kinds: dict[str, Any]) -> str:
    kind = kinds[name]
    words, said = _said(kind["description"])
    rows = [
        (f"`{field}`", _type(one, kinds), said.get(field) or _elsewhere().get(field, ""))
        for field, one in kind["properties"].items()
    ]
    rows = [(field, kind, text.replace("None", "null")) for field, kind, text in rows]
    return f"### {_title(name)}\n\n{words}\n\n{table(('field', 'type', 'meaning'), rows)}"


def _said(description: str) -> tuple[str, dict[str, str]]:
    """What a docstring says of a record and of its fields, or of the record that it points to."""
    words, _, attributes = description.partition("\n\nAttributes:\n")
    record = re.search(r"; see `([\w.]+)\.(\w+)`\.", words)
    if record is not None:
        words = words.replace(record[0], ".")
        documented = inspect.getdoc(getattr(importlib.import_module(record[1]), record[2])) or ""
        attributes = documented.partition("\nAttributes:\n")[2]
    said = {field.strip("`"): text for field, text in _items(attributes)}
    for renamed, field in {"name": "reader", "evidence": "kind", "model": "made_by"}.items():
        if field in said:
            said[renamed] = said[field]
    return words, said


@cache
def _elsewhere() -> dict[str, str]:
    """Fields that the document takes out of a record within."""
    records = (rakkan.PixelEvidence, ArtefactId, rakkan.Reason)
    said = {"schema": "Version of the document."}
    for record in records:
        said |= _said(inspect.getdoc(record) or "")[1]
    return said


def _type(one: dict[str, Any], kinds: dict[str, Any]) -> str:
    match one:
        case {"$ref": str(reference)}:
            name = reference.rpartition("/")[2]
            if "enum" in kinds[name]:
                return ", ".join(f"`{value}`" for value in kinds[name]["enum"])
            return f"[{_title(name)}](#{_title(name).replace(' ', '-')})"
        case {"const": value}:
            return f"`{json.dumps(value)}`"
        case {"anyOf": list(choices)}:
            return " or ".join(dict.fromkeys(_type(choice, kinds) for choice in choices))
        case {"type": "array", "items": dict(item)}:
            return f"list of {_type(item, kinds)}"
        case {"type": "array"}:
            return "list"
        case {"type": str(kind)}:
            return kind
    return ""


def _title(name: str) -> str:
    """`CopyMatch` as `copy match`; `AiDocument` as `ai`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower().removesuffix(" document")


def _function(function: Callable[..., Any], name: str, level: str) -> str:
    words, _, rest = inspect.cleandoc(function.__doc__ or "").partition("\nArgs:\n")
    arguments, _, raises = rest.partition("\nRaises:\n")
    signature = inspect.signature(function)
    shown = ", ".join(one.name for one in signature.parameters.values() if one.name != "self")
    return "\n".join(
        [
            f"{level} `{name}`\n\n```text\n{name}({shown})\n```\n\n{words}\n",
            table(("argument", "meaning"), _items(arguments)),
            table(("raises", "when"), _items(raises)),
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
        yield table(("", "meaning"), [_parameter(one) for one in shown])
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
