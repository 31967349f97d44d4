import io
import pickle
import socket
import zipfile
from pathlib import Path

import fsspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import MissingExtra
from imaging import Limits
from serving.errors import SourceError
from serving.sources import addresses
from serving.sources.archives import members
from serving.sources.find_again import read_at
from serving.sources.item import File, Item, Locator
from serving.sources.source import Source
from tests.objects import KEY, SECRET, Storage, environment_of
from tests.scan.making import picture, write_tar, write_zip
from tests.serving.sources.test_files import outcome

FILES = {"a.png": picture(1), "in/b.jpg": picture(2, "JPEG"), "in/notes.txt": b"words"}


def items(*places: str) -> list[Item]:
    return list(Source(places).items(Limits()))


def found(*places: str) -> dict[str, str]:
    return {item.path: outcome(item) for item in items(*places)}


def made(tmp_path: Path, kind: str) -> bytes:
    write = write_zip if kind == "x.zip" else write_tar
    mode = () if kind != "x.tar.gz" else ("w:gz",)
    return write(tmp_path / kind, FILES, *mode).read_bytes()  # type: ignore[operator]


def test_a_bucket_is_walked_as_a_folder_is(storage: Storage) -> None:
    place = storage.put("walked", {**FILES, "in/": b"", "odd ?#%20 画.png": picture(3)})
    expected = {
        f"{place}/a.png": "image",
        f"{place}/odd ?#%20 画.png": "image",
        f"{place}/in/b.jpg": "image",
        f"{place}/in/notes.txt": "skipped",
    }
    assert found(place) == expected
    assert found(f"{place}/in") == {k: v for k, v in expected.items() if "/in/" in k}
    assert found(f"{place}/a.png") == {f"{place}/a.png": "image"}


@pytest.mark.parametrize("kind", ["x.zip", "x.tar", "x.tar.gz"])
def test_an_archive_in_a_bucket_is_read_there(storage: Storage, tmp_path: Path, kind: str) -> None:
    place = storage.put(kind.replace(".", "-"), {kind: made(tmp_path, kind)})
    for item in Source((place,)).items(Limits()):
        assert item.path.startswith(f"{place}/{kind}/")
        data = item.read()
        expected = FILES[item.path.removeprefix(f"{place}/{kind}/")]
        assert data == (None if expected == b"words" else expected)
        again = pickle.loads(pickle.dumps(item.locator))  # noqa: S301
        assert read_at(again, Limits()) == data


