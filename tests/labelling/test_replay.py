"""What a replay counts."""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from labelling import Action, Decision
from labelling.replay import EXAMPLES, Replay, Replayed
from tests.evidence.building import built

DECISIONS = built(Decision)


@given(st.lists(st.tuples(st.none() | DECISIONS, DECISIONS), max_size=30))
def test_every_upload_is_counted_once(pairs: list[tuple[Decision | None, Decision]]) -> None:
    replay = Replay()
    given_ = [Replayed(str(number), *pair) for number, pair in enumerate(pairs)]
    changed = list(replay.count(given_))
    assert replay.decided == len(pairs) == replay.transitions.total()
    assert changed == [one for one in given_ if one.changed]
    assert replay.changed == len(changed)
    moved = [one for one in changed if one.before is None or one.before.action != one.after.action]
    assert replay.harsher + replay.milder == len(moved)
    assert replay.transitions == Counter(one.actions for one in given_)
    assert all(len(shown) <= EXAMPLES for shown in replay.examples.values())


@given(DECISIONS)
def test_the_same_decision_is_no_change(decision: Decision) -> None:
    replay = Replay()
    assert not list(replay.count([Replayed("x", decision, decision)]))
    assert (replay.decided, replay.changed) == (1, 0)


@given(DECISIONS)
def test_asking_for_more_is_harsher(decision: Decision) -> None:
    mild = replace(decision, action=Action.PUBLISH, actions=(Action.PUBLISH,))
    severe = replace(decision, action=Action.DELIST, actions=(Action.DELIST,))
    replay = Replay()
    assert len(list(replay.count([Replayed("x", mild, severe), Replayed("y", severe, mild)]))) == 2
    assert (replay.harsher, replay.milder) == (1, 1)
    assert len(list(Replay().count([Replayed("x", None, mild)]))) == 1
