"""Examples in the description, which stand in `examples.json`.

By the name of a schema, wherever it is asked for or answered; by method and path for the few
answers that have none.
"""

import json
from pathlib import Path
from typing import Any

from fastapi import FastAPI

_EXAMPLES: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))


class Exemplified(FastAPI):
    """An application whose description has examples."""

    def openapi(self) -> dict[str, Any]:
        """The description in OpenAPI 3.1, made once."""
        if self.openapi_schema is None:
            described = super().openapi()
            for name, schema in described["components"]["schemas"].items():
                if name in _EXAMPLES:
                    schema["examples"] = [_EXAMPLES[name]]
            for path, methods in described["paths"].items():
                for method, operation in methods.items():
                    example = _EXAMPLES.get(f"{method.upper()} {path}")
                    if example is not None:
                        (content,) = operation["responses"]["200"]["content"].values()
                        content["example"] = example
            self.openapi_schema = described
        return self.openapi_schema
