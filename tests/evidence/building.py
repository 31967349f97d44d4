"""Strategies for any record of `evidence`, from the types of its fields."""

import dataclasses
import types
import typing
from datetime import UTC, datetime
from enum import EnumType

from hypothesis import strategies as st

FINITE = st.floats(allow_nan=False, allow_infinity=False)


def built(kind: object) -> st.SearchStrategy[typing.Any]:
    """Values of a type that records are made of."""
    if kind is float:
        return FINITE
    if kind is datetime:
        return st.datetimes(timezones=st.just(UTC))
    if isinstance(kind, EnumType):
        return st.sampled_from(list(kind))
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        fields = typing.get_type_hints(kind)
        return st.builds(kind, **{name: built(field) for name, field in fields.items()})
    arguments = typing.get_args(kind)
    if typing.get_origin(kind) is tuple:
        if arguments[-1] is Ellipsis:
            return st.lists(built(arguments[0]), max_size=2).map(tuple)
        return st.tuples(*map(built, arguments))
    if isinstance(kind, types.UnionType):
        return st.one_of(*map(built, arguments))
    if typing.get_origin(kind) is typing.Literal:
        return st.sampled_from(arguments)
    assert kind in (str, int, bool, types.NoneType), kind
    return st.from_type(kind)
