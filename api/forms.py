"""Forms with a file: how they are described, and read within the bounds of the service."""

from collections.abc import Sequence
from typing import Any

from fastapi import Request

from api.bounds import reads_within_its_own_bound
from api.errors import BadForm
from api.service import Service
from api.uploads import Form, read_form

IMAGE = "image"
"""Name of the field that is the file, in most forms."""


def described(
    *, file: str = IMAGE, required: Sequence[str] = (IMAGE,), **fields: dict[str, Any]
) -> tuple[dict[str, Any], frozenset[str]]:
    """How a form is described in OpenAPI, and the names of its fields.

    Args:
        file: Name of the field that is the file.
        required: Names of fields that must be there.
        fields: Schemas of those beside the file, by name.
    """
    properties = {file: {"type": "string", "format": "binary"}, **fields}
    schema = {
        "type": "object",
        "required": list(required),
        "properties": properties,
        "additionalProperties": False,
    }
    content = {"multipart/form-data": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}, frozenset(properties)


async def file_form(
    request: Request, service: Service, known: frozenset[str], file: str = IMAGE
) -> Form:
    """The form of a request, with its file.

    Args:
        request: Its body is read.
        service: Whose bounds hold.
        known: Names of fields that it may have.
        file: Name of the field that is the file.

    Raises:
        UploadTooLarge: The body is too long.
        BadForm: It cannot be read, lacks the file, or has a field that is not known.
    """
    reads_within_its_own_bound(request)
    form = await read_form(request.headers, request.stream(), file=file, limit=service.most_bytes)
    unknown = sorted(form.fields.keys() - known)
    if form.file is None or unknown:
        form.__exit__()
        if unknown:
            raise BadForm(f"the form has a field that is not known: {unknown[0][:80]!r}")
        raise BadForm(f"the form lacks the field {file}, which is a file")
    return form
