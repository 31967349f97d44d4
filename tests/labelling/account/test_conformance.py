"""What holds of every signal, whatever the history."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence import CreatorVerdict
from labelling import Context, History, Likeness, Post, Request, ServiceNorm
from labelling.account.find import FINDERS
from labelling.account.signals import AccountSignalName
from labelling.policy.document import (
    DeliverySetting,
    FloodSetting,
    ImitationSetting,
    Repeated,
    SignalSettings,
)
from tests.evidence.building import built
from tests.labelling.account.histories import NOW

DAYS = 10.0
REPEATED = Repeated(times=3, within_days=DAYS)
SETTINGS = dict.fromkeys(AccountSignalName, REPEATED) | {
    AccountSignalName.IMITATION: ImitationSetting(times=3, within_days=DAYS, rate=0.05),
    AccountSignalName.FLOOD: FloodSetting(times=3, within_days=DAYS, norms=1.5),
    AccountSignalName.FAST_DELIVERY: DeliverySetting(share=0.5, known=2),
}
NAMES = sorted(FINDERS)
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=9)), timezone(timedelta(hours=-11))])


def times(low: float = -20, high: float = 20) -> st.SearchStrategy[datetime]:
    shifted = st.floats(low, high).map(lambda days: NOW + timedelta(days=days))
    return st.builds(lambda at, zone: at.astimezone(zone), shifted, ZONES)


CREATORS = st.sampled_from(["Mary", "Paul"])
LIKENESSES = st.lists(
    st.builds(
        Likeness,
        st.integers(1, 2),
        CREATORS,
        st.floats(1e-6, 1),
        st.sampled_from(CreatorVerdict),
    ),
    max_size=2,
    unique_by=lambda one: one.creator,
).map(tuple)
MAYBE = st.none() | times()
POSTS = st.builds(
    Post,
    work=st.sampled_from([f"work-{n}" for n in range(12)]),
    at=times(),
    deleted_at=MAYBE,
    declared_ai=st.sampled_from([None, True, False]),
    likenesses=LIKENESSES,
    searched=st.booleans(),
    copies=st.lists(CREATORS, max_size=2, unique=True).map(tuple),
    plain=st.booleans(),
    outside_links=st.integers(0, 3),
)
ACCOUNTS = st.sampled_from(["ann", "ben", "cleo", "dora"])
REQUESTS = st.builds(
    Request,
    request=st.sampled_from("abcdefgh"),
    client=ACCOUNTS,
    creator=ACCOUNTS,
    placed_at=times(),
    same_as=st.sampled_from("xy"),
    accepted_at=MAYBE,
    cancelled_at=MAYBE,
    delivered_at=MAYBE,
)
HISTORIES = st.builds(
    History,
    account=st.just("ann"),
    since=times(-200, 0),
    until=st.just(NOW),
    posts=st.lists(POSTS, max_size=12, unique_by=lambda one: one.work).map(tuple),
    requests=st.lists(REQUESTS, max_size=8, unique_by=lambda one: one.request).map(tuple),
    creators=st.sampled_from([(), ("Mary",), ("Mary", "Paul")]),
    norm=st.none() | st.builds(ServiceNorm, st.floats(0, 1), st.integers(0, 10)),
    truncated=st.booleans(),
)
UPLOADS = st.builds(replace, POSTS, at=st.just(NOW), work=st.just("upload"))
CONTEXT = Context(service="comics", at=NOW, account="ann", request="a")
EVERY = pytest.mark.parametrize("name", NAMES)


def find(name: AccountSignalName, upload: Post, history: History) -> Any:
    return FINDERS[name](upload, CONTEXT, history, SETTINGS[name])


@EVERY
@given(upload=built(Post), history=built(History))
def test_it_answers_whatever_stands_in_a_history(
    name: AccountSignalName, upload: Post, history: History
) -> None:
    signal = find(name, upload, history)
    if signal is not None:
        assert signal.name is name
        assert signal.works


@EVERY
@given(upload=UPLOADS, history=HISTORIES, data=st.data())
def test_the_order_of_a_history_does_not_matter(
    name: AccountSignalName, upload: Post, history: History, data: st.DataObject
) -> None:
    shuffled = replace(
        history,
        posts=tuple(data.draw(st.permutations(history.posts))),
        requests=tuple(data.draw(st.permutations(history.requests))),
    )
    assert find(name, upload, shuffled) == find(name, upload, history)


@EVERY
@given(upload=UPLOADS, history=HISTORIES, zone=ZONES)
def test_clocks_of_other_zones_tell_the_same(
    name: AccountSignalName, upload: Post, history: History, zone: timezone
) -> None:
    moved = replace(
        history, posts=tuple(replace(one, at=one.at.astimezone(zone)) for one in history.posts)
    )
    told, before = find(name, upload, moved), find(name, upload, history)
    assert (told and told.reason) == (before and before.reason)


@EVERY
@given(upload=UPLOADS, history=HISTORIES)
def test_what_is_outside_the_days_never_counts(
    name: AccountSignalName, upload: Post, history: History
) -> None:
    signal = find(name, upload, history)
    if signal is not None and name not in _ABOUT_REQUESTS:
        at = {one.work: one.at for one in history.posts} | {upload.work: upload.at}
        assert all(NOW - timedelta(days=DAYS) <= at[work] <= NOW for work in signal.works)


@EVERY
@given(upload=UPLOADS, history=HISTORIES, more=st.integers(1, 5))
def test_more_of_the_same_never_makes_a_signal_vanish(
    name: AccountSignalName, upload: Post, history: History, more: int
) -> None:
    signal = find(name, upload, history)
    if signal is None or name in _ABOUT_REQUESTS:
        return
    # Untruncated: of a longer history, no older part is left out.
    known = {one.work: one for one in history.posts} | {upload.work: upload}
    again = tuple(
        replace(known[work], work=f"{work} again {n}") for work in signal.works for n in range(more)
    )
    told = find(name, upload, replace(history, posts=history.posts + again))
    assert told is not None
    assert told.creator != signal.creator or set(signal.works) <= set(told.works)


@EVERY
@given(upload=UPLOADS, history=HISTORIES)
def test_no_signal_is_about_a_creator_who_owns_the_account(
    name: AccountSignalName, upload: Post, history: History
) -> None:
    signal = find(name, upload, history)
    if signal is not None and signal.creator is not None:
        assert signal.creator not in history.creators
        own = {
            one.work for one in (*history.posts, upload) if set(one.copies) & set(history.creators)
        }
        assert not own & set(signal.works)


@EVERY
@given(upload=UPLOADS, history=HISTORIES, text=st.text(max_size=30))
def test_hostile_names_stay_data(
    name: AccountSignalName, upload: Post, history: History, text: str
) -> None:
    hostile = f"{{0}}[{text}|]{{creator:phrase}}%s</script>"
    renamed = replace(
        history, posts=tuple(replace(one, work=one.work + hostile) for one in history.posts)
    )
    told, before = find(name, upload, renamed), find(name, upload, history)
    assert (told and told.reason) == (before and before.reason)


def test_every_signal_has_a_finder_and_a_setting() -> None:
    assert set(FINDERS) == set(AccountSignalName)
    assert {name.value for name in AccountSignalName} == set(SignalSettings.model_fields)


_ABOUT_REQUESTS = (AccountSignalName.FAST_DELIVERY, AccountSignalName.SAME_REQUEST)
