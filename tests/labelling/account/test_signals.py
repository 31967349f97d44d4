"""What each signal counts, and what it does not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from evidence import EvidenceKind, Verdict
from labelling import Confirmation, Request
from labelling.account.flood import usual
from labelling.account.signals import AccountSignalName as Name
from labelling.policy.document import DeliverySetting, FloodSetting, Repeated
from tests.labelling.account.histories import NORM, NOW, ago, found, history, post, posts

THRICE = Repeated(times=3, within_days=30)
FLOOD = FloodSetting(times=20, within_days=1, norms=3)
DELIVERY = DeliverySetting(share=0.1, known=3)

KINDS = {
    Name.POST_AND_DELETE: {"deleted_at": ago(0.5)},
    Name.OUTSIDE_LINKS: {"outside_links": 2},
    Name.LOW_INFORMATION: {"plain": True},
    Name.FALSE_DECLARATION: {
        "declared_ai": False,
        "verdict": Verdict.AI,
        "evidence": EvidenceKind.STATED,
    },
    Name.IMPERSONATION: {"copies": ("Mary",)},
}
"""What a work is like that adds to a signal."""

OF_THIS_WORK = sorted(KINDS.keys() - {Name.POST_AND_DELETE})
"""Signals that only a work brings up which adds to them."""


@pytest.mark.parametrize("name", KINDS)
def test_so_many_within_the_days_make_a_signal(name: Name) -> None:
    upload = post("upload", **KINDS[name]) if name in OF_THIS_WORK else post("upload")
    needed = 2 if name in OF_THIS_WORK else 3
    kind = KINDS[name]
    signal = found(name, upload, history(*posts(needed, **kind), post("other", 3)), THRICE)
    assert signal is not None
    assert signal.name is name
    assert len(signal.works) == 3
    assert "other" not in signal.works
    assert "3" in signal.reason.text
    assert "30 days" in signal.reason.text
    assert found(name, upload, history(*posts(needed - 1, **kind)), THRICE) is None
    outside = history(*posts(needed, days=30.5, **kind))
    assert found(name, upload, outside, THRICE) is None


@pytest.mark.parametrize("name", OF_THIS_WORK)
def test_a_work_that_adds_nothing_brings_nothing_up(name: Name) -> None:
    assert found(name, post("upload"), history(*posts(9, **KINDS[name])), THRICE) is None


@pytest.mark.parametrize("name", KINDS)
def test_it_is_confirmed_for_these_works_by_this_name_alone(name: Name) -> None:
    upload = post("upload", **KINDS[name]) if name in OF_THIS_WORK else post("upload")
    past = history(*posts(3, **KINDS[name]))
    signal = found(name, upload, past, THRICE)
    assert signal is not None
    assert not signal.confirmed
    said = Confirmation(name, NOW, (*signal.works, "another"), signal.creator)
    for told, confirms in (
        (said, True),
        (replace(said, works=signal.works[1:]), False),
        (replace(said, signal="flood"), False),
        (replace(said, creator="Somebody"), False),
    ):
        told_of = found(name, upload, replace(past, confirmations=(told,)), THRICE)
        assert told_of == replace(signal, confirmed=confirms)


def test_a_work_that_is_told_twice_counts_once() -> None:
    again = posts(2, plain=True) * 2
    assert found(Name.LOW_INFORMATION, again[-1], history(*again), THRICE) is None


@pytest.mark.parametrize(
    ("declared", "verdict", "evidence", "false"),
    [
        (False, Verdict.AI, EvidenceKind.PROVEN, True),
        (False, Verdict.AI, EvidenceKind.STATED, True),
        (True, Verdict.HUMAN, EvidenceKind.PROVEN, True),
        (False, Verdict.AI, EvidenceKind.INFERRED, False),
        (True, Verdict.HUMAN, EvidenceKind.INFERRED, False),
        (False, Verdict.AI, EvidenceKind.DECLARED, False),
        (True, Verdict.AI, EvidenceKind.PROVEN, False),
        (False, Verdict.HUMAN, EvidenceKind.PROVEN, False),
        (False, Verdict.INCONCLUSIVE, EvidenceKind.PROVEN, False),
        (None, Verdict.AI, EvidenceKind.PROVEN, False),
    ],
)
def test_only_proofs_and_statements_contradict_a_declaration(
    declared: bool | None, verdict: Verdict, evidence: EvidenceKind, false: bool
) -> None:
    works = posts(3, declared_ai=declared, verdict=verdict, evidence=evidence)
    signal = found(Name.FALSE_DECLARATION, works[-1], history(*works[:-1]), THRICE)
    assert (signal is not None) is false


def test_copies_of_ones_own_works_are_no_impersonation() -> None:
    works = posts(4, copies=("Mary",))
    own = history(*works[:-1], creators=("Mary",))
    assert found(Name.IMPERSONATION, works[-1], own, THRICE) is None
    assert found(Name.IMPERSONATION, works[-1], replace(own, creators=()), THRICE) is not None
    # A picture of which both hold a part is not held against its owner either.
    both = posts(4, copies=("Mary", "Paul"))
    assert found(Name.IMPERSONATION, both[-1], replace(own, posts=both[:-1]), THRICE) is None


def test_impersonation_is_about_the_creator_of_most_works() -> None:
    upload = post("upload", copies=("Mary", "Paul"))
    past = history(*posts(2, copies=("Mary",)), *posts(3, name="more", copies=("Paul",)))
    signal = found(Name.IMPERSONATION, upload, past, THRICE)
    assert signal is not None
    assert (signal.creator, len(signal.works)) == ("Paul", 4)


def test_a_flood_exceeds_both_norms_and_is_never_below_so_many() -> None:
    def floods(count: int, before: int = 0, **more: object) -> bool:
        past = [one for day in range(2, 40) for one in posts(before, day, f"day-{day}")]
        told = history(*posts(count - 1, 0.5), *past, **{"norm": NORM, "since": ago(40), **more})
        return found(Name.FLOOD, post("upload"), told, FLOOD) is not None

    assert floods(31)
    assert not floods(30)
    assert floods(31, before=10)
    assert not floods(31, before=11)
    assert not floods(31, norm=None)
    assert not floods(31, since=ago(1.5))
    assert not floods(19, norm=replace(NORM, posts_a_day=0.1))
    assert floods(20, norm=replace(NORM, posts_a_day=0.1))


def test_the_usual_is_the_median_of_what_is_known() -> None:
    past = [*posts(9, 0.5), *posts(2, 1.5, "b"), *posts(4, 2.5, "c"), *posts(6, 3.5, "d")]
    assert usual(history(*past, since=ago(4)), NOW, 1) == 4
    assert usual(history(*past, since=ago(9)), NOW, 1) == 0
    assert usual(history(*past, since=ago(9), truncated=True), NOW, 1) == 2
    assert usual(history(since=ago(1.9)), NOW, 1) is None


def request(name: str, placed: float, took: float | None = None, **more: object) -> Request:
    accepted = {"accepted_at": ago(placed), "delivered_at": ago(placed - took)} if took else {}
    told = {"client": "client", "creator": "ann", "same_as": name, **accepted, **more}
    return Request(name, placed_at=ago(placed), **told)


def test_a_delivery_is_held_against_the_creators_own_median() -> None:
    before = [request(f"old-{n}", 100, took) for n, took in enumerate((8, 10, 40))]
    upload = post("upload")

    def fast(placed: float, *past: Request) -> bool:
        told = history(requests=(*past, request("this", placed)))
        return found(Name.FAST_DELIVERY, upload, told, DELIVERY, "this") is not None

    assert fast(0.9, *before)
    assert not fast(1.0, *before)
    assert not fast(0.9, *before[1:])
    assert not fast(-1, *before)
    after = replace(before[0], delivered_at=NOW + timedelta(days=1))
    assert not fast(0.9, after, *before[1:])
    of_others = [replace(one, creator="ben") for one in before]
    assert not fast(0.9, *of_others)
    told = history(requests=(*before, request("this", 0.9)))
    assert found(Name.FAST_DELIVERY, upload, told, DELIVERY) is None
    assert found(Name.FAST_DELIVERY, upload, told, DELIVERY, "unknown") is None


def test_requests_that_were_offered_around() -> None:
    def one(creator: str, **more: object) -> Request:
        told = {"client": "ann", "creator": creator, "same_as": "text", **more}
        return request(creator, 5, **told)

    accepted = one("ben", accepted_at=ago(3))
    withdrawn = [one(name, cancelled_at=ago(2)) for name in ("cleo", "dora")]

    def around(*requests: Request) -> bool:
        told = history(requests=requests)
        return found(Name.SAME_REQUEST, post("upload"), told, THRICE) is not None

    assert around(accepted, *withdrawn)
    assert around(*reversed([accepted, *withdrawn]))
    assert not around(accepted, withdrawn[0])
    assert not around(*withdrawn, one("emma", cancelled_at=ago(2)))
    assert not around(accepted, withdrawn[0], replace(withdrawn[1], cancelled_at=ago(4)))
    assert not around(accepted, withdrawn[0], replace(withdrawn[1], same_as="other"))
    assert not around(accepted, withdrawn[0], replace(withdrawn[0], request="again"))
    assert not around(*(replace(each, client="fay") for each in (accepted, *withdrawn)))
    assert not around(*(replace(each, placed_at=ago(31)) for each in (accepted, *withdrawn)))
