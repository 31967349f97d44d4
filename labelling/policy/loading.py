"""From the bytes of a file to a policy: YAML, then the schema; what is wrong is told by its line.

A subset of YAML 1.2: one document of mappings, lists and scalars, whose keys are texts. Anchors,
aliases and tags are refused: no policy needs them, and they are how small files become large ones.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from core.text import unbroken
from labelling.errors import BadPolicy
from labelling.policy.document import Policy
from labelling.policy.problems import LoadedPolicy, Mark, Path, Places, did_you_mean, quoted
from labelling.policy.schema import keys_at

MAX_BYTES = 256 * 1024
"""Length of a policy, at most: many times that of the longest that ships."""

MAX_DEPTH = 20
"""Of mappings and lists within each other."""


def load_policy(data: bytes, file: str) -> LoadedPolicy:
    """Read a policy; its rows are not yet held against each other, see `checking`.

    Args:
        data: The bytes of the document.
        file: As it is told to a person.

    Raises:
        BadPolicy: It is no policy; tells all that is wrong, each with its line.
    """
    reading = _Reading(file)
    found = reading.data(data)
    places = Places(file, reading.marks)
    try:
        return LoadedPolicy(Policy.model_validate(found), places)
    except ValidationError as error:
        problems = {
            places.problem(_path(one["loc"]), _sentence(one))
            for one in error.errors(include_url=False)
        }
        raise BadPolicy(tuple(sorted(problems))) from None


class _Reading:
    """Makes plain data of YAML, and notes where each part of it stands."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.marks: dict[Path, Mark] = {}
        self.seen: set[int] = set()
        self.constructor = YAML(typ="safe", pure=True).constructor

    def data(self, data: bytes) -> object:
        if len(data) > MAX_BYTES:
            raise self.refused((1, 1), f"The policy is longer than {MAX_BYTES} bytes: shorten it.")
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            before = data[: error.start]
            mark = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
            raise self.refused(mark, "This is not UTF-8: save the file in that encoding.") from None
        try:
            root = YAML(typ="safe", pure=True).compose(text)
        except MarkedYAMLError as error:
            place = error.problem_mark or error.context_mark
            mark = (place.line + 1, place.column + 1) if place else (1, 1)
            said = unbroken(str(error.problem or error.context))
            raise self.refused(mark, f"This is not YAML: {said}.") from None
        except YAMLError as error:
            mark = _of_character(text, getattr(error, "position", 0))
            raise self.refused(mark, "This character may not stand in YAML.") from None
        except RecursionError:
            raise self.refused((1, 1), "Too many parts lie within each other.") from None
        if root is None:
            raise self.refused((1, 1), "The file is empty: it must hold a policy.")
        return self.plain(root, ())

    def plain(self, node: Node, path: Path) -> object:
        mark = node.start_mark.line + 1, node.start_mark.column + 1
        self.marks.setdefault(path, mark)
        if node.anchor or id(node) in self.seen:
            raise self.refused(mark, "Anchors (&) and aliases (*) are not read: write it out.")
        self.seen.add(id(node))
        if len(path) > MAX_DEPTH:
            raise self.refused(mark, "Too many parts lie within each other.")
        match node:
            case MappingNode():
                return dict(self.items(node, path))
            case SequenceNode():
                return [self.plain(one, (*path, n)) for n, one in enumerate(node.value)]
            case ScalarNode():
                return self.scalar(node, mark)
        raise self.refused(mark, "This is nothing that a policy is made of.")

    def items(self, node: MappingNode, path: Path) -> Iterator[tuple[str, object]]:
        for key, value in node.value:
            mark = key.start_mark.line + 1, key.start_mark.column + 1
            if not isinstance(key, ScalarNode) or key.anchor:
                raise self.refused(mark, "A key must be a word.")
            if (*path, key.value) in self.marks:
                raise self.refused(mark, f"The key {quoted(key.value)} stands here twice.")
            self.marks[*path, key.value] = mark
            yield key.value, self.plain(value, (*path, key.value))

    def scalar(self, node: ScalarNode, mark: Mark) -> object:
        kind = str(node.tag).rpartition(":")[2]
        if kind not in ("str", "int", "float", "bool", "null", "timestamp"):
            raise self.refused(mark, "Tags (!) are not read: leave it out.")
        if kind in ("str", "timestamp"):  # the schema says where a date stands
            return node.value
        try:
            return self.constructor.construct_object(node)
        except ValueError:
            return node.value

    def refused(self, mark: Mark, sentence: str) -> BadPolicy:
        return BadPolicy((Places(self.file, {(): mark}).problem((), sentence),))


def _of_character(text: str, position: int) -> Mark:
    before = text[:position]
    return before.count("\n") + 1, position - before.rfind("\n")


def _path(location: tuple[str | int, ...]) -> Path:
    # A key that is wrong itself is told as one more step.
    return tuple(step for step in location if step != "[key]")


def _sentence(error: ErrorDetails) -> str:
    """What pydantic found, in plain words, with what was perhaps meant."""
    kind, about = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        *around, name = error["loc"]
        meant = did_you_mean(str(name), keys_at(tuple(around)))
        return f"There is no key {quoted(name)} here{meant}."
    if kind == "missing":
        return f"The key {quoted(error['loc'][-1])} is missing here."
    said = error["input"]
    value = quoted(said) if isinstance(said, str | int | float) else "This"
    if kind in ("enum", "literal_error"):
        expected = str(about["expected"])
        meant = did_you_mean(str(said), re.findall(r"'([^']*)'", expected))
        return f"{value} cannot stand here{meant}: it takes {expected}."
    plain = _PLAIN.get(kind)
    return f"{value} {plain(about)}." if plain else f"{value} cannot stand here: {error['msg']}."


_PLAIN: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "model_type": lambda _: "must be a mapping of keys to values",
    "dict_type": lambda _: "must be a mapping of keys to values",
    "tuple_type": lambda _: "must be a list: put it in brackets, as [this, that]",
    "string_type": lambda _: "must be a text: put it in quotes",
    "string_too_short": lambda _: "must not be empty",
    "string_too_long": lambda about: f"is longer than {about['max_length']} characters",
    "string_pattern_mismatch": lambda _: (
        "must be lower-case letters, digits and hyphens, a letter first"
    ),
    "too_short": lambda about: f"needs at least {about['min_length']} of its kind",
    "date_type": lambda _: "must be a date, as 2023-05-31",
    "date_parsing": lambda _: "must be a date, as 2023-05-31",
    "date_from_datetime_parsing": lambda _: "must be a date, as 2023-05-31",
    "date_from_datetime_inexact": lambda _: "must be a date without a time, as 2023-05-31",
    "int_type": lambda _: "must be a whole number",
    "int_parsing": lambda _: "must be a whole number",
    "int_from_float": lambda _: "must be a whole number",
    "float_type": lambda _: "must be a number",
    "float_parsing": lambda _: "must be a number",
    "bool_type": lambda _: "must be true or false",
    "bool_parsing": lambda _: "must be true or false",
    "greater_than": lambda about: f"must be more than {about['gt']}",
    "greater_than_equal": lambda about: f"must be at least {about['ge']}",
    "less_than": lambda about: f"must be less than {about['lt']}",
    "less_than_equal": lambda about: f"must be at most {about['le']}",
}
"""What pydantic calls a wrong value, in plain words."""
