import pytest
from hypothesis import given
from hypothesis import strategies as st

from similarity.errors import StateEnded
from similarity.gallery.known_works import KnownWorks
from tests.similarity.fakes import MemoryGallery, consent, enrol, new_work

WORKS = 8


def enrolled():
    gallery = MemoryGallery()
    enrol(gallery, "Ann", consent(), [new_work(str(number)) for number in range(WORKS)])
    return gallery


class Counted:
    """Counts what is read of a state."""

    def __init__(self, state):
        self.state = state
        self.read = []

    def works(self, ids):
        self.read += ids
        return self.state.works(ids)


@given(
    st.lists(st.lists(st.integers(0, WORKS + 3), unique=True), max_size=8),
    st.integers(0, 2 * WORKS),
)
def test_they_are_the_works_of_the_state_in_the_order_of_the_ids(questions, most):
    state = enrolled().state()
    known = KnownWorks(state, most)
    for ids in questions:
        assert list(known(ids).items()) == list(state.works(ids).items())


def test_each_is_read_once():
    counted = Counted(enrolled().state())
    known = KnownWorks(counted)
    for ids in ([1, 2, 3], [3, 2], [2, 5, 1]):
        known(ids)
    assert counted.read == [1, 2, 3, 5]


def test_what_was_taken_out_is_not_read_any_more():
    gallery = enrolled()
    known = KnownWorks(gallery.state())
    gallery.withdraw("Ann")
    with pytest.raises(StateEnded):
        known([1])
