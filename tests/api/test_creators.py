"""Creators who enrol, look at what is kept, and withdraw, over HTTP."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from serving.enrol import Enroller, Enrolment
from serving.enrol_one import enrol_one
from similarity.gallery.creators import Enrolment as NewCreator
from similarity.gallery.gallery import State
from storage.keys import Scope
from tests.api.conftest import Client, serving
from tests.fakes import FakeDescriber, FakeEncoder, FakeEnrolment, FakeSearcher, fake_judge
from tests.scan.making import picture, write_folder, write_tar, write_zip
from tests.similarity.fakes import MemoryGallery, consent


@dataclass
class FakeCatalogue(FakeSearcher):
    """An index that can be changed, with a search that does not look at it."""

    enrolled: MemoryGallery = field(default_factory=MemoryGallery)
    describer: FakeDescriber = field(default_factory=FakeDescriber)

    @property
    def gallery(self) -> MemoryGallery:  # type: ignore[override]
        return self.enrolled

    def at(self, state: State) -> "FakeCatalogue":
        return self

    def neighbours(self, name: str) -> dict[str, float]:
        others = [one.name for one in self.enrolled.state().creators() if one.name != name]
        return dict.fromkeys(others, 0.55)

    def settle(self) -> None:
        pass


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    judge = fake_judge(similarity=FakeCatalogue())
    address = f"sqlite:///{tmp_path / 'r.sqlite3'}"
    with serving(address, judge, [Scope.SCORE, Scope.CREATORS]) as found:
        yield found


def send(client: Client, creator: str, work: str, image: bytes, **fields: str) -> dict[str, object]:
    answer = client.http.post(
        f"/v1/creators/{creator}/works",
        files={"image": image},
        data={"work_id": work, **fields},
    )
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_a_creator_enrols_and_withdraws(client: Client) -> None:
    place = "/v1/creators/Ann Ō"
    said = {"accounts": ["7"], "aliases": ["annie"], "note": "letter 3"}
    made = client.http.post(place, json=said)
    assert made.status_code == 201
    assert made.json()["accounts"] == ["7"]
    sent = send(client, "Ann Ō", "w/1", picture(1), note="letter 4")
    assert (sent["added"], sent["shared"], sent["withdrew"]) == (True, [], None)
    assert sent["sha256"] == hashlib.sha256(picture(1)).hexdigest()
    assert send(client, "Ann Ō", "w/1", picture(1))["added"] is False
    send(client, "Ann Ō", "w/2", picture(2))
    shown = client.http.get(place).json()
    assert (shown["works"], shown["by"], shown["aliases"]) == (2, "Ann Ō", ["annie"])
    works = client.http.get(f"{place}/works").json()["works"]
    assert [one["work"] for one in works] == ["w/1", "w/2"]
    left = client.http.delete(f"{place}/works", params={"work": ["w/1"]})
    assert (left.status_code, left.json()["works"]) == (200, 1)
    gone = client.http.delete(place)
    assert (gone.status_code, gone.json()) == (200, {"creator": "Ann Ō", "works": 1})
    answer = client.http.get(place)
    assert (answer.status_code, answer.json()["code"]) == (404, "creator_not_found")
    assert send(client, "Ann Ō", "w/1", picture(1))["withdrew"] is not None


def test_works_that_others_have_are_told(client: Client) -> None:
    send(client, "Ann", "w1", picture(1))
    same = {"creator": "Ann", "work": "w1", "exact": True}
    assert send(client, "Bob", "b1", picture(1))["shared"] == [same]
    alike = send(client, "Cy", "c1", picture(1, "BMP"))["shared"]
    assert [(one["creator"], one["exact"]) for one in alike] == [("Ann", False), ("Bob", False)]


def test_an_archive_of_works_is_enrolled(client: Client, tmp_path: Path) -> None:
    send(client, "Bob", "b1", picture(1))
    files = {f"a/{n}.png": picture(n) for n in range(3)}
    files |= {"twin.png": picture(2), "cut.png": picture(4)[:60], "notes.txt": b"words"}
    for archive in (write_zip(tmp_path / "a.zip", files), write_tar(tmp_path / "a.tar.gz", files)):
        answer = client.http.post(
            "/v1/creators/Ann/works/archive",
            files={"archive": archive.read_bytes()},
            data={"note": "letter 5"},
        )
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert (told["creator"]["works"], told["creator"]["note"]) == (3, "letter 5")
        assert [one["work"] for one in told["works"]] == ["a/0.png", "a/1.png", "a/2.png"]
        assert [one["work"] for one in told["unreadable"]] == ["cut.png"]
        other = {"creator": "Bob", "work": "b1", "exact": True}
        assert told["shared"] == [{"work": "a/1.png", "other": other}]
        assert told["added"] == (3 if archive.suffix == ".zip" else 0)
    enrolled = client.http.get("/v1/creators/Ann/works").json()["works"]
    assert [one["work"] for one in enrolled] == ["a/0.png", "a/1.png", "a/2.png"]


@pytest.mark.parametrize("data", [b"", b"words", b"PK\x05\x06", picture(1)])
def test_what_is_no_archive_is_refused(client: Client, data: bytes) -> None:
    answer = client.http.post("/v1/creators/Ann/works/archive", files={"archive": data})
    assert (answer.status_code, answer.json()["code"]) == (422, "source")
    assert client.http.get("/v1/creators/Ann").status_code == 404


def test_a_decision_knows_whose_account_it_is(client: Client) -> None:
    client.http.post("/v1/creators/Ann", json={"accounts": ["7"]})
    scored = client.score(picture(1), account_id="7").json()
    with client.service.store.reading() as reader:
        assert reader.decision(scored["id"]).creators == ("Ann",)


def test_what_is_refused(client: Client) -> None:
    place = "/v1/creators/Ann/works"
    for sent, status, code in (
        ({"files": {"image": picture(1)}}, 422, "bad_form"),
        ({"files": {"image": b"words"}, "data": {"work_id": "w"}}, 422, "image_unsupported"),
        ({"files": {"image": picture(1)}, "data": {"work_id": "w", "c": "red"}}, 422, "bad_form"),
        ({"json": {}}, 422, "bad_form"),
    ):
        answer = client.http.post(place, **sent)  # type: ignore[arg-type]
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    answer = client.http.post("/v1/creators/%07", json={})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_name")
    assert client.http.get("/v1/creators/Ann").status_code == 404
    send(client, "Ann", "w1", picture(1))
    answer = client.http.delete(place, params={"work": ["w1", "w2"]})
    assert (answer.status_code, answer.json()["code"]) == (404, "work_not_found")
    assert client.http.get("/v1/creators/Ann").json()["works"] == 1


def test_too_many_changes_are_told_when_to_come_again(client: Client) -> None:
    client.service._changes = 16
    answer = client.http.post("/v1/creators/Ann", json={})
    assert (answer.status_code, answer.json()["code"]) == (503, "overloaded")
    client.service._changes = 0


def test_without_an_index_nobody_is_enrolled(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 's.sqlite3'}"
    with serving(address, scopes=[Scope.CREATORS]) as client:
        answer = client.http.get("/v1/creators/Ann")
        assert (answer.status_code, answer.json()["code"]) == (404, "no_index")
    with serving(address) as client:
        assert client.http.get("/v1/creators/Ann").status_code == 403


def test_one_by_one_is_as_all_at_once(tmp_path: Path) -> None:
    """The stream over all creators is held to one work after the other."""
    files = {f"{n}.png": picture(n) for n in range(5)} | {"twin.png": picture(1)}
    folder = write_folder(tmp_path, files)
    one, many = FakeEnrolment(MemoryGallery()), FakeEnrolment(MemoryGallery())
    for name, data in sorted(files.items()):
        enrol_one(
            Enroller(FakeEncoder(), one),  # type: ignore[arg-type]
            NewCreator("Ann", consent()),
            str(folder / name),
            data,
        )
    asked = Enrolment("Ann", (folder,), consent())
    list(Enroller(FakeEncoder(), many).enrol([asked]))  # type: ignore[arg-type]
    assert one.gallery.state().name == many.gallery.state().name
    assert one.gallery.state().works_of("Ann") == many.gallery.state().works_of("Ann")


def test_nothing_is_kept_of_works_that_were_withdrawn(client: Client) -> None:
    """Also where the same picture was uploaded: every process finds its digest, and deletes."""
    client.http.post("/v1/creators/Ann", json={})
    send(client, "Ann", "w", picture(1))
    assert client.http.delete("/v1/creators/Ann").status_code == 200
    with client.service.store.reading() as reader:
        assert set(reader.forgotten()) == {hashlib.sha256(picture(1)).hexdigest()}
