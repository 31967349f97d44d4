"""Every route shows what is asked for and answered, and examples are as described."""

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from api import create_app
from api.service import Service
from serving.current import CurrentJudge
from storage import open_store
from tests.fakes import fake_judge

TEXTS = ("application/json", "text/plain")
FORMS = ("multipart/form-data",)


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('examples') / 'r.sqlite3'}")
    service = Service(CurrentJudge(fake_judge()), store)
    yield create_app(service).openapi()
    service.close()


def contents(
    described: dict[str, Any], kinds: tuple[str, ...] = TEXTS
) -> Iterator[tuple[str, dict[str, Any]]]:
    """What is asked for and answered in texts, with where."""
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            good = [one for status, one in operation["responses"].items() if status < "3"]
            for one in (operation.get("requestBody", {}), *good):
                for kind, content in one.get("content", {}).items():
                    if kind.startswith(kinds):
                        yield f"{method.upper()} {path} {kind}", content


def names(schema: dict[str, Any]) -> list[str]:
    found = [schema, *schema.get("oneOf", ()), *schema.get("anyOf", ())]
    return [one["$ref"].rpartition("/")[2] for one in found if "$ref" in one]


def test_every_route_has_examples(described: dict[str, Any]) -> None:
    schemas = described["components"]["schemas"]
    seen = 0
    forms = [one for _, one in contents(described, FORMS)]
    assert len(forms) == 3
    for form in forms:
        for name, field in form["schema"]["properties"].items():
            assert field.get("format") == "binary" or field.get("examples"), name
    for place, content in contents(described):
        named = names(content.get("schema", {}))
        assert "example" in content or named, place
        for name in named:
            assert schemas[name].get("examples"), f"{place} {name}"
        seen += 1
    assert seen > 30


def test_examples_are_as_described(described: dict[str, Any]) -> None:
    schemas = described["components"]["schemas"]
    for name, schema in schemas.items():
        for example in schema.get("examples", ()):
            whole = {**described, "$ref": f"#/components/schemas/{name}"}
            errors = [error.message for error in Draft202012Validator(whole).iter_errors(example)]
            assert errors == [], name
            unknown = set(example) - set(schema["properties"])
            assert not unknown, f"{name}: {unknown}"
