from dataclasses import replace

import cv2
import numpy as np
import pytest

from similarity.copies.known_pictures import known_pictures
from similarity.copies.pdq import hash_of
from similarity.description import USABLE_QUALITY
from similarity.gallery.creators import SharedWork
from tests.similarity import fakes
from tests.similarity.drawings import drawing
from tests.similarity.fakes import MemoryGallery, consent, new_work


def work(name, picture):
    hashed, quality = hash_of(picture)
    new = new_work(name)
    return replace(
        new, description=replace(new.description, hash=hashed, hash_quality=max(quality, 50))
    )


def saved_anew(picture):
    """Smaller, and compressed."""
    small = cv2.resize(picture, (240, 180), interpolation=cv2.INTER_AREA)
    return cv2.imdecode(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], 0)


@pytest.fixture
def gallery():
    made = MemoryGallery()
    fakes.enrol(made, "Ann", consent(), [work(f"a{i}", drawing(i)) for i in range(8)])
    return made


def test_a_work_that_another_has_as_another_file_is_told(gallery):
    new = [work("copy", saved_anew(drawing(3))), work("own", drawing(50))]
    (found,) = known_pictures(gallery.state(), "Bob", new)
    assert found == SharedWork("copy", found.other, exact=False)
    assert (found.other.creator, found.other.name) == ("Ann", "a3")


def test_neither_a_creators_own_nor_the_same_file_is_told(gallery):
    new = work("copy", saved_anew(drawing(3)))
    assert known_pictures(gallery.state(), "Ann", [new]) == ()
    same = gallery.state().works_of("Ann")[3].sha256
    assert known_pictures(gallery.state(), "Bob", [replace(new, sha256=same)]) == ()


def test_pictures_of_which_the_hash_says_nothing_are_not_told(gallery):
    blank = work("blank", np.full((200, 300), 255, np.uint8))
    fakes.enrol(gallery, "Cy", consent(), [replace(blank, name="other", sha256="0" * 64)])
    flat = replace(blank, description=replace(blank.description, hash_quality=USABLE_QUALITY - 1))
    assert known_pictures(gallery.state(), "Bob", [flat]) == ()
    assert known_pictures(gallery.state(), "Bob", []) == ()


def test_an_empty_index_knows_none():
    assert known_pictures(MemoryGallery().state(), "Bob", [work("a", drawing(1))]) == ()
