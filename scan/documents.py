"""Judgement documents as the journal keeps them: JSON, compressed."""

import zlib

from pydantic import TypeAdapter

from evidence import Judgement

_ADAPTER = TypeAdapter(Judgement)


def packed(judgement: Judgement) -> bytes:
    """The whole document, compressed."""
    return zlib.compress(document(judgement))


def unpacked(data: bytes) -> Judgement:
    """What `packed` packed."""
    return _ADAPTER.validate_json(zlib.decompress(data))


def document(judgement: Judgement) -> bytes:
    """The whole document, as JSON on one line."""
    return _ADAPTER.dump_json(judgement, exclude_defaults=True)
