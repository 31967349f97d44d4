from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from imaging.overlay import overlay

LIMIT = 2.0


def drawn(view: np.ndarray, values: np.ndarray, caption: str = "What it is.") -> np.ndarray:
    data = overlay(view, values, limit=LIMIT, scale=("low", "zero", "high"), caption=caption)
    with Image.open(BytesIO(data)) as image:
        assert image.format == "PNG"
        assert not image.info
        return np.asarray(image.convert("RGB"), np.int64)


def panels(sheet: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray]:
    rows = slice(16, 16 + side)
    return sheet[rows, 16 : 16 + side], sheet[rows, 32 + side : 32 + 2 * side]


@pytest.fixture
def view() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (224, 224, 3)).astype(np.uint8)


def test_the_picture_stands_beside_the_map_unchanged(view: np.ndarray) -> None:
    sheet = drawn(view, np.ones((14, 14), np.float32))
    left, _ = panels(sheet, 224)
    np.testing.assert_array_equal(left, view)
    assert sheet.shape[1] == 2 * 224 + 3 * 16


def test_where_the_map_is_zero_the_picture_is_plain_grey(view: np.ndarray) -> None:
    _, right = panels(drawn(view, np.zeros((14, 14), np.float32)), 224)
    assert (right == right[..., :1]).all()
    grey = np.asarray(Image.fromarray(view).convert("L"), np.float64)
    assert np.corrcoef(right[..., 0].ravel(), grey.ravel())[0, 1] > 0.999


@pytest.mark.parametrize("shade", [0, 255], ids=["black", "white"])
def test_both_ends_show_on_any_picture_and_beyond_them_nothing_changes(shade: int) -> None:
    view = np.full((224, 224, 3), shade, np.uint8)
    values = np.full((14, 14), LIMIT, np.float32)
    _, high = panels(drawn(view, values), 224)
    _, low = panels(drawn(view, -values), 224)
    assert (high[..., 0] - high[..., 2]).min() > 60
    assert (low[..., 2] - low[..., 0]).min() > 60
    _, beyond = panels(drawn(view, 50 * values), 224)
    np.testing.assert_array_equal(beyond, high)


def test_each_cell_lies_over_its_patch() -> None:
    values = np.zeros((14, 14), np.float32)
    values[2, 11] = 9
    _, right = panels(drawn(np.full((448, 448, 3), 128, np.uint8), values), 448)
    warmth = right[..., 0] - right[..., 2]
    y, x = np.nonzero(warmth == warmth.max())
    assert (y.mean() // 32, x.mean() // 32) == (2, 11)


def test_a_long_caption_makes_the_sheet_longer_and_not_wider(view: np.ndarray) -> None:
    values = np.zeros((14, 14), np.float32)
    short, long = drawn(view, values), drawn(view, values, "many words " * 40)
    assert long.shape[1] == short.shape[1]
    assert long.shape[0] > short.shape[0]
    assert (long[:, -16:] == 255)[224 + 60 :].all(), "the text stays within the margins"
    assert (long[-40:] < 100).any(), "the last line is on the sheet"
