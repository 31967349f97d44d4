"""An index goes from its heads to others, and whoever searches it notices nothing."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from similarity.errors import (
    BrokenIndex,
    CreatorNotFound,
    IndexBusy,
    IndexDiffers,
    WorksNotDescribed,
)
from similarity.gallery.creators import Creator, Work
from similarity.gallery.folder import DiskGallery
from similarity.gallery.gallery import NewWork
from similarity.gallery.generations import (
    CURRENT,
    GENERATIONS,
    LEDGER,
    following,
    in_use,
    others,
)
from similarity.gallery.open import open_gallery, open_records, recorded_identity, upgrade
from similarity.gallery.reencoding import (
    described_by,
    not_described,
    open_draft,
    take_over,
)
from tests.similarity.fakes import IDENTITY, consent, enrol, measure, new_work
from tests.similarity.files import traces

OTHER = replace(IDENTITY, heads="other-heads", style=24, copy=12)


def redrawn(work: NewWork, seed: int = 5) -> NewWork:
    """The same file, described by the other heads."""
    random = np.random.default_rng([seed, int(work.sha256[:8], 16)])

    def unit(*shape: int) -> np.ndarray:
        found = random.normal(size=shape).astype(np.float32)
        return np.asarray(found / np.linalg.norm(found, axis=-1, keepdims=True), np.float32)

    description = replace(work.description, style=unit(OTHER.style), copy=unit(1, OTHER.copy))
    return replace(work, description=description)


WORKS = {
    "Dot": [new_work(f"dot {i}") for i in range(4)],
    "Lyn": [*(new_work(f"lyn {i}") for i in range(3)), new_work("dot 0")],
}


def opened(folder: Path) -> DiskGallery:
    return DiskGallery.open(folder, IDENTITY, measure, create=True)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[tuple[Path, DiskGallery]]:
    folder = tmp_path / "index"
    with closing(opened(folder)) as gallery:
        for name, works in WORKS.items():
            enrol(
                gallery, name, consent(note="letter"), works, accounts=[f"of {name}"], aliases=["x"]
            )
        gallery.remove("Dot", ["dot 3"])
        enrol(gallery, "Gone", consent(), [new_work("gone")])
        gallery.withdraw("Gone")
        yield folder, gallery


def fill(draft: DiskGallery, wanted: dict[str, list[Work]]) -> None:
    described = {one.name: redrawn(one) for works in WORKS.values() for one in works}
    for creator, works in wanted.items():
        enrol(draft, creator, consent(), [described[work.name] for work in works])


def prepared(folder: Path, gallery: DiskGallery) -> None:
    with closing(open_draft(folder, OTHER, measure)) as draft:
        fill(draft, not_described(gallery.state(), draft.state()))


def records(gallery: DiskGallery) -> list[tuple[Creator, tuple[Work, ...]]]:
    state = gallery.state(newest=True)
    return [(replace(one, standing=None), state.works_of(one.name)) for one in state.creators()]


def nothing(_: DiskGallery) -> None:
    """Settle nothing."""


def test_ids_consent_and_withdrawals_stay_and_the_vectors_are_others(
    index: tuple[Path, DiskGallery],
) -> None:
    folder, before = index
    kept, old = records(before), before.state()
    prepared(folder, before)
    assert recorded_identity(str(folder)) == IDENTITY
    settled: list[str] = []
    made = take_over(folder, OTHER, measure, lambda new: settled.append(new.state().name))
    assert (in_use(folder), recorded_identity(str(folder))) == (made, OTHER)
    with pytest.raises(IndexDiffers):
        open_gallery(str(folder), IDENTITY)
    with closing(DiskGallery.open(folder, OTHER, measure)) as after:
        state = after.state()
        assert records(after) == kept
        assert [one.creator for one in after.withdrawn()] == ["Gone"]
        assert settled == [state.name] != [old.name]
        assert all(one.standing is not None for one in state.creators())
        for name, works in WORKS.items():
            mine = {work.sha256: redrawn(work).description.style for work in works}
            styles = state.styles(name)
            ids = state.works(styles.ids.tolist())
            for id_, vector in zip(styles.ids.tolist(), styles.vectors, strict=True):
                assert vector == pytest.approx(mine[ids[id_].sha256], abs=1e-3)
                (nearest,) = state.search_style(vector[None], 1).ids[0]
                assert ids.get(int(nearest), state.works([int(nearest)])[int(nearest)]).sha256 == (
                    ids[id_].sha256
                )
        # What follows is enrolled under the new heads alone.
        enrol(after, "New", consent(), [redrawn(new_work("new"))])
        assert len(after.state().creators()) == 3
    # Whoever had the index open searches on, in the generation before.
    assert records(before) == kept
    assert before.state().styles("Dot").vectors.shape == (3, IDENTITY.style)


def test_the_state_has_the_name_that_the_same_works_enrolled_anew_would_give(
    index: tuple[Path, DiskGallery], tmp_path: Path
) -> None:
    folder, before = index
    prepared(folder, before)
    take_over(folder, OTHER, measure, nothing)
    anew = tmp_path / "anew"
    with (
        closing(DiskGallery.open(folder, OTHER, measure)) as after,
        closing(DiskGallery.open(anew, OTHER, measure, create=True)) as fresh,
    ):
        for name, works in WORKS.items():
            drawn = [redrawn(one) for one in works if one.name != "dot 3"]
            drawn += [redrawn(works[0])] if name == "Lyn" else []
            about = {"accounts": [f"of {name}"], "aliases": ["x"]}
            enrol(fresh, name, consent(note="letter"), drawn, **about)  # type: ignore[arg-type]
        assert after.state().name == fresh.state().name


def test_nothing_changes_while_works_are_not_described(index: tuple[Path, DiskGallery]) -> None:
    folder, before = index
    with pytest.raises(WorksNotDescribed):
        take_over(folder, OTHER, measure, nothing)
    with closing(open_draft(folder, OTHER, measure)) as draft:
        fill(draft, {"Dot": list(before.state().works_of("Dot"))})
        missing = not_described(before.state(), draft.state())
    # `dot 0` is described for Dot: that does for Lyn, too.
    assert [work.name for work in missing["Lyn"]] == ["lyn 0", "lyn 1", "lyn 2"]
    with pytest.raises(WorksNotDescribed, match="3 works"):
        take_over(folder, OTHER, measure, nothing)
    assert in_use(folder) == folder
    assert sorted(one.name for one in (folder / GENERATIONS).iterdir()) == ["2"]
    take_over(folder, OTHER, measure, nothing, without_missing=True)
    with closing(DiskGallery.open(folder, OTHER, measure)) as after:
        assert [work.name for work in after.state().works_of("Lyn")] == ["dot 0"]
        assert after.state().creator("Lyn").works == 1


def test_there_is_a_way_back_and_only_what_is_new_is_described_for_it(
    index: tuple[Path, DiskGallery],
) -> None:
    folder, before = index
    prepared(folder, before)
    take_over(folder, OTHER, measure, nothing)
    with closing(DiskGallery.open(folder, OTHER, measure)) as after:
        enrol(after, "New", consent(), [redrawn(new_work("new"))])
        with closing(open_draft(folder, IDENTITY, measure)) as draft:
            missing = not_described(after.state(), draft.state())
            assert [work.name for work in missing["New"]] == ["new"]
            assert missing.keys() == {"New"}
            enrol(draft, "New", consent(), [new_work("new")])
        kept = records(after)
    made = take_over(folder, IDENTITY, measure, nothing)
    assert made.name == "4"
    with closing(DiskGallery.open(folder, IDENTITY, measure)) as back:
        assert records(back) == kept
    # The first generation, which was the draft, is gone; the second one may be gone back to.
    assert not (folder / LEDGER).exists()
    assert others(folder) == (folder / GENERATIONS / "3",)
    assert take_over(folder, IDENTITY, measure, nothing) == made


def test_who_withdraws_is_gone_from_every_generation(index: tuple[Path, DiskGallery]) -> None:
    folder, before = index
    prepared(folder, before)
    with closing(open_records(str(folder))) as records:
        records.remove("Dot", ["dot 1"])
        records.withdraw("Lyn")
    place = described_by(folder, OTHER)
    assert place is not None
    with closing(DiskGallery.open(folder, OTHER, generation=place)) as draft:
        assert [one.name for one in draft.state().creators()] == ["Dot"]
        # `dot 0` was described for Dot or Lyn, once; the others were Dot's.
        assert "dot 1" not in [work.name for work in draft.state().works_of("Dot")]
    missing = not_described(before.state(newest=True), open_state(folder, place))
    with closing(open_draft(folder, OTHER, measure)) as draft:
        fill(draft, missing)
    take_over(folder, OTHER, measure, nothing)
    # The generation before is nobody's, and loses who withdraws now all the same.
    with closing(open_records(str(folder))) as records:
        records.withdraw("Dot")
    assert before.state(newest=True).creators() == ()
    with pytest.raises(CreatorNotFound):
        before.withdraw("Dot")
    gone = [work for works in WORKS.values() for work in works]
    assert traces(folder, [*gone, *map(redrawn, gone)]) == []


def open_state(folder: Path, place: Path):  # type: ignore[no-untyped-def]
    with closing(DiskGallery.open(folder, OTHER, generation=place)) as draft:
        return draft.state()


def test_generations_of_yet_other_heads_are_deleted(index: tuple[Path, DiskGallery]) -> None:
    folder, before = index
    prepared(folder, before)
    third = replace(OTHER, heads="third")
    open_draft(folder, third, measure).close()
    assert described_by(folder, OTHER) is None
    assert others(folder) == (folder / GENERATIONS / "2",)
    assert following(folder).name == "3"


def test_all_generations_are_brought_up_to_date(index: tuple[Path, DiskGallery]) -> None:
    folder, before = index
    prepared(folder, before)
    assert upgrade(str(folder)) is None
    for generation in (folder, *others(folder)):
        with closing(sqlite3.connect(generation / LEDGER)) as connection:
            found = connection.execute("SELECT version_num FROM rakkan_index_revision").fetchall()
        assert found == [("0002",)]


@given(text=st.text(max_size=20))
def test_what_names_no_generation_is_refused(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    folder = tmp_path_factory.mktemp("index")
    (folder / CURRENT).write_bytes(text.encode())
    try:
        found = in_use(folder)
    except BrokenIndex:
        return
    assert found in (folder, folder / GENERATIONS / text.strip())
    assert text.strip().isdigit()


def test_who_has_the_generation_before_open_enrols_nothing_in_it_and_withdraws_from_all(
    index: tuple[Path, DiskGallery],
) -> None:
    folder, before = index
    prepared(folder, before)
    take_over(folder, OTHER, measure, nothing)
    with pytest.raises(IndexBusy, match="gone on with other heads"):
        enrol(before, "New", consent(), [new_work("new")])
    assert before.withdraw("Lyn") == 4
    before.remove("Dot", ["dot 1"])
    with closing(DiskGallery.open(folder, OTHER, measure)) as after:
        assert [one.name for one in after.state().creators()] == ["Dot"]
        assert [one.name for one in after.state().works_of("Dot")] == ["dot 0", "dot 2"]


def test_a_withdrawal_that_was_cut_short_is_gone_on_with(index: tuple[Path, DiskGallery]) -> None:
    folder, before = index
    prepared(folder, before)
    place = described_by(folder, OTHER)
    assert place is not None
    # As if the process had ended after the generation in use, and while another was being made.
    with closing(DiskGallery.open(folder, IDENTITY, generation=folder)) as alone:
        alone.withdraw("Lyn")
    (folder / GENERATIONS / ".3.abc" / "3").mkdir(parents=True)
    (folder / GENERATIONS / ".3.abc" / "3" / LEDGER).write_bytes((folder / LEDGER).read_bytes())
    assert following(folder).name == "3"
    assert before.withdraw("Lyn") == 4
    assert [one.name for one in open_state(folder, place).creators()] == ["Dot"]
    assert sorted(one.name for one in (folder / GENERATIONS).iterdir()) == ["2"]
    with pytest.raises(CreatorNotFound):
        before.withdraw("Lyn")
