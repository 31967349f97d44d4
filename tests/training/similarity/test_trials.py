from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models import Features
from tests.training.creators import everybody, people
from training.data.manifest import Row
from training.errors import TooFewImages
from training.similarity.style_fit import StyleRecipe
from training.similarity.trials import (
    DRAWS,
    ENROLLED,
    FEWEST,
    FOLDS,
    SEEDS,
    HeldOut,
    TrainingSet,
    deals,
    draw_trial,
    unseen_grounds,
)


def test_nobody_plays_two_parts():
    _, names = people()
    trial = draw_trial(names, everybody(names), np.random.default_rng(0))
    parts = [*trial.enrolled.values(), trial.known, trial.unknown]
    every = np.concatenate(parts)
    assert len(every) == len(set(every.tolist()))
    assert len(trial.enrolled) == round(ENROLLED * 24)
    assert set(names[trial.known]) == set(trial.enrolled)
    assert not set(names[trial.unknown]) & set(trial.enrolled)


def test_a_trial_takes_only_the_chosen_and_needs_enough_works():
    _, names = people()
    chosen = np.isin(names, ["c00", "c01", "c02", "c03"])
    trial = draw_trial(names, chosen, np.random.default_rng(0))
    assert set(names[np.concatenate([trial.known, trial.unknown])]) <= {"c00", "c01", "c02", "c03"}
    _, few = people(each=FEWEST - 1)
    with pytest.raises(TooFewImages, match="at least"):
        draw_trial(few, everybody(few), np.random.default_rng(0))


@given(
    st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("uvwxyz")), min_size=12),
    st.sampled_from(HeldOut),
)
def test_a_head_sees_nothing_of_those_who_are_held_out(works, held_out):
    assume(min(len({work[part] for work in works}) for part in (0, 1)) >= FOLDS)
    rows = [
        Row(i, f"{i}.png", Path(f"{i}.png"), "human", source=source, creator=creator)
        for i, (creator, source) in enumerate(works)
    ]
    dealt = list(deals(rows, held_out, seeds=(0,)))
    assert len(dealt) == FOLDS
    assert (np.sum([one.held for one in dealt], axis=0) == 1).all()
    for one in dealt:
        held = {works[i][0] for i in np.flatnonzero(one.held)}
        assert not held & {works[i][0] for i in np.flatnonzero(one.seen)}
        if held_out is HeldOut.SOURCES:
            sources = {works[i][1] for i in np.flatnonzero(one.held)}
            assert not sources & {works[i][1] for i in np.flatnonzero(one.seen)}


def test_every_head_is_asked_in_several_trials():
    vectors, names = people()
    nothing = np.zeros((len(names), 1, 2), np.float32)
    seen = Features(vectors, vectors[:, None], nothing, nothing, encoder="fake")
    rows = tuple(Row(i, str(i), None, "human", creator=name) for i, name in enumerate(names))
    recipe = StyleRecipe({"class_tokens": 1.0}, components=8, length=8)
    works, nobody = TrainingSet(rows, (seen,)), TrainingSet((), (seen[:0],))
    grounds = list(unseen_grounds(works, nobody, seen[:4], recipe, HeldOut.CREATORS))
    assert len({one.seed for one in grounds}) == len(grounds) == len(SEEDS) * FOLDS * DRAWS
    of_one_head = [one for one in grounds if one.seed[:2] == (0, 0)]
    assert len({id(one.styles) for one in of_one_head}) == 1
    assert len({frozenset(one.trial.enrolled) for one in of_one_head}) > 1
