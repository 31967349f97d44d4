import pytest

from core.errors import MissingExtra
from core.extras import require_extra


def test_what_is_there_is_not_asked_for() -> None:
    require_extra("train", "counting", "json", "csv")


def test_what_is_missing_is_said_with_its_mending() -> None:
    with pytest.raises(MissingExtra) as told:
        require_extra("train", "training networks", "json", "no_such_package", "nor_this")
    assert str(told.value) == (
        "training networks needs no_such_package and nor_this: pip install 'rakkan[train]'"
    )
