import json
import shutil
from pathlib import Path

import pytest

from models import DetectorArtefact, Kind
from models.artefact.artefact import GOLDEN, open_any
from models.artefact.chosen import ANCHORS
from models.artefact.golden import check_folder
from models.artefact.registry import DEFAULTS, PROMOTIONS, SHIPPED, Registry, natural
from models.artefact.writing import seal
from models.encoder.spec import FOLDER
from models.errors import (
    ArtefactError,
    ArtefactNotFound,
    BrokenArtefact,
    EncoderDiffers,
    NothingToRollBack,
)
from tests.artefacts import ENCODER, write_artefact

CHECKS = {Kind.DETECTOR: check_folder}


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    shipped = tmp_path / "shipped"
    write_artefact(shipped / "v1")
    write_artefact(shipped / "v1-other", encoder="other:1")
    (shipped / "no-artefact").mkdir()
    defaults = {"detector": {ENCODER: "v1", "other:1": "v1-other"}}
    (shipped / DEFAULTS).write_text(json.dumps(defaults))
    return Registry(user=tmp_path / "user" / "models", shipped=shipped)


def in_use(registry: Registry, encoder: str = ENCODER) -> str:
    return registry.in_use(Kind.DETECTOR, encoder).name


def test_the_shipped_default_is_chosen_by_kind_and_encoder(registry: Registry) -> None:
    assert in_use(registry) == "v1"
    assert in_use(registry, "other:1") == "v1-other"
    with pytest.raises(ArtefactNotFound, match=r"encoder third:1 .*v1 is made for fake:1"):
        registry.in_use(Kind.DETECTOR, "third:1")
    with pytest.raises(ArtefactNotFound, match=r"no similarity model .*\(there is none\)"):
        registry.in_use(Kind.SIMILARITY, ENCODER)


def test_lists_artefacts_and_nothing_else(registry: Registry) -> None:
    found = [(e.name, e.kind, e.encoder, e.shipped, e.in_use) for e in registry.list()]
    assert found == [
        ("v1", "detector", ENCODER, True, True),
        ("v1-other", "detector", "other:1", True, True),
    ]


def test_versions_are_ordered_by_number(registry: Registry) -> None:
    for name in ("similar-v10", "similar-v9", "similar-v9-int8", "similar"):
        write_artefact(registry.user / name)
    names = [e.name for e in registry.list() if not e.shipped]
    assert names == ["similar", "similar-v9", "similar-v9-int8", "similar-v10"]
    with pytest.raises(ArtefactNotFound, match=r"similar-v9-int8, similar-v10, v1, v1-other$"):
        registry.find("similar-v11")
    assert sorted(["a2", "a10", "10", "9", ""], key=natural) == ["", "a2", "a10", "9", "10"]


def test_promotes_a_folder_and_rolls_back(registry: Registry, tmp_path: Path) -> None:
    for name in ("mine", "newer"):
        entry = registry.promote(write_artefact(tmp_path / name).folder, CHECKS)
        assert (entry.name, entry.in_use, entry.shipped) == (name, True, False)
        shutil.rmtree(tmp_path / name)  # the registry keeps its own copy
    again = Registry(user=registry.user, shipped=registry.shipped)
    assert in_use(again) == "newer"
    assert [e.name for e in again.list() if e.in_use] == ["newer", "v1-other"]
    assert [again.rollback().name, in_use(again)] == ["newer", "mine"]
    assert [again.rollback().name, in_use(again)] == ["mine", "v1"]
    with pytest.raises(NothingToRollBack):
        again.rollback()
    assert again.promote("newer", CHECKS).name == "newer"
    assert in_use(again) == "newer"


def test_rollback_undoes_the_last_promotion_of_a_kind_and_encoder(
    registry: Registry, tmp_path: Path
) -> None:
    registry.promote(write_artefact(tmp_path / "mine").folder, CHECKS)
    registry.promote(write_artefact(tmp_path / "other", encoder="other:1").folder, CHECKS)
    with pytest.raises(NothingToRollBack, match="of a similarity model"):
        registry.rollback(Kind.SIMILARITY)
    assert registry.rollback(encoder=ENCODER).name == "mine"
    assert (in_use(registry), in_use(registry, "other:1")) == ("v1", "other")
    assert registry.rollback(Kind.DETECTOR).encoder == "other:1"


def test_promoting_what_is_in_use_leaves_no_step_to_undo(registry: Registry) -> None:
    registry.promote("v1", CHECKS)
    with pytest.raises(NothingToRollBack):
        registry.rollback()


def test_promoting_the_same_folder_twice_is_one_promotion(
    registry: Registry, tmp_path: Path
) -> None:
    folder = write_artefact(tmp_path / "mine").folder
    registry.promote(folder, CHECKS)
    registry.promote(folder, CHECKS)
    registry.rollback()
    assert in_use(registry) == "v1"


