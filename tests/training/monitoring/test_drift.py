from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from models import DetectorArtefact
from models.artefact.detector import RANGES
from models.artefact.registry import SHIPPED
from tests.training.monitoring.test_next_labels import seen
from training.monitoring.drift import Reference, drift, nearest, reference_of
from training.monitoring.seen import Seen

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
AI = np.array([1, 1, 1, 2, 3, 4, 6, 10, 22, 50]) / 100
REFERENCE = Reference(AI, AI[::-1].copy())


def week(chances: np.ndarray, n: int, rng: np.random.Generator, days: int = 0) -> list[Seen]:
    places = rng.choice(RANGES, n, p=chances)
    at = MONDAY + timedelta(days=days)
    return [replace(seen(i, (place + 0.5) / RANGES), at=at) for i, place in enumerate(places)]


def test_more_pictures_by_an_ai_are_no_drift() -> None:
    rng = np.random.default_rng(0)
    uploads = [
        one
        for i, share in enumerate((0.05, 0.5, 0.9))
        for one in week(share * REFERENCE.ai + (1 - share) * REFERENCE.human, 800, rng, 7 * i)
    ]
    found = drift(uploads, REFERENCE)
    assert [one.monday.day for one in found] == [2, 9, 16]
    assert not any(one.drifted for one in found)
    assert [one.ai_share for one in found] == pytest.approx([0.05, 0.5, 0.9], abs=0.08)


def test_what_no_mixture_explains_is_drift() -> None:
    rng = np.random.default_rng(0)
    odd = np.full(RANGES, 0.1)
    (found,) = drift(week(odd, 800, rng), REFERENCE)
    assert found.drifted
    assert found.drift > 0.2 > found.by_chance


def test_chance_alone_is_rarely_called_drift() -> None:
    rng = np.random.default_rng(1)
    mixture = 0.3 * REFERENCE.ai + 0.7 * REFERENCE.human
    called = [drift(week(mixture, 100, rng), REFERENCE)[0].drifted for _ in range(60)]
    assert sum(called) <= 4


def test_few_uploads_say_nothing_and_services_are_apart() -> None:
    rng = np.random.default_rng(0)
    some = week(REFERENCE.ai, 60, rng)
    other = [replace(one, service="novels", far=True) for one in some]
    assert not drift(some[:49], REFERENCE)
    found = drift([*some, *other], REFERENCE)
    assert [(one.service, one.far.value) for one in found] == [("comics", 0), ("novels", 1)]


def test_the_nearest_mixture_by_search() -> None:
    counts = np.round(1000 * (0.37 * REFERENCE.ai + 0.63 * REFERENCE.human)).astype(int)
    ai_share, distance = nearest(counts, REFERENCE)
    assert ai_share == pytest.approx(0.37)
    assert distance < 0.01


def test_the_reference_of_what_ships() -> None:
    found = reference_of(DetectorArtefact.load(SHIPPED / "networks-v2-int8"))
    for one in (found.ai, found.human):
        assert one.shape == (RANGES,)
        assert one.sum() == pytest.approx(1)
    centres = (np.arange(RANGES) + 0.5) / RANGES
    assert found.human @ centres < 0.35 < 0.65 < found.ai @ centres
