"""Forms out of any bytes: read as they were sent, or refused; nothing in between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.errors import BadForm, UploadTooLarge
from api.uploads import FIELD_BYTES, IN_MEMORY, Form, read_form

HEADERS = {"content-type": "multipart/form-data; boundary=line"}


def body(parts: dict[str, bytes], end: bytes = b"--line--\r\n") -> bytes:
    head = b'--line\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
    file = {"image": b'; filename="a.png"'}
    written = [head % (name.encode(), file.get(name, b""), data) for name, data in parts.items()]
    return b"".join(written) + end


def read(data: bytes, piece: int = 1 << 16, limit: int = 1 << 22) -> Form:
    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(data), piece):
            yield data[start : start + piece]

    return asyncio.run(read_form(HEADERS, pieces(), file="image", limit=limit))


@given(
    st.binary(max_size=300).filter(lambda data: b"--line" not in data),
    st.dictionaries(st.sampled_from(["a", "b", "service"]), st.text(max_size=50), max_size=3),
    st.integers(1, 400),
)
def test_a_form_is_read_as_it_was_sent(file: bytes, texts: dict[str, str], piece: int) -> None:
    fields = {name: text.replace("--line", "") for name, text in texts.items()}
    sent = {name: text.encode() for name, text in fields.items()} | {"image": file}
    with read(body(sent), piece) as form:
        assert form.fields == fields
        assert form.read() == file


@given(st.binary(max_size=500), st.integers(1, 100))
def test_any_bytes_are_read_or_refused(data: bytes, piece: int) -> None:
    for sent in (data, b"--line\r\n" + data, body({"image": data, "a": data})):
        with suppress(BadForm, UploadTooLarge), read(sent, piece, limit=400):
            pass


@given(st.integers(0, 200))
def test_a_form_that_is_cut_is_refused(length: int) -> None:
    whole = body({"service": b"pixiv", "image": b"x" * 40})
    with pytest.raises(BadForm):
        read(whole[: min(length, len(whole) - 5)])


def test_a_large_file_leaves_the_memory() -> None:
    with read(body({"image": b"x" * (IN_MEMORY + 1)})) as form:
        assert form.file is not None
        assert form.file._rolled  # type: ignore[attr-defined]
        assert len(form.read()) == IN_MEMORY + 1


@pytest.mark.parametrize(
    "parts",
    [
        {"a": b"x" * (FIELD_BYTES + 1)},
        {"a": b"\xff"},
        {f"field{number}": b"" for number in range(30)},
        {"": b"x"},
    ],
    ids=["long field", "no text", "many fields", "no name"],
)
def test_what_is_refused(parts: dict[str, bytes]) -> None:
    with pytest.raises(BadForm):
        read(body(parts))


def test_two_files_are_refused() -> None:
    with pytest.raises(BadForm):
        read(body({"image": b"x"}, end=b"") + body({"image": b"y"}))
