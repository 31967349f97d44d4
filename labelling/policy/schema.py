"""What may stand where in a policy, and its JSON Schema for editors.

`python -m labelling.policy.schema` writes the schema anew.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

from labelling.policy.document import Policy

SCHEMA_FILE = Path(__file__).parents[1] / "policy-1.schema.json"
"""The JSON Schema, which editors read; shipped policies name it in their first line."""


def json_schema() -> dict[str, Any]:
    """The JSON Schema of policies."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Policy.model_json_schema(by_alias=True),
    }


def keys_at(path: tuple[str | int, ...]) -> tuple[str, ...]:
    """The keys that may stand at a part of a document; none where any may.

    Args:
        path: Keys of mappings, places in lists.
    """
    schema = json_schema()
    part = schema
    for step in path:
        part = _step(_inner(part, schema), step)
    return tuple(_inner(part, schema).get("properties", ()))


def _step(part: dict[str, Any], step: str | int) -> dict[str, Any]:
    if isinstance(step, int):
        return cast(dict[str, Any], part.get("items", {}))
    named = part.get("properties", {}).get(step)
    anyhow: Iterable[Any] = part.get("patternProperties", {}).values()
    return cast(dict[str, Any], next(iter(anyhow), {}) if named is None else named)


def _inner(part: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """What a part is, behind references and beside null."""
    for choice in part.get("anyOf", ()):
        if choice.get("type") != "null":
            return _inner(choice, schema)
    reference = part.get("$ref") or next((one["$ref"] for one in part.get("allOf", ())), None)
    if reference is None:
        return part
    return cast(dict[str, Any], schema["$defs"][reference.rpartition("/")[2]])


def main() -> None:
    """Write the JSON Schema."""
    SCHEMA_FILE.write_text(json.dumps(json_schema(), indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
