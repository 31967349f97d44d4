from dataclasses import replace

import numpy as np
import pytest

from evidence.similarity import CopyVerdict
from imaging import DecodedImage, sketch
from imaging.perturbations.evasive_edits import Duotone
from imaging.perturbations.web import Jpeg
from similarity.copies.first_look import RATHER, VERY
from similarity.copies.keypoints import extract, pack, unpack
from similarity.copies.pdq import SAME_BITS, hash_of, sureness
from similarity.copies.search import OF_PART, CopyQuery, CopySearch
from similarity.copies.verification import prove
from tests.similarity.drawings import drawing
from tests.similarity.fakes import IDENTITY, MemoryGallery, consent, enrol, new_work, unit
from tests.similarity.thresholds import COPIES

WORKS = 5


def state_of_works(cosine):
    """Drawings, whose copy vectors all have a cosine to the first axis."""
    gallery = MemoryGallery()
    made = []
    for seed in range(WORKS):
        new = new_work(str(seed), regions=1)
        vector = unit(np.random.default_rng(seed).normal(size=IDENTITY.copy))
        vector[0] = 0
        vector *= np.sqrt(1 - cosine**2) / np.linalg.norm(vector)
        vector[0] = cosine
        description = replace(new.description, copy=vector[None], hash_quality=0)
        made.append(
            replace(new, description=description, local=pack(extract(drawing(seed, 480, 360))))
        )
    enrol(gallery, "Ann", consent(), made)
    return gallery.state()


def upload():
    """A description that lies along the first axis; there is no hash."""
    first = np.eye(1, IDENTITY.copy, dtype=np.float32)
    return replace(new_work("upload").description, copy=first, hash_quality=0)


@pytest.mark.parametrize("cosine", [RATHER - 0.1, RATHER + 0.1, VERY + 0.1])
@pytest.mark.parametrize("seed", [0, 3, 50])
def test_works_that_are_more_and_less_alike_are_proven_as_the_definition_says(cosine, seed):
    state = state_of_works(cosine)
    sketch = np.ascontiguousarray(drawing(seed, 480, 360)[30:300, 80:420])
    (found,) = CopySearch(state, state.works, COPIES).search([CopyQuery(upload(), sketch)])
    expected = {}
    for id_, data in state.local_features(range(1, WORKS + 1)).items():
        proof = prove(extract(sketch), unpack(data), COPIES)
        if proof is not None and proof.score >= COPIES.review:
            expected[id_] = proof
    assert [match.work_id for match in found] == list(expected)
    assert all(match.score == expected[match.work_id].score for match in found)
    assert [match.verdict for match in found] == [CopyVerdict.COPY] * (seed < WORKS)


def test_a_candidate_is_as_alike_as_its_nearest_part():
    state = state_of_works(0.3)
    asked = upload()
    asked = replace(asked, copy=np.concatenate([-asked.copy, asked.copy]))
    (found,) = CopySearch(state, state.works, COPIES).candidates([CopyQuery(asked, drawing(0))])
    assert len(found) == OF_PART
    assert all(one.cosine == pytest.approx(0.3, abs=1e-3) for one in found.values())


@pytest.mark.parametrize(
    ("bits", "verdict", "code"),
    [
        (12, CopyVerdict.COPY, "copy_hash"),
        (SAME_BITS, CopyVerdict.COPY, "copy_hash"),
        (SAME_BITS + 1, CopyVerdict.REVIEW, "copy_hash_unproven"),
        (58, None, None),
    ],
)
def test_a_near_hash_tells_what_the_pixels_do_not(bits, verdict, code):
    sketch = drawing(50, 480, 360)
    hashed, quality = hash_of(sketch)
    flipped = np.unpackbits(hashed)
    flipped[:bits] ^= 1
    gallery = MemoryGallery()
    new = new_work("other", regions=1)
    description = replace(new.description, hash=np.packbits(flipped), hash_quality=quality)
    local = pack(extract(drawing(51, 480, 360)))
    enrol(gallery, "Ann", consent(), [replace(new, description=description, local=local)])
    state = gallery.state()
    asked = replace(upload(), hash=hashed, hash_quality=quality)
    (found,) = CopySearch(state, state.works, COPIES).search([CopyQuery(asked, sketch)])
    assert [match.verdict for match in found] == ([] if verdict is None else [verdict])
    if found:
        assert found[0].reason.code == code
        assert found[0].score == sureness(bits)


def state_with(sketch):
    """One work that is found by its hash and its keypoints."""
    hashed, quality = hash_of(sketch)
    new = new_work("0", regions=1)
    description = replace(new.description, hash=hashed, hash_quality=quality)
    work = replace(new, description=description, local=pack(extract(sketch)))
    gallery = MemoryGallery()
    enrol(gallery, "Ann", consent(), [work])
    return gallery.state()


def test_what_the_pixels_prove_keeps_its_reason():
    sketch = drawing(0, 480, 360)
    state = state_with(sketch)
    hashed, quality = hash_of(sketch)
    asked = replace(upload(), hash=hashed, hash_quality=quality)
    search = CopySearch(state, state.works, COPIES)
    query = CopyQuery(asked, sketch[:, ::-1].copy())
    ((match,),) = search.search([query])
    assert match.reason.code == "copy_points"
    assert match.mirrored
    ((candidate,),) = (found.values() for found in search.candidates([query]))
    assert candidate.hashed.mirrored


@pytest.mark.parametrize("seed", range(3))
def test_a_copy_in_colours_of_one_lightness_is_found_whichever_of_them_was_the_lighter(seed):
    work = drawing(seed, 480, 360)
    state = state_with(work)
    red, green = (212.0, 85.0, 128.0), (44.0, 171.0, 128.0)
    for inks in ((red, green), (green, red)):
        printed = Jpeg(85)(Duotone(*inks)(np.dstack([work] * 3)))
        drawn = sketch(DecodedImage(printed, 480, 360, "jpeg", ""))
        hashed, quality = hash_of(drawn)
        asked = replace(upload(), hash=hashed, hash_quality=quality)
        ((match,),) = CopySearch(state, state.works, COPIES).search([CopyQuery(asked, drawn)])
        assert match.verdict is CopyVerdict.COPY
        assert not match.mirrored
