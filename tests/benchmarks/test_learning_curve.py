import numpy as np

from benchmarks.learning_curve import SHARES, drawn

LABELS = ["ai"] * 40 + ["human"] * 60
GROUPS = [f"generator {i % 4}" for i in range(40)] + [f"creator {i % 20}" for i in range(60)]


def test_a_share_is_of_the_groups_of_each_class_and_larger_ones_hold_the_smaller() -> None:
    before = np.zeros(100, bool)
    for share in SHARES:
        among = drawn(LABELS, GROUPS, share)
        assert not (before & ~among).any()
        kept = {(a, b) for a, b, one in zip(LABELS, GROUPS, among, strict=True) if one}
        assert sum(label == "ai" for label, _ in kept) == max(1, round(share * 4))
        assert sum(label == "human" for label, _ in kept) == max(1, round(share * 20))
        before = among
    assert before.all()


def test_a_group_is_drawn_whole_and_by_the_seed() -> None:
    among = drawn(LABELS, GROUPS, 0.5)
    for group in set(GROUPS):
        assert len({bool(among[i]) for i, one in enumerate(GROUPS) if one == group}) == 1
    assert (among == drawn(LABELS, GROUPS, 0.5)).all()
    assert (among != drawn(LABELS, GROUPS, 0.5, seed=1)).any()
