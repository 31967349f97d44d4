from collections import Counter
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from imaging import Corner, ImagingError, decode, decode_for_view, detail_view, global_view
from imaging.perturbations.web import (
    Blur,
    Chain,
    Crop,
    Fit,
    Jpeg,
    Mirror,
    Recolour,
    Resize,
    Screenshot,
    Tier,
    WebP,
)
from training.data.augmentation import (
    CLEAN,
    HARD,
    TIERS,
    WEB,
    augmented,
    detail,
    recompressed,
    restyled,
)

SIZE = 32
EVERY = (
    CLEAN,
    WEB,
    HARD,
    recompressed(HARD),
    augmented(1),
    augmented(2),
    restyled(1),
    restyled(2),
    detail(0),
    detail(3, HARD),
)


def _file(seed: int = 0, size: tuple[int, int] = (300, 200)) -> bytes:
    cells = np.random.default_rng(seed).integers(0, 256, (9, 12, 3)).astype(np.uint8)
    out = BytesIO()
    Image.fromarray(cells).resize(size, Image.Resampling.BICUBIC).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("treatment", EVERY, ids=lambda t: t.name)
def test_a_view_depends_on_the_file_and_the_treatment_alone(treatment) -> None:
    first, image = treatment.view(_file(), SIZE)
    assert first.shape == (SIZE, SIZE, 3)
    assert first.dtype == np.uint8
    again, _ = treatment.view(_file(), SIZE)
    np.testing.assert_array_equal(first, again)
    assert image.sha256 == decode(_file()).sha256


def test_names_tell_treatments_apart() -> None:
    names = [treatment.name for treatment in EVERY]
    assert len(set(names)) == len(names)
    assert names[-2:] == ["clean-detail-0", "hard-detail-3"]
    assert [TIERS[tier].name for tier in Tier] == ["clean", "web", "hard"]


def test_clean_is_what_serving_sees() -> None:
    view, image = CLEAN.view(_file(size=(900, 700)), SIZE)
    np.testing.assert_array_equal(
        view, global_view(decode_for_view(_file(size=(900, 700)), SIZE), SIZE)
    )
    assert (image.width, image.height) == (900, 700)


def test_views_of_one_degradation_show_the_same_degraded_image() -> None:
    _, whole = HARD.view(_file(), SIZE)
    cut, image = detail(1, HARD).view(_file(), SIZE)
    np.testing.assert_array_equal(whole.pixels, image.pixels)
    np.testing.assert_array_equal(cut, detail_view(whole, SIZE, Corner.BOTTOM_RIGHT))
    assert max(whole.pixels.shape[:2]) < 300, "half its size, whatever the screenshot adds"
    assert (whole.width, whole.height) == whole.pixels.shape[1::-1]


def test_files_and_copies_are_degraded_differently() -> None:
    chains = {repr(HARD.draw(HARD.generator(decode(_file(seed)).sha256))) for seed in range(8)}
    assert len(chains) == 8
    one, two = (augmented(k).view(_file(), SIZE)[0] for k in (1, 2))
    assert (one != two).any()


def test_copies_for_training_are_drawn_as_stated() -> None:
    draw = augmented(1).draw
    drawn = [draw(np.random.default_rng(seed)).steps for seed in range(2000)]
    found = Counter(type(step) for steps in drawn for step in {type(s): s for s in steps}.values())
    rates = {kind: found[kind] / 2000 for kind in (Resize, Blur, Screenshot)}
    assert rates == pytest.approx({Resize: 0.7, Blur: 0.2, Screenshot: 0.15}, abs=0.04)
    mirrored = sum(isinstance(s[-1], Mirror) for s in drawn) / 2000
    assert mirrored == pytest.approx(0.5, abs=0.04)
    for steps in drawn:
        codecs = [step for step in steps if isinstance(step, Jpeg | WebP)]
        assert 1 <= len(codecs) <= 2
        assert all(30 <= codec.quality <= 95 for codec in codecs)
        assert all(0.4 <= step.factor <= 1.3 for step in steps if isinstance(step, Resize))


def test_what_is_drawn_never_changes_under_one_name() -> None:
    """Features are cached by name: who changes what is drawn must change the name, too."""
    drawn = {t.name: t.draw(t.generator("ab" * 32)) for t in (WEB, HARD, augmented(1))}
    assert drawn["web"] == Chain((Fit(1024), Jpeg(73)))
    shot = Screenshot(1.208398341620252, 0.02344720246065468, 32)
    assert drawn["hard"] == Chain((Jpeg(37), Resize(0.5), shot, Jpeg(49)))
    shot = Screenshot(1.2501507811101444, 0.03995512981406889, 245)
    steps = (Resize(0.5553952285114518), Jpeg(57, "444"), shot, WebP(57), Mirror())
    assert drawn["augmented-1"] == Chain(steps)


@pytest.mark.parametrize("size", [(17, 40_000), (16, 16)])
def test_extreme_sides_do_not_stop_it(size: tuple[int, int]) -> None:
    for treatment in (WEB, HARD, *(augmented(k) for k in range(1, 9))):
        view, image = treatment.view(_file(size=size), SIZE)
        assert view.shape == (SIZE, SIZE, 3)
        assert max(image.width, image.height) < 16_383


def test_a_bad_file_is_an_imaging_error() -> None:
    for treatment in EVERY:
        with pytest.raises(ImagingError):
            treatment.view(_file()[:200], SIZE)


def test_restyling_crops_recolours_and_mirrors_as_often_as_it_says() -> None:
    drawn = [restyled(1).draw(np.random.default_rng(i)).steps for i in range(2000)]

    def share(kind, condition=lambda step: True) -> float:
        return np.mean([any(isinstance(s, kind) and condition(s) for s in d) for d in drawn])

    assert share(Crop) == pytest.approx(0.8, abs=0.03)
    assert share(Recolour, lambda s: s.saturation == 0) == pytest.approx(0.25, abs=0.03)
    assert share(Recolour) == pytest.approx(0.25 + 0.75 * 0.7, abs=0.03)
    assert share(Mirror) == pytest.approx(0.5, abs=0.04)
    assert share((Jpeg, WebP)) == 1
    areas = [
        (s.box[2] - s.box[0]) * (s.box[3] - s.box[1])
        for d in drawn
        for s in d
        if isinstance(s, Crop)
    ]
    assert min(areas) > 0.3
    assert max(areas) <= 1
