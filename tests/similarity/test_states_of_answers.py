"""An answer is of one state, and says the same whenever that state is searched."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from models.artefact.manifest import StyleRates
from similarity.description import Description
from similarity.errors import StateEnded
from similarity.gallery.gallery import Gallery, NewWork
from similarity.gallery.open import open_gallery
from similarity.search import Similarity
from similarity.styles.open_set import Cohort, measure
from tests.similarity.fakes import IDENTITY, consent, enrol, new_work, unit
from tests.similarity.thresholds import COPIES

SKETCH = np.zeros((64, 64), np.uint8)

STRICT = COPIES.model_copy(update={"least_cosine": 0.99})
"""Vectors of few values are alike by chance."""


@dataclass
class Describer:
    """Describes an upload as it is told to; what happens meanwhile is up to the test."""

    description: Description
    meanwhile: list[Callable[[], object]] = field(default_factory=list)

    def describe_all(self, features: Sequence[object], sketches: object) -> list[Description]:
        while self.meanwhile:
            self.meanwhile.pop()()
        return [self.description] * len(features)


def vectors(person, count, spread=0.25):
    middle = np.random.default_rng(person).normal(size=IDENTITY.style)
    random = np.random.default_rng(1000 + person)
    return unit(middle + spread * random.normal(size=(count, IDENTITY.style)))


def works(person: int, count: int, first: int = 0) -> list[NewWork]:
    """Works of a person, each of whom draws alike."""
    found = []
    for number, style in enumerate(vectors(person, first + count)[first:], first):
        new = new_work(f"{person}.{number}")
        found.append(replace(new, description=replace(new.description, style=style)))
    return found


@pytest.fixture(scope="module")
def cohort():
    return Cohort(np.concatenate([vectors(500 + i, 4) for i in range(80)]), np.arange(320) // 4)


@pytest.fixture(params=["folder", "database"])
def opening(request, tmp_path, cohort) -> Iterator[Callable[..., Gallery]]:
    place = str(tmp_path / "index")
    if request.param == "database":
        place = request.getfixturevalue("postgres_url")
    opened = []

    def measuring(styles):
        return measure(styles, cohort)

    def opening(measuring=measuring, **options):
        options = options or {"create": True}
        opened.append(open_gallery(place, IDENTITY, measuring, **options))
        return opened[-1]

    yield opening
    for gallery in opened:
        gallery.close()


def similarity(gallery, cohort, upload) -> Similarity:
    describer = Describer(upload.description)
    return Similarity(gallery, describer, cohort, copies=STRICT, styles=StyleRates())


def ask(searching):
    return searching.search(None, SKETCH, sha256=searched_file)


searched_file = new_work("0.8").sha256


def test_what_comes_meanwhile_is_not_in_the_answer(opening, cohort):
    """The name is read first, and the searches come after it."""
    gallery, other = opening(), opening()
    for person in range(6):
        enrol(gallery, str(person), consent(), works(person, 5))
    (upload,) = works(0, 1, first=8)
    searching = similarity(gallery, cohort, upload)
    before = gallery.state().name
    assert ask(searching).copies == ()
    searching.describer.meanwhile.append(
        lambda: (enrol(other, "late", consent(), [upload]), gallery.state(newest=True))
    )
    evidence = ask(searching)
    assert evidence.index == before
    assert evidence.copies == ()
    assert "late" not in [one.creator for one in evidence.creators]
    gallery.state(newest=True)
    later = ask(searching)
    assert later.index == gallery.state().name != before
    assert [one.creator for one in later.copies] == ["late"]
    assert later.creators[0].creator in ("0", "late")


def test_what_is_withdrawn_meanwhile_is_in_no_answer(opening, cohort):
    gallery, other = opening(), opening()
    for person in range(6):
        enrol(gallery, str(person), consent(), works(person, 5))
    (upload,) = works(0, 1)
    searching = similarity(gallery, cohort, upload)
    state = gallery.state()
    known = searching.search(None, SKETCH, sha256=upload.sha256)  # Its works are in memory now.
    assert [one.creator for one in known.copies] == ["0"]
    searching.describer.meanwhile.append(lambda: other.withdraw("0"))
    evidence = ask(searching)
    assert evidence.index == other.state().name != state.name
    assert "0" not in [one.creator for one in evidence.creators]
    with pytest.raises(StateEnded):
        searching.at(state).search(None, SKETCH)


def test_a_state_is_kept_for_many_answers(opening, cohort):
    gallery = opening()
    for person in range(6):
        enrol(gallery, str(person), consent(), works(person, 5))
    (upload,) = works(0, 1, first=8)
    kept = similarity(gallery, cohort, upload).at(gallery.state())
    first = kept.search(None, SKETCH)
    for person in range(6, 12):
        enrol(gallery, str(person), consent(), works(person, 9))
    assert kept.search(None, SKETCH) == first
    assert similarity(gallery, cohort, upload).search(None, SKETCH) != first


def test_p_values_do_not_depend_on_the_age_of_the_process(opening, cohort):
    """The same query on the same index, by one that has searched before and by one that has not."""
    gallery = opening()
    for person in range(20):
        enrol(gallery, f"{person:02}", consent(), works(person, 3))
    (upload,) = works(3, 1, first=60)
    old = similarity(gallery, cohort, upload)
    first = ask(old)
    for person in range(20):
        enrol(gallery, f"{person:02}", consent(), works(person, 20, first=3))
    reading = opening(read_only=True)
    fresh_without_writing = ask(similarity(reading, cohort, upload))
    aged = ask(old)
    fresh = ask(similarity(opening(), cohort, upload))
    assert aged == fresh == fresh_without_writing
    assert aged.index != first.index
    assert aged.creators[0].p_value != first.creators[0].p_value


def test_what_others_computed_is_not_computed_again(opening, cohort):
    gallery = opening()
    for person in range(4):
        enrol(gallery, str(person), consent(), works(person, 3))
    (upload,) = works(3, 1, first=60)
    similarity(gallery, cohort, upload).settle()
    nulls = similarity(gallery, cohort, upload).at(gallery.state()).nulls()
    # Another cohort would give others: what is kept is taken.
    another = Cohort(cohort.styles[:40], cohort.people[:40])
    again = similarity(opening(read_only=True), another, upload)
    found = again.at(again.gallery.state()).nulls()
    np.testing.assert_array_equal(found.strangers.scores, nulls.strangers.scores)


def test_who_was_changed_without_a_model_is_measured_by_who_searches(opening, cohort):
    gallery = opening()
    for person in range(4):
        enrol(gallery, str(person), consent(), works(person, 6))
    (upload,) = works(1, 1, first=60)
    measured = gallery.remove("1", ["1.0"])
    assert measured.standing is not None
    right = ask(similarity(gallery, cohort, upload))
    enrol(gallery, "1", consent(), works(1, 1))
    assert opening(None).remove("1", ["1.0"]).standing is None
    reading = opening(read_only=True)
    assert reading.state().creator("1").standing is None
    assert ask(similarity(reading, cohort, upload)) == right