def test_an_encoder_without_a_shipped_default_has_none_again(
    registry: Registry, tmp_path: Path
) -> None:
    registry.promote(write_artefact(tmp_path / "mine", encoder="third:1").folder, CHECKS)
    assert in_use(registry, "third:1") == "mine"
    registry.rollback()
    with pytest.raises(ArtefactNotFound):
        in_use(registry, "third:1")


def test_refuses_a_taken_name(registry: Registry, tmp_path: Path) -> None:
    other = write_artefact(tmp_path / "v1", ai_threshold=3.0)
    with pytest.raises(ArtefactError, match="another model is named v1"):
        registry.promote(other.folder, CHECKS)
    loaded = DetectorArtefact.load(registry.in_use(Kind.DETECTOR, ENCODER))
    assert loaded.manifest.point("ai", 0.01).threshold == 2.0


def test_refuses_unknown_names_and_folders(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(ArtefactNotFound, match="there are: v1, v1-other"):
        registry.find("v9")
    (tmp_path / "scan").mkdir()
    for folder in (tmp_path / "absent", tmp_path / "scan"):
        with pytest.raises(ArtefactNotFound, match=f"{folder.name} is no model folder"):
            registry.promote(folder, CHECKS)
    for sly in ("../shipped/v1", ".", "", "/"):
        with pytest.raises(ArtefactNotFound):
            registry.find(sly)


def test_an_encoder_is_not_promoted(tmp_path: Path) -> None:
    registry = Registry(user=tmp_path / "user")
    with pytest.raises(ArtefactError, match="is an encoder: it is used without being promoted"):
        registry.promote(FOLDER.name, CHECKS)
    assert SHIPPED in FOLDER.parents


def test_refuses_to_promote_without_golden_values(registry: Registry, tmp_path: Path) -> None:
    folder = write_artefact(tmp_path / "mine").folder
    manifest = open_any(folder).manifest
    golden = json.loads((folder / GOLDEN).read_text())
    golden["rows"][0] += 0.01
    (folder / GOLDEN).write_text(json.dumps(golden))
    seal(folder, manifest)
    with pytest.raises(BrokenArtefact, match="does not give its golden values"):
        registry.promote(folder, CHECKS)
    (folder / GOLDEN).unlink()
    seal(folder, manifest)
    with pytest.raises(BrokenArtefact, match=f"lacks {GOLDEN}"):
        registry.promote(folder, CHECKS)
    assert not registry.user.exists()


def test_a_damaged_list_of_promotions_is_said_to_be_so(registry: Registry) -> None:
    registry.user.mkdir(parents=True)
    (registry.user / PROMOTIONS).write_text("{")
    with pytest.raises(BrokenArtefact, match="mend or delete"):
        in_use(registry)


def test_an_artefact_refuses_another_encoder(registry: Registry) -> None:
    with pytest.raises(EncoderDiffers, match="choose an artefact made for that encoder"):
        DetectorArtefact.load(registry.find("v1")).require("other:1")


def anchor(registry: Registry) -> str:
    return registry.anchor(Kind.DETECTOR, ENCODER).name


def test_the_anchor_is_what_was_in_use_first(registry: Registry, tmp_path: Path) -> None:
    assert anchor(registry) == "v1"
    for name in ("mine", "newer"):
        registry.promote(write_artefact(tmp_path / name).folder, CHECKS)
        assert anchor(registry) == "v1"
    (registry.user / ANCHORS).unlink()
    assert anchor(registry) == "mine", "promoted before anchors were remembered"


def test_the_operator_names_another_anchor(registry: Registry, tmp_path: Path) -> None:
    for name in ("mine", "newer"):
        registry.promote(write_artefact(tmp_path / name).folder, CHECKS)
    assert registry.set_anchor("mine").name == "mine"
    assert anchor(registry) == "mine"
    registry.rollback()
    registry.rollback()
    registry.promote("newer", CHECKS)
    assert anchor(registry) == "mine", "what was named stays"
    assert registry.anchor(Kind.DETECTOR, "other:1").name == "v1-other"
    with pytest.raises(ArtefactNotFound, match="no model is named nothing"):
        registry.set_anchor("nothing")
    (registry.user / ANCHORS).write_text("[]")
    with pytest.raises(BrokenArtefact, match="choose anew"):
        anchor(registry)


def test_a_shadow_is_begun_and_ended_and_what_is_in_use_stays(
    registry: Registry, tmp_path: Path
) -> None:
    asked = Kind.DETECTOR, ENCODER
    before = registry.digest()
    assert registry.shadow(*asked) is None
    entry = registry.begin_shadow(write_artefact(tmp_path / "next").folder, CHECKS)
    assert (entry.name, entry.in_use) == ("next", False)
    assert registry.shadow(*asked) == registry.user / "next"
    assert registry.shadow(Kind.DETECTOR, "other:1") is None
    assert in_use(registry) == "v1"
    assert registry.digest() != before, "a running service sees it"
    assert registry.end_shadow() == ("next",)
    assert registry.end_shadow() == ()
    assert (registry.shadow(*asked), registry.digest()) == (None, before)
