"""A form with a file, read piece by piece within bounds.

The framework's own reading of forms bounds neither a file nor a body of unknown length; this one
stops at the first byte too many, and holds a large file on the disk and not in memory.
"""

import threading
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from tempfile import SpooledTemporaryFile
from typing import IO

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from api.errors import BadForm, UploadTooLarge

IN_MEMORY = 1 << 20
"""Bytes of a file up to which it is held in memory."""

FIELD_BYTES = 4096
MOST_PARTS = 20


@dataclass
class Form:
    """What a form holds. A context manager, which lets go of the file; threads may share it.

    Attributes:
        fields: Texts by name.
        file: The file, to be read from its beginning; None where there is none.
    """

    fields: dict[str, str] = field(default_factory=dict)
    file: IO[bytes] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __enter__(self) -> "Form":
        return self

    def __exit__(self, *_: object) -> None:
        if self.file is not None:
            self.file.close()

    def read(self) -> bytes:
        """The whole file.

        Raises:
            BadForm: There is none.
        """
        if self.file is None:
            raise BadForm("the form has no file")
        with self._lock:
            self.file.seek(0)
            return self.file.read()

    def sha256(self) -> str:
        """Hex digest of the file.

        Raises:
            BadForm: There is none.
        """
        return sha256(self.read()).hexdigest()


async def read_form(
    headers: Mapping[str, str], body: AsyncIterator[bytes], *, file: str, limit: int
) -> Form:
    """Read a form.

    Args:
        headers: Of the request.
        body: Its pieces.
        file: Name of the field that is the file.
        limit: Bytes of the whole body, at most.

    Raises:
        UploadTooLarge: The body says that it is longer, or is.
        BadForm: It is no form, or has parts that it may not have.
    """
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length) > limit:
        raise UploadTooLarge(f"the body may have {limit:,} bytes at most")
    kind, options = parse_options_header(headers.get("content-type", ""))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise BadForm("send a form: content type multipart/form-data, with a boundary")
    form = Form()
    try:
        reading = _Reading(form, file)
        parser = MultipartParser(options[b"boundary"], reading.callbacks)  # type: ignore[arg-type]
        seen = 0
        async for piece in body:
            seen += len(piece)
            if seen > limit:
                raise UploadTooLarge(f"the body may have {limit:,} bytes at most")
            parser.write(piece)
        parser.finalize()
        if not reading.ended:
            raise BadForm("the form is cut short: its last boundary is missing")
    except MultipartParseError as error:
        form.__exit__()
        raise BadForm("the form cannot be read: its parts are malformed") from error
    except BaseException:
        form.__exit__()
        raise
    return form


class _Reading:
    """Puts the parts of a form where they belong."""

    def __init__(self, form: Form, file: str) -> None:
        self.ended = False
        self._form = form
        self._wanted = file
        self._parts = 0
        self._header = b""
        self._value = b""
        self._name = ""
        self._text = bytearray()
        self.callbacks = {
            "on_part_begin": self._begin,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._all,
        }

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise BadForm(f"the form has more than {MOST_PARTS} parts")
        self._name = ""
        self._text.clear()

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            name = parse_options_header(self._value)[1].get(b"name", b"")
            self._name = name.decode("utf-8", "replace")
        self._header = self._value = b""

    def _headers_finished(self) -> None:
        known = self._name in self._form.fields
        if not self._name or known or (self._is_file and self._form.file is not None):
            raise BadForm("each part of the form has a name of its own")
        if self._is_file:
            self._form.file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - the form closes it

    @property
    def _is_file(self) -> bool:
        return self._name == self._wanted

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file and self._form.file is not None:
            self._form.file.write(data[start:end])
            return
        self._text += data[start:end]
        if len(self._text) > FIELD_BYTES:
            raise BadForm(f"a field of the form is longer than {FIELD_BYTES:,} bytes")

    def _end(self) -> None:
        if self._is_file:
            return
        try:
            self._form.fields[self._name] = self._text.decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadForm("a field of the form is not in UTF-8") from error

    def _all(self) -> None:
        self.ended = True
