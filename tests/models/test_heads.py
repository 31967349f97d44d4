from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save_file

from models.encoder.features import Features
from models.errors import BrokenHead
from models.heads import Head, LinearHead, NetworksHead, load_head, select


def _features(n: int, seed: int = 0) -> Features:
    rng = np.random.default_rng(seed)

    def draw(*shape: int) -> np.ndarray:
        return rng.normal(size=(n, *shape)).astype(np.float32)

    return Features(draw(4), draw(3, 5), draw(2, 5), draw(2, 5), encoder="fake:1")


def _head(inputs: tuple[str, ...], width: int) -> LinearHead:
    rng = np.random.default_rng(1)
    mean, weight = rng.normal(size=(2, width)).astype(np.float32)
    scale = rng.uniform(0.5, 2, width).astype(np.float32)
    return LinearHead(inputs, mean, scale, weight, bias=0.25)


def _networks(inputs: tuple[str, ...], width: int) -> NetworksHead:
    rng = np.random.default_rng(2)

    def draw(*shape: int) -> np.ndarray:
        return rng.normal(size=shape).astype(np.float32)

    scale = rng.uniform(0.5, 2, width).astype(np.float32)
    hidden = draw(3, 4, width).astype(np.float16)
    return NetworksHead(inputs, draw(width), scale, hidden, draw(3, 4), draw(3, 4), draw(3))


KINDS = {"linear": _head, "networks": _networks}


@pytest.fixture(params=KINDS, ids=str)
def make(request: pytest.FixtureRequest) -> Callable[[tuple[str, ...], int], Head]:
    """Every kind of head keeps the same promises."""
    return KINDS[request.param]


def test_networks_score_as_the_formula_says() -> None:
    features, head = _features(4), _networks(("class_tokens",), 15)
    for i in range(4):
        z = (features.class_tokens[i].ravel() - head.mean) / head.scale
        networks = [
            sum(
                o * max(sum(w * v for w, v in zip(row, z, strict=True)) + b, 0)
                for row, b, o in zip(hidden.tolist(), offset, out, strict=True)
            )
            + bias
            for hidden, offset, out, bias in zip(
                head.hidden, head.offset, head.out, head.bias, strict=True
            )
        ]
        assert head.score(features)[i] == pytest.approx(np.mean(networks), abs=1e-4)


def test_a_view_that_is_scored_twice_is_computed_once() -> None:
    head = _networks(("embedding",), 4)
    features = _features(3)
    once = head.score(features)
    np.testing.assert_array_equal(head.score(features), once)
    found = head._remembered.cache_info()  # type: ignore[attr-defined]
    assert (found.misses, found.hits) == (3, 3)


def test_scores_as_the_formula_says() -> None:
    features = _features(7)
    head = _head(("class_tokens", "patch_std"), 25)
    expected = []
    for i in range(7):
        x = [*features.class_tokens[i].ravel(), *features.patch_std[i].ravel()]
        z = [(v - m) / s for v, m, s in zip(x, head.mean, head.scale, strict=True)]
        expected.append(sum(a * b for a, b in zip(z, head.weight, strict=True)) + 0.25)
    np.testing.assert_allclose(head.score(features), expected, atol=1e-5)


@given(st.sampled_from(sorted(KINDS)), st.integers(1, 40), st.integers(0, 39))
def test_a_row_does_not_depend_on_its_batch(kind: str, n: int, i: int) -> None:
    head, features = KINDS[kind](("class_tokens",), 15), _features(40)
    i = min(i, n - 1)
    assert head.score(features[:n])[i] == head.score(features[i : i + 1])[0]


def test_no_views_no_scores(make: Callable[[tuple[str, ...], int], Head]) -> None:
    assert make(("class_tokens",), 15).score(_features(0)).shape == (0,)


def test_select_puts_arrays_side_by_side_in_order() -> None:
    features = _features(2)
    both = select(features, ("patch_mean", "embedding"))
    np.testing.assert_array_equal(both[:, :10], features.patch_mean.reshape(2, 10))
    np.testing.assert_array_equal(both[:, 10:], features.embedding)


def test_comes_back_from_its_file(
    make: Callable[[tuple[str, ...], int], Head], tmp_path: Path
) -> None:
    head = make(("class_tokens", "embedding"), 19)
    head.save(tmp_path / "head.safetensors")
    again = load_head(tmp_path / "head.safetensors")
    np.testing.assert_array_equal(again.score(_features(5)), head.score(_features(5)))
    assert again.kind == head.kind


def test_the_same_head_is_the_same_file(
    make: Callable[[tuple[str, ...], int], Head], tmp_path: Path
) -> None:
    files = {tmp_path / str(i) for i in range(5)}
    for path in files:
        make(("class_tokens",), 15).save(path)
    assert len({path.read_bytes() for path in files}) == 1


def test_refuses_features_of_another_width(
    make: Callable[[tuple[str, ...], int], Head],
) -> None:
    with pytest.raises(BrokenHead, match="reads 16 features and was given 15"):
        make(("class_tokens",), 16).score(_features(1))


@pytest.mark.parametrize("keep", [0, 7, 100, 300])
def test_refuses_a_truncated_file(
    make: Callable[[tuple[str, ...], int], Head], tmp_path: Path, keep: int
) -> None:
    path = tmp_path / "head.safetensors"
    make(("class_tokens",), 15).save(path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(BrokenHead):
        load_head(path)


def test_refuses_what_is_no_head(tmp_path: Path) -> None:
    path = tmp_path / "head.safetensors"
    save_file({"weight": np.ones(3, np.float32)}, path, metadata={"head": '{"kind": "forest"}'})
    with pytest.raises(BrokenHead, match="unknown kind: forest"):
        load_head(path)
    with pytest.raises(BrokenHead):
        load_head(tmp_path / "absent")
    one = np.ones(3, np.float32)
    with pytest.raises(BrokenHead, match="do not exist"):
        LinearHead(("no_such_array",), one, one, one, 0.0)
    with pytest.raises(BrokenHead, match="shape"):
        LinearHead(("embedding",), one, np.ones(2, np.float32), one, 0.0)
    with pytest.raises(BrokenHead, match="not finite"):
        LinearHead(("embedding",), one, one, np.full(3, np.nan, np.float32), 0.0)
    with pytest.raises(BrokenHead, match="scales of zero"):
        LinearHead(("embedding",), one, np.zeros(3, np.float32), one, 0.0)
    networks = _networks(("embedding",), 4)
    with pytest.raises(BrokenHead, match="shape"):
        replace(networks, offset=networks.offset[:, :3])
    with pytest.raises(BrokenHead, match="not finite"):
        replace(networks, out=np.full_like(networks.out, np.inf))
