from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.feature_store.shards import INDEX, TOKENS, Shards, encoder_of, forget


def digest(i: int) -> str:
    return f"{i:064x}"


def fill(folder: Path, shards: int = 3, each: int = 4, *, tokens: bool = False) -> list[str]:
    """Shards of images whose one number is that of the image."""
    folder.mkdir(exist_ok=True)
    for number in range(shards):
        images = np.arange(each) + number * each
        stored = np.tile(images[:, None, None], (1, 2, 3)).astype(np.float16) if tokens else None
        Shards(folder, "fake:1").write([digest(i) for i in images], {"value": images}, stored)
    return [digest(i) for i in range(shards * each)]


def test_what_was_written_is_found_in_the_order_that_is_asked_for(tmp_path: Path) -> None:
    every = fill(tmp_path)
    shards = Shards(tmp_path, "fake:1")
    assert shards.digests(tokens=False) == set(every)
    assert shards.digests(tokens=True) == set()
    wanted = [every[i] for i in (11, 0, 5, 5)]
    assert shards.gather(wanted, ["value"])["value"].tolist() == [11, 0, 5, 5]


def test_shards_that_are_not_asked_for_are_not_opened(tmp_path: Path) -> None:
    every = fill(tmp_path)
    Shards(tmp_path, "fake:1").digests(tokens=False)
    contents = {path: path.read_bytes() for path in tmp_path.glob("*.safetensors")}
    for path, data in contents.items():  # of the right size, and unreadable
        path.write_bytes(b"\xff" * len(data))
    assert Shards(tmp_path, "fake:1").digests(tokens=False) == set(every)
    first = next(path for path, data in contents.items() if bytes.fromhex(every[0]) in data)
    first.write_bytes(contents[first])
    assert Shards(tmp_path, "fake:1").gather(every[:4], ["value"])["value"].tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"x": 1}', b"\xff\xfe", b'{"x": {}}'])
def test_a_damaged_or_missing_index_is_made_again(damage: bytes, tmp_path: Path) -> None:
    every = fill(tmp_path)
    assert Shards(tmp_path, "fake:1").digests(tokens=False) == set(every)
    whole = (tmp_path / INDEX).read_bytes()
    (tmp_path / INDEX).write_bytes(damage)
    assert Shards(tmp_path, "fake:1").digests(tokens=False) == set(every)
    assert (tmp_path / INDEX).read_bytes() == whole


@given(st.binary(max_size=200))
def test_whatever_stands_in_the_index_nothing_breaks(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    folder = tmp_path_factory.mktemp("shards")
    every = fill(folder, 1)
    (folder / INDEX).write_bytes(data)
    assert Shards(folder, "fake:1").digests(tokens=False) == set(every)


def test_a_shard_of_another_size_is_read_anew_and_a_damaged_one_goes(tmp_path: Path) -> None:
    every = fill(tmp_path)
    Shards(tmp_path, "fake:1").digests(tokens=False)
    path = next(tmp_path.glob("*.safetensors"))
    path.write_bytes(path.read_bytes()[:-3])
    assert len(Shards(tmp_path, "fake:1").digests(tokens=False)) == len(every) - 4
    assert not path.exists()


def test_another_encoders_shards_are_passed_over_and_left_alone(tmp_path: Path) -> None:
    fill(tmp_path)
    assert Shards(tmp_path, "fake:2").digests(tokens=False) == set()
    assert len(list(tmp_path.glob("*.safetensors"))) == 3


def test_tokens_are_found_and_missed_where_their_file_is_gone(tmp_path: Path) -> None:
    every = fill(tmp_path, tokens=True)
    shards = Shards(tmp_path, "fake:1")
    assert shards.digests(tokens=True) == set(every)
    assert shards.tokens(every).read(np.array([7, 2]))[:, 0, 0].tolist() == [7, 2]
    next((tmp_path / TOKENS).glob("*")).unlink()
    assert len(shards.digests(tokens=True)) == len(every) - 4
    assert shards.digests(tokens=False) == set(every)


@pytest.mark.parametrize("tokens", [False, True])
def test_images_that_came_one_by_one_are_merged(tmp_path: Path, tokens: bool) -> None:
    every = fill(tmp_path, 300, 1, tokens=tokens)
    shards = Shards(tmp_path, "fake:1")
    before = shards.gather(every, ["value"])["value"]
    shards.merge()
    assert [len(files) for files in (list(tmp_path.glob("*.safetensors")),)] == [2]
    assert shards.digests(tokens=tokens) == set(every)
    np.testing.assert_array_equal(shards.gather(every, ["value"])["value"], before)
    if tokens:
        assert len(list((tmp_path / TOKENS).glob("*.safetensors"))) == 2
        stored = shards.tokens(every).read(np.arange(300))
        np.testing.assert_array_equal(stored[:, 0, 0], np.arange(300))
    shards.merge()
    assert len(list(tmp_path.glob("*.safetensors"))) == 2, "few small ones do no harm"


def test_full_shards_those_of_others_and_the_same_image_twice(tmp_path: Path) -> None:
    Shards(tmp_path, "other:1").write([digest(0)], {"value": np.arange(1)}, None)
    fill(tmp_path, 2, 200)
    for i in range(10):
        names = [digest(1000 + i), digest(2000)]
        Shards(tmp_path, "fake:1").write(names, {"value": np.array([i, 7])}, None)
    shards = Shards(tmp_path, "fake:1")
    shards.merge()
    assert len(list(tmp_path.glob("*.safetensors"))) == 4
    assert shards.gather([digest(1003), digest(2000)], ["value"])["value"].tolist() == [3, 7]
    assert shards.names() == ("value",)


def test_the_encoder_of_a_folder_is_told(tmp_path: Path) -> None:
    assert encoder_of(tmp_path) is None
    (tmp_path / "a.safetensors").write_bytes(b"no")
    assert encoder_of(tmp_path) is None
    fill(tmp_path)
    assert encoder_of(tmp_path) == "fake:1"


def test_a_damaged_shard_keeps_nothing_from_being_forgotten(tmp_path: Path) -> None:
    every = fill(tmp_path / "a")
    damaged = tmp_path / "a" / "0000.safetensors"
    damaged.write_bytes(b"no shard")
    assert forget(tmp_path, every[:1]) == 1
    assert not damaged.exists()
    assert Shards(tmp_path / "a", "fake:1").digests(tokens=False) == set(every[1:])
