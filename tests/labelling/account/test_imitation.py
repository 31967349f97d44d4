"""Repeated imitation of one creator: what counts, and against whom."""

from dataclasses import replace

import pytest

from labelling import Confirmation, Post
from labelling.account.imitation import imitation
from labelling.account.innocent import InnocentAccounts, Measured
from labelling.account.signals import AccountSignal, AccountSignalName
from labelling.context import Context
from labelling.history import History
from labelling.policy.document import ImitationSetting
from tests.labelling.account.histories import NOW, history, near, post, posts

INNOCENT = InnocentAccounts(3, {3: Measured(199, tuple(n / 100 for n in range(199)))}, {})
"""Of 199 innocent accounts, the most surprising reaches 1.98 nats."""

SETTING = ImitationSetting(times=3, within_days=90, rate=0.01)
WEAK = {"searched": True, "likenesses": (near("Mary", 0.1),)}
"""A likeness that says nothing by itself: of ten works by others, one comes as near."""

UPLOAD = post("upload", **WEAK)


def imitates(
    upload: Post, past: History, setting: ImitationSetting = SETTING
) -> AccountSignal | None:
    context = Context(service="comics", at=NOW, account="ann")
    return imitation(upload, context, past, setting, INNOCENT)


def test_many_weak_likenesses_to_one_creator_are_strong_together() -> None:
    signal = imitates(UPLOAD, history(*posts(4, **WEAK)))
    assert signal is not None
    assert signal.name is AccountSignalName.IMITATION
    assert signal.creator == "Mary"
    assert len(signal.works) == 5
    assert signal.p_value == 1 / 200
    assert "5 works within 90 days, 5 come near to works of Mary" in signal.reason.text
    assert "0.5 % of 199 accounts" in signal.reason.text
    assert imitates(UPLOAD, history(*posts(1, **WEAK))) is None


def test_all_works_count_also_those_that_are_near_to_nobody() -> None:
    elsewhere = posts(20, name="other", searched=True)
    assert imitates(UPLOAD, history(*posts(4, **WEAK), *elsewhere)) is None
    unknown = posts(20, name="other")
    assert imitates(UPLOAD, history(*posts(4, **WEAK), *unknown)) is None


def test_likenesses_to_several_creators_do_not_add_up() -> None:
    others = [post(f"o-{n}", 1, searched=True, likenesses=(near(f"C{n}", 0.1),)) for n in range(4)]
    assert imitates(UPLOAD, history(*others)) is None


def test_it_never_rests_on_works_of_ones_own() -> None:
    past = history(*posts(4, **WEAK))
    assert imitates(UPLOAD, replace(past, creators=("Mary",))) is None
    # Works of one's own lie near to others', too: nearer to oneself, they count for nobody.
    own = {"searched": True, "likenesses": (near("Ann", 0.001, 2), near("Mary", 0.1))}
    mine = replace(past, posts=posts(4, **own), creators=("Ann",))
    assert imitates(UPLOAD, mine) is None
    assert imitates(post("upload", **own), replace(past, creators=("Ann",))) is None
    copied = {**WEAK, "copies": ("Ann",)}
    assert imitates(UPLOAD, replace(mine, posts=posts(4, **copied))) is None


@pytest.mark.parametrize("change", [{"plain": True}, {"searched": False}, {"likenesses": ()}])
def test_a_work_that_tells_nothing_brings_nothing_up(change: dict[str, object]) -> None:
    assert imitates(replace(UPLOAD, **change), history(*posts(9, **WEAK))) is None
    past = history(*(replace(one, **change) for one in posts(4, **WEAK)))
    assert imitates(UPLOAD, past) is None


def test_a_rate_below_what_was_measured_is_never_reached() -> None:
    past = history(*posts(40, **WEAK))
    assert imitates(UPLOAD, past, SETTING.model_copy(update={"rate": 0.005})) is not None
    assert imitates(UPLOAD, past, SETTING.model_copy(update={"rate": 0.004})) is None


def test_so_many_works_at_least() -> None:
    past = history(*posts(4, **WEAK))
    assert imitates(UPLOAD, past, SETTING.model_copy(update={"times": 5})) is not None
    assert imitates(UPLOAD, past, SETTING.model_copy(update={"times": 6})) is None


def test_a_moderator_confirms_works_and_creator() -> None:
    past = history(*posts(4, **WEAK))
    signal = imitates(UPLOAD, past)
    assert signal is not None
    assert not signal.confirmed
    said = Confirmation("imitation", NOW, signal.works, "Mary")
    assert imitates(UPLOAD, replace(past, confirmations=(said,))) == replace(signal, confirmed=True)
    for other in (replace(said, creator="Ann"), replace(said, works=signal.works[:-1])):
        assert imitates(UPLOAD, replace(past, confirmations=(other,))) == signal
