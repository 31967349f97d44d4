import csv

import cv2
import numpy as np
import pdqhash
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from imaging import decode_for_view, sketch
from imaging.perturbations.web import Blur, Jpeg, perturbed
from similarity.copies.pdq import (
    LEAST_QUALITY,
    MOST_SURE,
    SAME_BITS,
    distance,
    hash_of,
    hashes_of,
    sureness,
    with_negative,
)
from tests.similarity.drawings import drawing

# By the specification: up to 31 bits apart, two pictures are taken for the same.
SAME = 31


def test_the_same_picture_hashes_alike_and_another_does_not():
    hashed, quality = hash_of(drawing(1))
    assert hashed.dtype == np.uint8
    assert hashed.shape == (32,)
    assert quality >= LEAST_QUALITY
    assert distance(hashed, hash_of(drawing(1))[0]) == 0
    assert distance(hashed, hash_of(drawing(2))[0]) > 80


def test_a_flat_picture_says_nothing():
    assert hash_of(np.full((100, 140), 200, np.uint8))[1] < LEAST_QUALITY


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("turns", range(4))
def test_every_position_is_found(turns, mirrored):
    original = drawing(3, 256, 256)
    turned = np.rot90(original[:, ::-1] if mirrored else original, turns)
    work, _ = hash_of(original)
    positions = hashes_of(np.ascontiguousarray(turned))
    assert positions.shape == (8, 32)
    assert distance(positions, work).min() == 0


@pytest.mark.parametrize("seed", range(4))
def test_a_negative_has_all_other_bits(seed):
    picture = drawing(seed)
    hashes = with_negative(hashes_of(picture))
    assert hashes.shape == (9, 32)
    np.testing.assert_array_equal(hashes[:8], hashes_of(picture))
    assert distance(hashes[8], hash_of(255 - picture)[0]) <= 4


def test_the_first_position_is_the_picture_as_it_is():
    picture = drawing(4)
    np.testing.assert_array_equal(hashes_of(picture)[0], hash_of(picture)[0])


@given(arrays(np.uint8, (128, 128)) | st.integers(0, 99).map(lambda i: drawing(i, 128, 128)))
def test_what_pdq_takes_of_a_picture_hashes_as_the_whole_of_it(picture):
    bits, quality = pdqhash.compute(cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB))
    hashed, sure = hash_of(picture)
    np.testing.assert_array_equal(hashed, np.packbits(bits.astype(np.uint8)))
    assert sure == quality


@given(arrays(np.uint8, (5, 32)), arrays(np.uint8, (32,)))
def test_distance_counts_bits(rows, one):
    expected = [
        sum((int(a) ^ int(b)).bit_count() for a, b in zip(row, one, strict=True)) for row in rows
    ]
    assert distance(rows, one).tolist() == expected


@given(st.tuples(st.integers(1, 90), st.integers(1, 90)), st.integers(0, 2**32))
def test_any_size_has_a_hash(shape, seed):
    picture = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
    hashed, quality = hash_of(picture)
    assert hashed.shape == (32,)
    assert 0 <= quality <= 100
    assert hashes_of(picture).shape == (8, 32)


def test_recompressed_works_keep_their_hash(data_dir):
    with (data_dir / "manifest.csv").open(newline="") as lines:
        humans = [r for r in csv.DictReader(lines) if r["label"] == "human"]
    near, judged = 0, 0
    for row in humans[:: len(humans) // 30]:
        image = decode_for_view((data_dir / row["path"]).read_bytes(), 224)
        work, quality = hash_of(sketch(image))
        if quality < LEAST_QUALITY:
            continue
        judged += 1
        edited = perturbed(perturbed(image, Blur(1.5)), Jpeg(30))
        near += int(distance(work, hash_of(sketch(edited))[0]) <= SAME)
    assert judged >= 20
    assert near >= 0.9 * judged


def test_a_hash_alone_is_never_as_sure_as_a_proof():
    sure = [sureness(bits) for bits in range(257)]
    assert sure == sorted(sure, reverse=True)
    assert sure[0] == MOST_SURE < 1
    assert sure[SAME_BITS] == 0.5
    assert sure[2 * SAME_BITS] == sure[-1] == 0