def test_of_a_zip_only_what_is_wanted_is_read() -> None:
    """By ranges: of 20 MB, the directory and one member."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(100):
            archive.writestr(f"{number}.png", picture(number) + bytes(200_000))
    system = fsspec.filesystem("memory")
    system.pipe("/large.zip", buffer.getvalue())
    read = 0

    def opener(address: str, /, *, forward: bool) -> io.BytesIO:
        nonlocal read

        class Counted(io.BytesIO):
            def read(self, size: int | None = -1, /) -> bytes:
                nonlocal read
                data = super().read(size)
                read += len(data)
                return data

        return Counted(system.cat(address))

    file = File("memory://large.zip", "/large.zip", len(buffer.getvalue()), 1, opener=opener)
    there = members(file, Limits(), start=99)
    last = next(there)
    assert last.read() is not None
    assert read < 400_000


def test_what_vanishes_after_it_was_listed_is_an_error(storage: Storage) -> None:
    place = storage.put("vanishing", {"a.png": picture(1), "b.png": picture(2)})
    there = items(place)
    storage.delete("vanishing", "a.png")
    assert [outcome(item) for item in there] == [
        "There is nothing at this address, or not any more.",
        "image",
    ]


def test_nothing_and_nobody(storage: Storage) -> None:
    storage.put("small", {"a.png": picture(1)})
    nothing = "There is nothing at this address, or not any more."
    assert found("s3://small/b.png") == {"s3://small/b.png": nothing}
    assert found("s3://no-such-bucket/x") == {"s3://no-such-bucket/x": nothing}
    with pytest.raises(SourceError, match="nothing"):
        addresses.require_reachable("s3://small/b.png")
    addresses.require_reachable("s3://small")


def test_a_wrong_credential_is_told_in_one_line(storage: Storage) -> None:
    place = storage.put("guarded", {"a.png": picture(1)})
    (item,) = items(place)
    storage.ask_who()
    try:
        denied = "The storage denies it: credentials are missing, wrong or expired."
        assert outcome(item) == denied  # as where it expires while a scan runs
        assert found(place) == {place: denied}
    finally:
        storage.ask_nobody()


def test_a_storage_that_cannot_be_reached(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        away = f"http://127.0.0.1:{taken.getsockname()[1]}"
        for name, value in environment_of(away).items():
            monkeypatch.setenv(name, value)
        fsspec.get_filesystem_class("s3").clear_instance_cache()
        assert found("s3://away/x.zip") == {"s3://away/x.zip": "The storage cannot be reached."}
        assert found(f"{away}/a.png") == {f"{away}/a.png": "The storage cannot be reached."}
    fsspec.get_filesystem_class("s3").clear_instance_cache()


def test_files_and_archives_of_the_web(web: tuple[str, Path], tmp_path: Path) -> None:
    address, folder = web
    (folder / "a.png").write_bytes(picture(1))
    for kind in ("x.zip", "x.tar.gz"):
        (folder / kind).write_bytes(made(tmp_path, kind))
    (shown, what), *_ = found(f"{address}/a.png?token=s3cret").items()
    assert shown.startswith(f"{address}/a.png?")
    assert ("s3cret" in shown, what) == (False, "image")
    assert found(f"{address}/a.png?width=1").keys() != found(f"{address}/a.png?width=2").keys()
    assert read_web(f"{address}/x.tar.gz") == EXPECTED
    large = {"a.png": picture(1) + bytes(20 << 20), "in/b.jpg": picture(2, "JPEG")}
    write_tar(folder / "large.tar", large)  # longer than what is read of it at once
    assert read_web(f"{address}/large.tar") == {"a.png": "image", "in/b.jpg": "image"}
    whole = "The server gives no parts of a file, as this kind of archive needs: fetch it first."
    assert read_web(f"{address}/x.zip") == {"": whole}
    assert found(f"{address}/")[f"{address}/a.png"] == "image"
    assert found(f"{address}/gone.png") == {
        f"{address}/gone.png": "There is nothing at this address, or not any more."
    }


def test_a_zip_of_the_web_is_read_by_ranges(storage: Storage, tmp_path: Path) -> None:
    storage.put("public", {"x.zip": made(tmp_path, "x.zip")})
    storage.client("s3").put_object_acl(Bucket="public", Key="x.zip", ACL="public-read")
    assert read_web(f"{storage.endpoint}/public/x.zip") == EXPECTED


EXPECTED = {"a.png": "image", "in/b.jpg": "image", "in/notes.txt": "skipped"}


def read_web(archive: str) -> dict[str, str]:
    result = {}
    for item in Source((archive,)).items(Limits()):
        result[item.path.removeprefix(archive).removeprefix("/")] = outcome(item)
    return result


def test_the_stamp_changes_when_the_object_does(storage: Storage) -> None:
    place = storage.put("changing", {"a.png": picture(1)})
    (before,) = items(place)
    (same,) = items(place)
    storage.client("s3").put_object(Bucket="changing", Key="a.png", Body=picture(2))
    (after,) = items(place)
    assert before.stamp is not None
    assert before.stamp == same.stamp != after.stamp


SECRETS = ["s3cret", "0123abcd"]


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://me:s3cret@host/x.zip", "https://host/x.zip"),
        ("https://s3cret@host:8000/x.zip#s3cret", "https://host:8000/x.zip"),
        ("https://host/x.zip?X-Amz-Signature=0123abcd&X-Amz-Date=1", "https://host/x.zip"),
        ("https://a.blob/x.zip?sv=1&se=2&sig=0123abcd", "https://a.blob/x.zip"),
        ("ftp://me:s3cret@host/x", "ftp://me@host/x"),
        ("abfs://container@account/x", "abfs://container@account/x"),
        ("s3://bucket/what?#.png", "s3://bucket/what?#.png"),
    ],
)
def test_secrets_are_not_shown(address: str, shown: str) -> None:
    assert addresses.shown(address) == shown
    file = File(addresses.shown(address), address)
    for said in (repr(file), repr(Locator(address)), Source((address,)).name):
        assert not any(secret in said for secret in SECRETS)


def test_addresses_that_differ_are_shown_so() -> None:
    shown = {addresses.shown(f"https://host/image?id={number}") for number in range(100)}
    assert len(shown) == 100
    signed = "https://host/image?id=1&X-Amz-Signature={}&X-Amz-Date={}"
    assert addresses.shown(signed.format("a", 1)) == addresses.shown(signed.format("b", 2))


@given(st.text().filter(lambda text: "::" not in text))
def test_any_text_behind_a_scheme_is_shown_and_fails_in_one_line(text: str) -> None:
    address = f"none://{text}"
    addresses.shown(f"https://{text}").encode()
    (item,) = items(address)
    assert outcome(item) == "none:// is no kind of address that is known."


@pytest.mark.parametrize("address", ["file:///etc/passwd", "zip://y::s3://bucket/x.zip"])
def test_addresses_that_are_refused(address: str) -> None:
    (item,) = items(address)
    assert "name the path itself" in outcome(item)


def test_another_storage_needs_a_package_of_its_own() -> None:
    with pytest.raises(MissingExtra, match=r"gs:// needs another package.*gcsfs"):
        items("gs://bucket/x.png")


def test_keys_are_named_by_nothing(storage: Storage) -> None:
    place = storage.put("named", {"a.png": picture(1)})
    (item,) = items(place)
    assert KEY not in repr(item)
    assert SECRET not in repr(item)
