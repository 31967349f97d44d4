import hashlib
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from serving import enrol as enrolling
from serving.enrol import CHUNK, Enrolled, Enroller, Enrolment
from similarity.gallery.creators import Consent, Protection
from tests.fakes import FakeEncoder, FakeEnrolment
from tests.scan.making import picture, write_folder, write_tar, write_zip
from tests.similarity.fakes import MemoryGallery

CONSENT = Consent("Ann", datetime(2026, 5, 31, tzinfo=UTC))


def run(
    gallery: MemoryGallery, wanted: dict[str, list[Path]], **options: Any
) -> dict[str, Enrolled]:
    enrolments = [
        Enrolment(name, tuple(paths), CONSENT, **options) for name, paths in wanted.items()
    ]
    done = Enroller(FakeEncoder(), FakeEnrolment(gallery)).enrol(enrolments)
    return {one.asked.creator: one for one in done}


def works(gallery: MemoryGallery, creator: str) -> dict[str, str]:
    return {work.name: work.sha256 for work in gallery.state().works_of(creator)}


def test_folders_and_archives_of_several_creators(tmp_path: Path) -> None:
    files = {"a.png": picture(1), "b.jpg": picture(2, "JPEG"), "notes.txt": b"words"}
    folder = write_folder(tmp_path / "ann", files)
    archive = write_zip(tmp_path / "bob.zip", files)
    tar = write_tar(tmp_path / "cy.tar.gz", files, "w:gz")
    gallery = MemoryGallery()
    done = run(gallery, {"Ann": [folder], "Bob": [archive], "Cy": [tar], "Dan": [folder / "no"]})
    for name, place in (("Ann", folder), ("Bob", archive), ("Cy", tar)):
        assert (done[name].added, done[name].known, done[name].unreadable) == (2, 0, ())
        assert works(gallery, name) == {
            f"{place}/{file}": hashlib.sha256(files[file]).hexdigest()
            for file in ("a.png", "b.jpg")
        }
        assert gallery.state().creator(name).consent == CONSENT
    assert done["Dan"].creator is None
    ((path, reason),) = done["Dan"].unreadable
    assert path == str(folder / "no")
    assert reason.endswith(".")
    assert [one.name for one in gallery.state().creators()] == ["Ann", "Bob", "Cy"]


def test_what_is_there_is_kept_and_not_encoded_again(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "in", {"a.png": picture(1), "b.png": picture(2)})
    gallery = MemoryGallery()
    run(gallery, {"Ann": [folder]})
    write_folder(folder, {"c.png": picture(3), "twin.png": picture(3)})
    encoder = FakeEncoder()
    again = Enrolment("Ann", (folder,), CONSENT, accounts=("7",))
    (done,) = Enroller(encoder, FakeEnrolment(gallery)).enrol([again])
    assert (done.added, done.known) == (1, 3)
    assert sum(encoder.seen) == 1
    assert len(works(gallery, "Ann")) == 3
    # What else is said of the creator is noted, even if no work is new.
    (done,) = Enroller(encoder, FakeEnrolment(gallery)).enrol(
        [Enrolment("Ann", (folder,), CONSENT, Protection.HOUSE_STYLE, ("8",), ("Bob",))]
    )
    assert (done.added, done.known) == (0, 4)
    ann = gallery.state().creator("Ann")
    assert (ann.protection, ann.accounts, ann.collaborators) == (
        Protection.HOUSE_STYLE,
        ("7", "8"),
        ("Bob",),
    )


def test_the_same_file_may_be_of_two_creators(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "in", {"a.png": picture(1)})
    gallery = MemoryGallery()
    done = run(gallery, {"Ann": [folder], "Bob": [folder]})
    assert [one.added for one in done.values()] == [1, 1]


def test_bad_images_are_told_and_harm_nothing(tmp_path: Path) -> None:
    files = {
        "bad.png": picture(1, side=300)[:-40],
        "empty.jpg": b"",
        "good.png": picture(2),
        "tiny.png": picture(3, side=1),
        "twin-of-bad.png": picture(1, side=300)[:-40],
    }
    folder = write_folder(tmp_path / "in", files)
    deep = folder / "/".join(["d" * 200] * 11)
    try:
        write_folder(deep, {"long.png": picture(4)})
    except OSError:
        pytest.fail("this system's paths are too short for the test")
    gallery = MemoryGallery()
    done = run(gallery, {"Ann": [folder]})["Ann"]
    assert done.added == 1
    assert list(works(gallery, "Ann")) == [f"{folder}/good.png"]
    told = {Path(path).name: reason for path, reason in done.unreadable}
    assert set(told) == {*files, "long.png"} - {"good.png"}
    assert "longer" in told["long.png"]
    assert not any("\n" in reason for reason in told.values())


