from collections import Counter
from io import BytesIO
from typing import TypeGuard

import numpy as np
import pytest
from PIL import Image

from imaging import Pixels, decode
from imaging.perturbations.copy_edits import Inset, Quarters, Soften, Tilt, Turn
from imaging.perturbations.evasive_edits import Duotone, Reground, Sticker, Stretch
from imaging.perturbations.web import Chain, Crop, Fit, Jpeg, Mirror, Recolour, Rotate
from training.data.copy_edits import EDITS, GROUNDED, HARD, Edit, Materials, draw_edit, edited

SIZE = 32


def _host(rng: np.random.Generator) -> Pixels:
    return np.full((90, 120, 3), rng.integers(256), np.uint8)


def _redraw(pixels: Pixels) -> Pixels:
    return pixels // 2 + 60


MATERIALS = Materials(_host, [_redraw])


def _picture(seed: int = 0, size: tuple[int, int] = (300, 200)) -> Pixels:
    cells = np.random.default_rng(seed).integers(0, 256, (9, 12, 3)).astype(np.uint8)
    return np.array(Image.fromarray(cells).resize(size, Image.Resampling.BICUBIC))


def _file(seed: int = 0) -> bytes:
    out = BytesIO()
    Image.fromarray(_picture(seed)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("edit", Edit)
def test_a_copy_depends_on_the_file_and_the_edit_alone(edit: Edit) -> None:
    treatment = edited(edit, MATERIALS)
    view, image = treatment.view(_file(), SIZE)
    again, _ = treatment.view(_file(), SIZE)
    np.testing.assert_array_equal(view, again)
    assert image.sha256 == decode(_file()).sha256
    other, _ = edited(edit, MATERIALS, k=1).view(_file(), SIZE)
    assert (edit in (Edit.JPEG30,)) == np.array_equal(view, other)
    baseline, _ = edited(Edit.SMALL, MATERIALS).view(_file(), SIZE)
    assert edit is Edit.SMALL or (view != baseline).any()


def test_names_tell_edits_and_their_copies_apart() -> None:
    names = {edited(edit, MATERIALS, k).name for edit in EDITS for k in range(3)}
    assert len(names) == 3 * len(EDITS)
    assert "crop-0" in names


@pytest.mark.parametrize("edit", Edit)
@pytest.mark.parametrize("size", [(40, 3000), (3000, 40), (16, 16)])
def test_extreme_sides_do_not_stop_it(edit: Edit, size: tuple[int, int]) -> None:
    for seed in range(5):
        pixels = _picture(seed, size)
        copy = draw_edit(edit, np.random.default_rng(seed), MATERIALS)(pixels)
        assert copy.dtype == np.uint8
        assert copy.ndim == 3


def _drawn(edit: Edit, count: int = 300) -> list[Chain]:
    chains = [draw_edit(edit, np.random.default_rng(seed), MATERIALS) for seed in range(count)]
    return [chain for chain in chains if isinstance(chain, Chain)]


def test_a_crop_is_half_of_the_picture() -> None:
    for chain in _drawn(Edit.CROP):
        crop = chain.steps[0]
        assert isinstance(crop, Crop)
        left, top, right, bottom = crop.box
        assert (right - left) * (bottom - top) == pytest.approx(0.5)
        assert min(left, top) >= 0
        assert max(right, bottom) <= 1


def test_edits_are_drawn_as_stated() -> None:
    turns = Counter(type(chain.steps[0]) for chain in _drawn(Edit.ROTATE))
    assert turns[Turn] / 300 == pytest.approx(0.2, abs=0.07)
    assert turns[Rotate] / 300 == pytest.approx(0.4, abs=0.09)
    assert turns[Tilt] / 300 == pytest.approx(0.4, abs=0.09)
    collages = Counter(type(chain.steps[0]) for chain in _drawn(Edit.COLLAGE))
    assert collages[Inset] / 300 == pytest.approx(0.5, abs=0.09)
    assert set(collages) == {Inset, Quarters}
    assert {chain.steps[0] for chain in _drawn(Edit.MIRROR)} == {Mirror()}
    for chain in _drawn(Edit.BLUR):
        soften = chain.steps[0]
        assert isinstance(soften, Soften)
        assert 1 <= soften.radius <= 2.5
    for chain in _drawn(Edit.REDRAW):
        redraw = chain.steps[0]
        assert isinstance(redraw, Chain)
        fit = redraw.steps[0]
        assert isinstance(fit, Fit)
        assert 256 <= fit.long_side <= 512


def test_copies_are_saved_again() -> None:
    for edit in Edit:
        for chain in _drawn(edit, 30):
            last = chain.steps[-1]
            assert isinstance(last, Jpeg)
            assert (last.quality == 30) if edit is Edit.JPEG30 else (70 <= last.quality <= 95)


def test_hard_edits_are_drawn_as_stated_and_learnt_from_by_nothing() -> None:
    assert set(EDITS) | set(HARD) == set(Edit)
    assert not set(EDITS) & set(HARD)
    assert set(HARD) >= GROUNDED
    luma = np.array([0.299, 0.587, 0.114])
    for chain in _drawn(Edit.ISOLUMINANT, 50):
        duotone = chain.steps[0]
        assert isinstance(duotone, Duotone)
        inks = np.array([duotone.dark, duotone.light])
        assert inks @ luma == pytest.approx([128, 128], abs=0.5)
        assert inks.min() >= 0
        assert inks.max() <= 255
        assert np.abs(inks[0] - inks[1]).max() > 120
    for chain in _drawn(Edit.STRETCH, 50):
        stretch = chain.steps[0]
        assert isinstance(stretch, Stretch)
        assert 2.5 <= max(stretch.factor, 1 / stretch.factor) <= 4
    for chain in _drawn(Edit.DARK, 50):
        ground = chain.steps[0]
        assert isinstance(ground, Reground)
        assert max(ground.colour) <= 60
    areas = {
        edit: {step.area for chain in _drawn(edit, 9) for step in _steps(chain) if _pastes(step)}
        for edit in (Edit.NINTH, Edit.STICKER, Edit.SQUEEZED)
    }
    assert areas == {Edit.NINTH: {1 / 9}, Edit.STICKER: {1 / 9}, Edit.SQUEEZED: {0.3}}


def _steps(chain: Chain) -> list[object]:
    inner = (step.steps if isinstance(step, Chain) else (step,) for step in chain.steps)
    return [step for steps in inner for step in steps]


def _pastes(step: object) -> TypeGuard[Inset | Sticker]:
    return isinstance(step, Inset | Sticker)


def test_text_covers_a_part_of_the_picture() -> None:
    white = np.full((300, 300, 3), 120, np.uint8)
    inked = [
        float((np.abs(chain.steps[0](white).astype(int) - 120) > 5).any(axis=2).mean())
        for chain in _drawn(Edit.TEXT, 60)
    ]
    assert min(inked) > 0.003
    assert 0.01 < np.mean(inked) < 0.15
    assert max(inked) < 0.25


def test_twice_is_two_different_edits() -> None:
    for chain in _drawn(Edit.TWICE):
        assert len(chain.steps) == 3
        assert chain.steps[0] != chain.steps[1]
        assert not isinstance(chain.steps[0], Inset | Quarters)


def test_what_is_drawn_never_changes_under_one_name() -> None:
    """Features are cached by name: who changes what is drawn must change the name, too."""
    drawn = {
        edit: draw_edit(edit, edited(edit, MATERIALS).generator("ab" * 32), MATERIALS)
        for edit in (Edit.CROP, Edit.RECOLOUR)
    }
    box = (0.33249929694683467, 0.08910903977801235, 0.8838479423428575, 0.9959762356534281)
    assert drawn[Edit.CROP] == Chain((Crop(box), Jpeg(77)))
    colour = Recolour(
        0.7137196664938253, 0.8202770009068512, 1.159839520073687, 0.44292838296649106
    )
    assert drawn[Edit.RECOLOUR] == Chain((colour, Jpeg(72)))
