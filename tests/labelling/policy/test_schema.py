"""The JSON Schema for editors is that of the code, and takes what ships."""

import json

import jsonschema
import pytest
from ruamel.yaml import YAML

from labelling.policy.library import PolicyLibrary
from labelling.policy.schema import SCHEMA_FILE, json_schema, keys_at


def test_the_schema_that_ships_is_that_of_the_code() -> None:
    assert json.loads(SCHEMA_FILE.read_text()) == json_schema(), "python -m labelling.policy.schema"


@pytest.mark.parametrize("name", PolicyLibrary())
def test_what_ships_names_the_schema_and_keeps_it(name: str) -> None:
    text = PolicyLibrary().document(name)
    first = text.splitlines()[0]
    assert first == f"# yaml-language-server: $schema=../{SCHEMA_FILE.name}"
    plain = json.loads(json.dumps(YAML(typ="safe", pure=True).load(text), default=str))
    jsonschema.validate(plain, json_schema())


def test_keys_are_known_at_every_depth() -> None:
    assert "rows" in keys_at(())
    assert "yields_to" in keys_at(("rows", 0))
    assert "at_least" in keys_at(("rows", 3, "when", 1, "ai"))
    assert keys_at(("labels", "ai-generated")) == ("en", "ja")
    assert "within_days" in keys_at(("signals", "flood"))
    assert keys_at(("nowhere", 5)) == ()
