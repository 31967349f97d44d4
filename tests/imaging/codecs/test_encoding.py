from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from imaging import ImagingError, decode
from imaging.codecs.encoding import encoding_facts
from tests.imaging.conftest import SAMPLES


def test_every_format_states_its_size(sample):
    facts = encoding_facts(sample.data)
    image = decode(sample.data)
    assert (facts.format, facts.bytes) == (image.format, len(sample.data))
    assert (facts.width, facts.height) == (image.width, image.height)
    assert (facts.luma is None) == (sample.format != "jpeg")


def test_quantisation_tables_and_subsampling_of_a_jpeg(chart, encoded):
    image = Image.fromarray(chart())
    fine = encoding_facts(encoded(image, "JPEG", quality=95, subsampling=0))
    coarse = encoding_facts(encoded(image, "JPEG", quality=40, subsampling=2, progressive=True))
    assert fine.luma < coarse.luma
    assert fine.chroma < coarse.chroma
    assert (fine.subsampling, fine.progressive) == ("444", False)
    assert (coarse.subsampling, coarse.progressive) == ("420", True)
    # The tables of Annex K, which libjpeg scales by 1 at a quality of 50.
    standard = encoding_facts(encoded(image, "JPEG", quality=50))
    assert (standard.luma, standard.chroma) == (3688 / 64, 5505 / 64)


def test_a_grey_jpeg_has_one_table(chart, encoded):
    facts = encoding_facts(encoded(Image.fromarray(chart()).convert("L"), "JPEG"))
    assert facts.luma is not None
    assert facts.chroma is None


def test_the_header_is_enough(chart, encoded):
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3)).astype(np.uint8)
    data = encoded(Image.fromarray(noise), "JPEG")
    whole = encoding_facts(data)
    part = encoding_facts(data[:2000])
    assert (part.width, part.luma, part.bytes) == (200, whole.luma, 2000)


@settings(max_examples=300)
@given(
    st.sampled_from([sample.data for sample in SAMPLES.values()]),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=12),
    st.floats(0, 1),
)
def test_damage_is_an_imaging_error(data, changes, kept):
    damaged = bytearray(data)
    for place, value in changes:
        # Headers are where it matters.
        damaged[int(place**3 * (len(damaged) - 1))] = value
    with suppress(ImagingError):
        facts = encoding_facts(bytes(damaged[: int(kept * len(damaged))]))
        assert facts.width > 0
        assert facts.height > 0


@given(st.binary(max_size=300))
def test_what_is_no_image_is_refused(data):
    with pytest.raises(ImagingError):
        encoding_facts(data)