def test_a_twin_of_a_bad_image_is_told_though_both_are_read_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = picture(1, side=300)[:-40]
    folder = write_folder(tmp_path / "in", {"a.png": bad, "b.png": bad, "good.png": picture(2)})
    both = threading.Event()
    claims: list[bool] = []
    claim, decoded = enrolling._UnderWay.claim, enrolling.decode_for_view

    def claiming(self: Any, creator: str, sha256: str) -> bool:
        claims.append(claim(self, creator, sha256))
        if len(claims) == 2:
            both.set()
        return claims[-1]

    def decoding(data: bytes, *rest: Any, **more: Any) -> Any:
        assert both.wait(30)
        return decoded(data, *rest, **more)

    monkeypatch.setattr(enrolling._UnderWay, "claim", claiming)
    monkeypatch.setattr(enrolling, "decode_for_view", decoding)
    done = run(MemoryGallery(), {"Ann": [folder]})["Ann"]
    assert (done.added, done.known) == (1, 0)
    assert sorted(Path(path).name for path, _ in done.unreadable) == ["a.png", "b.png"]
    assert [Path(name).name for name, _ in done.works] == ["good.png"]


def test_large_enrolments_are_cut_into_transactions(tmp_path: Path) -> None:
    files = {f"{i:04}.png": picture(i, side=20 + i % 50) for i in range(CHUNK + 40)}
    folder = write_folder(tmp_path / "in", files)
    distinct = len({hashlib.sha256(data).digest() for data in files.values()})
    gallery = MemoryGallery()
    told: list[int] = []
    (done,) = Enroller(FakeEncoder(), FakeEnrolment(gallery)).enrol(
        [Enrolment("Ann", (folder,), CONSENT)], progress=told.append
    )
    assert distinct > CHUNK
    assert done.creator is not None
    assert (done.added, done.creator.works) == (distinct, distinct)
    assert told == sorted(told)
    assert told[-1] == len(files)


def test_odd_names(tmp_path: Path) -> None:
    names = ["\n\x1b[31m.png", "\u202egnp.exe.png", "caf\udce9.png", "画 🎨.png", "<b>.png"]
    folder = write_folder(tmp_path / "in", {name: picture(i) for i, name in enumerate(names)})
    gallery = MemoryGallery()
    run(gallery, {"Ann": [folder]})
    expected = {f"{folder}/{name}".replace("\udce9", "\\udce9") for name in names}
    assert set(works(gallery, "Ann")) == expected


def test_works_that_others_have_enrolled_are_told(tmp_path: Path) -> None:
    ann = write_folder(tmp_path / "ann", {"a.png": picture(1), "b.png": picture(2)})
    bob = write_folder(tmp_path / "bob", {"x.png": picture(1), "y.png": picture(3)})
    gallery = MemoryGallery()
    done = run(gallery, {"Ann": [ann], "Bob": [bob]})
    assert done["Ann"].shared == ()
    (shared,) = done["Bob"].shared
    assert (shared.name, shared.other.creator) == (f"{bob}/x.png", "Ann")
    assert shared.other.name == f"{ann}/a.png"
    # Again, although nothing is new.
    assert len(run(gallery, {"Bob": [bob]})["Bob"].shared) == 1


def test_works_that_others_have_enrolled_as_other_files_are_told(tmp_path: Path) -> None:
    ann = write_folder(tmp_path / "ann", {"a.png": picture(1), "b.png": picture(2)})
    bob = write_folder(tmp_path / "bob", {"x.bmp": picture(1, "BMP")})
    gallery = MemoryGallery()
    (shared,) = run(gallery, {"Ann": [ann], "Bob": [bob]})["Bob"].shared
    assert (shared.name, shared.other.creator, shared.exact) == (f"{bob}/x.bmp", "Ann", False)
    assert shared.other.name == f"{ann}/a.png"


def test_a_name_that_withdrew_is_told(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "in", {"a.png": picture(1)})
    gallery = MemoryGallery()
    assert run(gallery, {"Ann": [folder]})["Ann"].withdrew is None
    gallery.withdraw("Ann")
    assert run(gallery, {"Ann": [folder]})["Ann"].withdrew == gallery.withdrawn()[-1].at


def test_the_index_is_settled_once_at_the_end(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "in", {"a.png": picture(1)})
    index = FakeEnrolment(MemoryGallery())
    asked = [Enrolment(name, (folder,), CONSENT) for name in ("Ann", "Bob")]
    assert len(list(Enroller(FakeEncoder(), index).enrol(asked))) == 2
    assert index.settled == 1
