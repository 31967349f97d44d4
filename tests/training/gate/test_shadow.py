from datetime import UTC, datetime, timedelta

import pytest

from evidence import Verdict
from models.shadow_answers import ShadowAnswer
from training.gate.shadow import shadow_figures

AI, HUMAN, UNSURE = Verdict.AI, Verdict.HUMAN, Verdict.INCONCLUSIVE


def answer(i: int, before: Verdict, after: Verdict, **more: object) -> ShadowAnswer:
    values: dict[str, object] = {
        "at": datetime(2026, 11, 1, tzinfo=UTC) + timedelta(hours=i),
        "sha256": f"{i:064x}",
        "champion": "a" * 64,
        "challenger": "b" * 64,
        "champion_probability": 0.5,
        "challenger_probability": i / 1000,
        "champion_verdict": before,
        "challenger_verdict": after,
        "partial": i % 4 == 0,
    }
    return ShadowAnswer(**(values | more))  # type: ignore[arg-type]


def test_what_would_change_and_who_would_be_accused() -> None:
    answers = [answer(i, HUMAN, HUMAN) for i in range(90)]
    answers += [answer(90 + i, UNSURE, AI) for i in range(6)]
    answers += [answer(96 + i, AI, HUMAN) for i in range(4)]
    (found,) = shadow_figures(reversed(answers), {})
    assert (found.uploads, found.newly_ai.value, found.no_longer_ai.value) == (100, 0.06, 0.04)
    assert found.partial.value == 0.25
    assert found.verdicts == {(HUMAN, HUMAN): 90, (UNSURE, AI): 6, (AI, HUMAN): 4}
    assert found.first[0] == f"{95:064x}"
    assert len(found.first) == 6
    assert found.until - found.since == timedelta(hours=99)
    assert found.labelled == ()


def test_labels_say_who_is_wrong() -> None:
    answers = [answer(i, AI if i < 4 else HUMAN, AI if i < 1 else HUMAN) for i in range(40)]
    labels = {f"{i:064x}": "human" for i in range(20)} | {f"{i:064x}": "ai" for i in range(20, 25)}
    (found,) = shadow_figures(answers, labels)
    human, ai = found.labelled
    assert (human.label, human.n, human.champion, human.challenger) == ("human", 20, 0.2, 0.05)
    assert human.change.value == pytest.approx(-0.15)
    assert human.change.low < human.change.high <= 0
    assert (ai.label, ai.n, ai.champion, ai.change.value) == ("ai", 5, 1.0, 0.0)


def test_pairs_are_told_apart_and_an_image_counts_once() -> None:
    answers = [
        answer(1, HUMAN, HUMAN),
        answer(2, AI, AI, sha256=f"{1:064x}"),
        answer(3, AI, AI, challenger="d" * 64),
    ]
    later, earlier = shadow_figures(answers, {})
    assert (later.challenger, later.uploads) == ("d" * 64, 1)
    assert (earlier.uploads, earlier.verdicts) == (1, {(AI, AI): 1})
    assert shadow_figures([], {}) == ()
