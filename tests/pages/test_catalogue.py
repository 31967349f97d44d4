"""What pages say is whole in every language: nothing is missing, nothing is left over."""

import re
from pathlib import Path

import pytest

from evidence.wording.update import compiled
from pages.update import catalogues, renewed

PLACE = re.compile(r"%\((\w+)\)s")


@pytest.fixture(params=catalogues(), ids=lambda po: po.parent.parent.name)
def po(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


def test_every_sentence_is_translated_with_what_stands_in_it(po: Path) -> None:
    for message in renewed(po):
        if not message.id:
            continue
        ids = (message.id,) if isinstance(message.id, str) else tuple(message.id)
        texts = (message.string,) if isinstance(message.string, str) else tuple(message.string)
        for text in texts:
            assert text, ids
            assert set(PLACE.findall(text)) == set(PLACE.findall(ids[-1])), ids


def test_it_is_compiled_as_it_stands(po: Path) -> None:
    assert po.with_suffix(".mo").read_bytes() == compiled(renewed(po))
