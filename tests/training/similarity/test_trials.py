import numpy as np
import pytest

from tests.training.dealing import everybody, people
from training.errors import TooFewImages
from training.similarity.trials import ENROLLED, FEWEST, deal_folds, take_deal


def test_nobody_plays_two_parts():
    _, names = people()
    deal = take_deal(names, everybody(names), np.random.default_rng(0))
    parts = [*deal.enrolled.values(), deal.known, deal.unknown]
    every = np.concatenate(parts)
    assert len(every) == len(set(every.tolist()))
    assert len(deal.enrolled) == round(ENROLLED * 24)
    assert set(names[deal.known]) == set(deal.enrolled)
    assert not set(names[deal.unknown]) & set(deal.enrolled)


def test_a_deal_takes_only_the_chosen_and_needs_enough_works():
    _, names = people()
    chosen = np.isin(names, ["c00", "c01", "c02", "c03"])
    deal = take_deal(names, chosen, np.random.default_rng(0))
    assert set(names[np.concatenate([deal.known, deal.unknown])]) <= {"c00", "c01", "c02", "c03"}
    _, few = people(each=FEWEST - 1)
    with pytest.raises(TooFewImages, match="at least"):
        take_deal(few, everybody(few), np.random.default_rng(0))


def test_folds_part_creators_and_never_their_works():
    _, names = people()
    for seed in (0, 1):
        fold = deal_folds(names, seed)
        assert all(len(set(fold[names == name])) == 1 for name in set(names))
        assert set(np.bincount(fold[::8])) == {8}
    assert (deal_folds(names, 0) != deal_folds(names, 1)).any()
