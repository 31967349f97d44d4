import numpy as np
import pytest

from tests.training.creators import everybody, people
from training.errors import TooFewImages
from training.similarity.trials import ENROLLED, FEWEST, draw_trial


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
