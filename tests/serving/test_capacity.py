import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.capacity import Queue, arrivals, cores_for


def states(queue: Queue, longest: int = 4000) -> np.ndarray:
    """How often so many uploads are in the house, from the balance between neighbouring states."""
    leave = np.minimum(np.arange(1, longest), queue.cores) * queue.per_core
    odds = np.concatenate([[0.0], np.cumsum(np.log(queue.arrivals / leave))])
    chance = np.exp(odds - odds.max())
    return np.asarray(chance / chance.sum())


@given(cores=st.integers(1, 40), per_core=st.floats(0.1, 50), utilisation=st.floats(0.01, 0.95))
def test_the_formulas_are_those_of_the_states(
    cores: int, per_core: float, utilisation: float
) -> None:
    queue = Queue(utilisation * per_core * cores, per_core, cores)
    chance = states(queue)
    waiting = chance[cores:].sum()
    assert queue.waiting == pytest.approx(waiting, rel=1e-6, abs=1e-12)
    # Little's law: those who wait come to the rate of arrivals times how long they wait.
    queued = (np.arange(chance.size - cores) * chance[cores:]).sum()
    assert queue.mean_wait == pytest.approx(queued / queue.arrivals, rel=1e-6, abs=1e-12)
    assert queue.wait(0.999999) >= queue.wait(0.5) >= 0


def test_one_core_waits_as_the_textbook_says() -> None:
    queue = Queue(arrivals=0.8, per_core=1.0, cores=1)
    assert queue.waiting == pytest.approx(0.8)
    assert queue.mean_wait == pytest.approx(4.0)
    assert queue.wait(0.9) == pytest.approx(math.log(8) / 0.2)
    assert queue.wait(0.1) == 0


def test_too_few_cores_never_catch_up() -> None:
    queue = Queue(arrivals=10, per_core=1, cores=10)
    assert (queue.waiting, queue.mean_wait, queue.wait(0.5)) == (1, math.inf, math.inf)


@given(rate=st.floats(0.01, 200), wait=st.floats(0.01, 60))
def test_the_fewest_cores_that_do(rate: float, wait: float) -> None:
    cores = cores_for(rate, 2.0, wait=wait)
    assert Queue(rate, 2.0, cores).wait(0.99) <= wait
    assert cores == 1 or Queue(rate, 2.0, cores - 1).wait(0.99) > wait


def test_a_day_has_its_busiest_hour() -> None:
    assert arrivals(86_400) == 1
    assert arrivals(86_400, busiest=3) == 3


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Queue(0, 1, 1),
        lambda: Queue(1, 0, 1),
        lambda: Queue(1, 1, 0),
        lambda: Queue(1, 2, 1).wait(1),
        lambda: cores_for(1, 1, wait=0),
    ],
)
def test_what_is_no_queue_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        wrong()  # type: ignore[operator]
