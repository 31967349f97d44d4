import json
import shutil
from pathlib import Path

import pytest

from models.artefact.artefact import GOLDEN, HEAD, MANIFEST, load_artefact
from models.artefact.registry import DEFAULTS, Registry
from models.errors import (
    ArtefactError,
    ArtefactNotFound,
    BrokenArtefact,
    EncoderDiffers,
    NothingToRollBack,
)
from tests.artefacts import ENCODER, write_artefact


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    shipped = tmp_path / "shipped"
    write_artefact(shipped / "v1")
    write_artefact(shipped / "v1-other", encoder="other:1")
    (shipped / "encoder-things").mkdir()
    (shipped / DEFAULTS).write_text(json.dumps({ENCODER: "v1", "other:1": "v1-other"}))
    return Registry(user=tmp_path / "user" / "models", shipped=shipped)


def test_the_shipped_default_is_chosen_by_encoder(registry: Registry) -> None:
    assert registry.default(ENCODER).manifest.name == "v1"
    assert registry.default("other:1").manifest.name == "v1-other"
    with pytest.raises(ArtefactNotFound, match="encoder third:1"):
        registry.default("third:1")


def test_lists_artefacts_and_nothing_else(registry: Registry) -> None:
    found = [(e.name, e.shipped, e.default) for e in registry.list()]
    assert found == [("v1", True, True), ("v1-other", True, True)]


def test_promotes_a_folder_and_rolls_back(registry: Registry, tmp_path: Path) -> None:
    for name in ("mine", "newer"):
        entry = registry.promote(write_artefact(tmp_path / name).folder)
        assert (entry.name, entry.default, entry.shipped) == (name, True, False)
        shutil.rmtree(tmp_path / name)  # the registry keeps its own copy
    again = Registry(user=registry.user, shipped=registry.shipped)
    assert again.default(ENCODER).manifest.name == "newer"
    assert [e.name for e in again.list() if e.default] == ["newer", "v1-other"]
    assert [e.name for e in (again.rollback(ENCODER), again.rollback(ENCODER)) if e] == [
        "mine",
        "v1",
    ]
    with pytest.raises(NothingToRollBack):
        again.rollback(ENCODER)
    assert again.promote("newer").name == "newer"
    assert again.default(ENCODER).manifest.name == "newer"


def test_promoting_what_is_in_use_leaves_no_step_to_undo(registry: Registry) -> None:
    registry.promote("v1")
    with pytest.raises(NothingToRollBack):
        registry.rollback(ENCODER)


def test_promoting_the_same_folder_twice_is_one_promotion(
    registry: Registry, tmp_path: Path
) -> None:
    folder = write_artefact(tmp_path / "mine").folder
    registry.promote(folder)
    registry.promote(folder)
    back = registry.rollback(ENCODER)
    assert back is not None
    assert back.name == "v1"


def test_an_encoder_without_a_shipped_default_has_none_again(
    registry: Registry, tmp_path: Path
) -> None:
    registry.promote(write_artefact(tmp_path / "mine", encoder="third:1").folder)
    assert registry.default("third:1").manifest.name == "mine"
    assert registry.rollback("third:1") is None


def test_refuses_a_taken_name(registry: Registry, tmp_path: Path) -> None:
    other = write_artefact(tmp_path / "v1", ai_threshold=3.0)
    with pytest.raises(ArtefactError, match="another model is named v1"):
        registry.promote(other.folder)
    assert registry.default(ENCODER).manifest.point("ai", 0.01).threshold == 2.0


def test_refuses_unknown_names_and_folders(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(ArtefactNotFound, match="there are: v1, v1-other"):
        registry.load("v9")
    with pytest.raises(ArtefactNotFound, match="no folder"):
        registry.promote(tmp_path / "absent")
    for sly in ("../shipped/v1", ".", "", "/"):
        with pytest.raises(ArtefactNotFound):
            registry.load(sly)


def test_refuses_a_head_that_is_not_the_manifests(registry: Registry) -> None:
    head = registry.shipped / "v1" / HEAD
    data = head.read_bytes()
    head.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(BrokenArtefact, match="not the head that the manifest names"):
        registry.default(ENCODER)


def test_refuses_to_promote_without_golden_values(registry: Registry, tmp_path: Path) -> None:
    folder = write_artefact(tmp_path / "mine").folder
    golden = json.loads((folder / GOLDEN).read_text())
    golden["rows"][0] += 0.01
    (folder / GOLDEN).write_text(json.dumps(golden))
    with pytest.raises(BrokenArtefact, match="does not give its golden values"):
        registry.promote(folder)
    (folder / GOLDEN).unlink()
    with pytest.raises(BrokenArtefact, match="golden values of mine are missing"):
        registry.promote(folder)
    assert not registry.user.exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "../up"}, "name"),
        ({"calibration": {"slope": -1, "intercept": 0, "n_ai": 1, "n_human": 1}}, "slope"),
        ({"ai_rate": 0.02}, "no operating point for the verdict ai at a rate of 0.02"),
        ({"surprise": 1}, "surprise"),
        ({"schema_version": 2}, "schema_version"),
    ],
)
def test_refuses_manifests_that_are_not_valid(
    tmp_path: Path, change: dict[str, object], message: str
) -> None:
    folder = write_artefact(tmp_path / "mine").folder
    manifest = json.loads((folder / MANIFEST).read_text()) | change
    (folder / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(BrokenArtefact, match=message) as caught:
        load_artefact(folder)
    assert "\n" not in str(caught.value)


def test_a_damaged_list_of_promotions_is_said_to_be_so(registry: Registry) -> None:
    registry.user.mkdir(parents=True)
    (registry.user / DEFAULTS).write_text("{")
    with pytest.raises(BrokenArtefact, match="mend or delete"):
        registry.default(ENCODER)


def test_an_artefact_refuses_another_encoder(registry: Registry) -> None:
    with pytest.raises(EncoderDiffers, match="choose an artefact made for that encoder"):
        registry.load("v1").require("other:1")
