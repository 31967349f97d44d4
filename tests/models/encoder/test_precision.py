"""The choice of a precision, with encoders and a clock that the test makes."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from models import ON_CPU, Features, Precision
from models.encoder.features import Views
from models.encoder.precision import FILE_NAME, choose_precision, synthetic_views
from models.errors import PrecisionUnavailable
from tests.fakes import FakeEncoder


@dataclass
class Bench:
    """A clock, and encoders that take a set time on it and are wrong by a set amount."""

    seconds: dict[Precision, float]
    wrong: dict[Precision, float] = field(default_factory=dict)
    not_made: tuple[Precision, ...] = ()
    not_computed: tuple[Precision, ...] = ()
    now: float = 0.0
    made: list[Precision] = field(default_factory=list)

    def make(self, precision: Precision) -> "TimedEncoder":
        self.made.append(precision)
        if precision in self.not_made:
            raise PrecisionUnavailable("not on this CPU")
        return TimedEncoder(self, precision)

    def clock(self) -> float:
        return self.now

    def choose(self, cache: Path, key: str = "cpu", exact: Callable[[], bool] = lambda: True):
        return choose_precision(cache, key, self.make, exact, clock=self.clock)


@dataclass
class TimedEncoder:
    bench: Bench
    precision: Precision
    id: str = "fake:1"
    size: int = 224

    def encode(self, views: Views) -> Features:
        self.bench.now += self.bench.seconds[self.precision]
        if self.precision in self.bench.not_computed:
            raise PrecisionUnavailable("not on this CPU")
        features = FakeEncoder().encode(views)
        embedding = features.embedding.copy()
        embedding[:, 0] += self.bench.wrong.get(self.precision, 0.0)
        embedding /= np.linalg.norm(embedding, axis=1, keepdims=True)
        return replace(features, embedding=embedding)


SPEEDS = {
    Precision.FP32: 4.0,
    Precision.BF16: 3.0,
    Precision.INT8: 2.0,
    Precision.INT8_BF16: 1.0,
}


def test_takes_the_fastest(tmp_path: Path) -> None:
    choice = Bench(SPEEDS).choose(tmp_path)
    assert choice.precision is Precision.INT8_BF16
    assert "int8-bf16: the fastest on this CPU" in choice.reason
    rates = {c.precision: c.images_per_second for c in choice.candidates}
    assert rates[Precision.INT8_BF16] == 4 * rates[Precision.FP32]


def test_bf16_may_be_slower_than_fp32(tmp_path: Path) -> None:
    slow = {**SPEEDS, Precision.BF16: 9.0, Precision.INT8_BF16: 8.0, Precision.INT8: 5.0}
    assert Bench(slow).choose(tmp_path).precision is Precision.FP32


def test_wrong_results_are_never_chosen(tmp_path: Path) -> None:
    wrong = {Precision.INT8_BF16: 1.0, Precision.BF16: 0.1}
    choice = Bench(SPEEDS, wrong).choose(tmp_path)
    assert choice.precision is Precision.INT8
    assert [c.precision for c in choice.candidates if not c.right] == [
        Precision.BF16,
        Precision.INT8_BF16,
    ]
    assert "int8-bf16 2.0 (wrong results)" in choice.reason


def test_saturating_sums_rule_int8_out(tmp_path: Path) -> None:
    choice = Bench(SPEEDS).choose(tmp_path, exact=lambda: False)
    assert choice.precision is Precision.BF16


def test_what_cannot_be_computed_in_is_left_out(tmp_path: Path) -> None:
    bench = Bench(SPEEDS, not_made=(Precision.INT8_BF16,), not_computed=(Precision.INT8,))
    choice = bench.choose(tmp_path)
    assert [c.precision for c in choice.candidates] == [Precision.FP32, Precision.BF16]
    assert choice.precision is Precision.BF16
    with pytest.raises(PrecisionUnavailable, match="int8"):
        choice.require(Precision.INT8)


def test_what_is_wrong_here_is_refused_by_name(tmp_path: Path) -> None:
    bench = Bench(SPEEDS, {Precision.BF16: 0.1})
    choice = bench.choose(tmp_path, exact=lambda: False)
    choice.require(Precision.FP32)
    for wrong in (Precision.BF16, Precision.INT8, Precision.INT8_BF16):
        with pytest.raises(PrecisionUnavailable, match=f"in the precision {wrong}: choose one of"):
            choice.require(wrong)
    bench.choose(tmp_path, exact=lambda: False).require(Precision.FP32)
    assert bench.made == list(ON_CPU), "remembered for a forced precision as for the choice"


def test_is_measured_once_for_each_key(tmp_path: Path) -> None:
    bench = Bench(SPEEDS)
    first = bench.choose(tmp_path)
    assert bench.choose(tmp_path) == first
    assert bench.made == list(ON_CPU)
    bench.choose(tmp_path, key="another cpu")
    assert bench.made == 2 * list(ON_CPU)
    assert bench.choose(tmp_path) == first


def test_a_damaged_memory_is_measured_again(tmp_path: Path) -> None:
    for text in ("", "[]", '{"cpu": {"precision": "fp7"}}'):
        (tmp_path / FILE_NAME).write_text(text)
        assert Bench(SPEEDS).choose(tmp_path).precision is Precision.INT8_BF16
    assert Bench(SPEEDS).choose(tmp_path / "missing").precision is Precision.INT8_BF16


def test_synthetic_views_are_the_same_everywhere() -> None:
    views = synthetic_views(2)
    np.testing.assert_array_equal(views, synthetic_views(2))
    assert views.std() > 30
    assert (views[0] != views[1]).any()
