from contextlib import closing
from pathlib import Path

import pytest

from similarity.errors import BrokenIndex, CreatorNotFound, IndexNotFound
from similarity.gallery.open import open_gallery, open_records, recorded_identity
from tests.similarity.fakes import IDENTITY, consent, enrol, measure, new_work


@pytest.fixture(params=["folder", "database"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "folder":
        return str(tmp_path / "index")
    url: str = request.getfixturevalue("postgres_url")
    return url


def test_a_creator_can_withdraw_without_a_model(place: str) -> None:
    with closing(open_gallery(place, IDENTITY, measure, create=True)) as made:
        enrol(made, "Ann", consent(), [new_work("a.png"), new_work("b.png")])
        enrol(made, "Bob", consent(), [new_work("c.png")])
    assert recorded_identity(place) == IDENTITY
    with closing(open_records(place)) as records:
        assert [one.name for one in records.state().creators()] == ["Ann", "Bob"]
        assert records.withdraw("Ann") == 2
        # Nobody measures it: that takes the model.
        assert enrol(records, "Bob", consent(), [new_work("d.png")]).standing is None
    with closing(open_gallery(place, IDENTITY, measure)) as left:
        with pytest.raises(CreatorNotFound):
            left.state().creator("Ann")
        assert left.state().creator("Bob").works == 2


def test_there_is_none(place: str) -> None:
    for opening in (open_records, recorded_identity):
        with pytest.raises(IndexNotFound, match="rakkan creators enrol"):
            opening(place)
    with pytest.raises(IndexNotFound):
        open_gallery(place, IDENTITY, measure)


def test_a_file_that_is_no_ledger(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite3").write_bytes(b"no database " * 500)
    with pytest.raises(BrokenIndex):
        open_records(str(tmp_path))
