import inspect
import subprocess
import sys

import pytest

import serving

HEAVY = ("PIL", "cv2", "faiss", "lxml", "numpy", "onnx", "openvino", "pyarrow", "pydantic", "torch")


@pytest.mark.parametrize("name", serving.__all__)
def test_what_is_public_is_there_and_described(name: str) -> None:
    assert inspect.getdoc(getattr(serving, name))


def test_the_list_is_in_order_and_whole() -> None:
    rooms = [name for names in serving._ROOMS.values() for name in names]
    assert sorted(rooms) == sorted(serving.__all__) == dir(serving)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        serving.nothing  # noqa: B018


def test_importing_it_loads_nothing_heavy() -> None:
    code = f"import serving, sys; sys.exit(str(set(sys.modules) & {set(HEAVY)!r} or ''))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr.strip() == ""
