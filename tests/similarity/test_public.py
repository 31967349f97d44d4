import inspect
import subprocess
import sys

import pytest

import similarity

HEAVY = ("alembic", "cv2", "faiss", "numpy", "openvino", "pdqhash", "pydantic", "sqlalchemy")


@pytest.mark.parametrize("name", similarity.__all__)
def test_what_is_public_is_there_and_described(name: str) -> None:
    assert inspect.getdoc(getattr(similarity, name))


def test_the_list_is_in_order_and_whole() -> None:
    rooms = [name for names in similarity._ROOMS.values() for name in names]
    assert sorted(rooms) == sorted(similarity.__all__) == dir(similarity)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        similarity.nothing  # noqa: B018


def test_importing_it_loads_nothing_heavy() -> None:
    code = f"import similarity, sys; sys.exit(str(set(sys.modules) & {set(HEAVY)!r} or ''))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr.strip() == ""
