"""Bytes of unstated encoding to text."""

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)


def decode_text(body: bytes) -> str:
    """Decode text: by its byte order mark, as UTF-8 where that is possible, else as Latin-1."""
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("latin-1")


def decode_utf16(body: bytes, *, little: bool) -> str:
    """Decode UTF-16 whose byte order is not to be relied on.

    Writers disagree on it, whatever the standard says, so the text itself is asked: nearly every
    text has spaces or digits, whose upper byte is zero. Some write UTF-8 in its place.

    Args:
        body: The text, perhaps with a byte order mark.
        little: The byte order where the text does not tell.
    """
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return decode_text(body)
    even, odd = body[::2].count(0), body[1::2].count(0)
    if even == odd == 0:
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError:
            pass
    if even != odd:
        little = odd > even
    return body.decode("utf-16-le" if little else "utf-16-be", "replace")
