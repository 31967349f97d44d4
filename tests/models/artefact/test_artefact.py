"""One format for all artefacts: every file is in the manifest, and checked."""

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.files import published
from evidence.judgement import ArtefactId
from models import DetectorArtefact
from models.artefact.artefact import CARD, GOLDEN, MANIFEST, open_any, open_artefact
from models.artefact.detector import HEAD, NOVELTY, SEEN
from models.artefact.manifest import DetectorManifest, SimilarityManifest
from models.artefact.writing import check_new, seal
from models.errors import (
    ArtefactNotFound,
    BadArtefactName,
    BrokenArtefact,
    FolderTaken,
)
from tests.artefacts import write_artefact


def test_the_manifest_names_every_other_file(tmp_path: Path) -> None:
    artefact = write_artefact(tmp_path / "mine")
    assert set(artefact.manifest.files) == {CARD, GOLDEN, HEAD, SEEN}
    for name, entry in artefact.manifest.files.items():
        data = (artefact.folder / name).read_bytes()
        assert (entry.size, entry.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    digest = hashlib.sha256((artefact.folder / MANIFEST).read_bytes()).hexdigest()
    assert artefact.id == ArtefactId("mine", digest)


@pytest.mark.parametrize("file", [CARD, GOLDEN, HEAD, SEEN])
def test_a_file_that_changed_is_refused(tmp_path: Path, file: str) -> None:
    folder = write_artefact(tmp_path / "mine").folder
    data = (folder / file).read_bytes()
    (folder / file).write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(BrokenArtefact, match=f"mine/{file} is not the file that the manifest"):
        DetectorArtefact.load(folder)


@pytest.mark.parametrize("file", [CARD, GOLDEN, HEAD, SEEN])
def test_a_file_that_is_missing_is_refused(tmp_path: Path, file: str) -> None:
    folder = write_artefact(tmp_path / "mine").folder
    (folder / file).unlink()
    with pytest.raises(BrokenArtefact, match=f"mine/{file} is missing"):
        DetectorArtefact.load(folder)


def test_a_file_that_nobody_named_is_refused(tmp_path: Path) -> None:
    folder = write_artefact(tmp_path / "mine").folder
    (folder / NOVELTY).write_bytes(b"")
    with pytest.raises(BrokenArtefact, match=f"mine/{NOVELTY} is not in the manifest"):
        DetectorArtefact.load(folder)
    (folder / NOVELTY).unlink()
    (folder / "more").mkdir()
    with pytest.raises(BrokenArtefact, match="cannot be read"):
        DetectorArtefact.load(folder)


def test_a_folder_without_a_manifest_is_no_artefact(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path, tmp_path / "absent", tmp_path / "file"):
        with pytest.raises(ArtefactNotFound, match="is no model folder"):
            open_any(place)


def test_another_kind_is_refused_by_name(tmp_path: Path) -> None:
    folder = write_artefact(tmp_path / "mine").folder
    with pytest.raises(BrokenArtefact, match="mine is a detector model, not a similarity one"):
        open_artefact(folder, SimilarityManifest)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "../up"}, "name"),
        ({"calibration": {"slope": -1, "intercept": 0, "n_ai": 1, "n_human": 1}}, "slope"),
        ({"ai_rate": 0.02}, "no operating point for the verdict ai at a rate of 0.02"),
        ({"numerical_width": -1}, "numerical_width"),
        ({"surprise": 1}, "surprise"),
        ({"schema_version": 1}, "schema_version"),
        ({"kind": "oracle"}, "oracle"),
    ],
)
def test_refuses_manifests_that_are_not_valid(
    tmp_path: Path, change: dict[str, object], message: str
) -> None:
    folder = write_artefact(tmp_path / "mine").folder
    manifest = json.loads((folder / MANIFEST).read_text()) | change
    (folder / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(BrokenArtefact, match=message) as caught:
        DetectorArtefact.load(folder)
    assert "\n" not in str(caught.value)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_a_manifest_of_any_bytes_is_refused_as_an_artefact_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    folder = tmp_path_factory.mktemp("artefact")
    (folder / MANIFEST).write_bytes(data)
    with pytest.raises(BrokenArtefact) as caught:
        open_any(folder)
    assert "\n" not in str(caught.value)


def test_names_and_folders_are_checked_before_the_work(tmp_path: Path) -> None:
    assert check_new(tmp_path / "new-v1") == "new-v1"
    assert check_new(tmp_path / "Any Folder", "new-v1") == "new-v1"
    for name in ("New", "../up", ".hidden", "a" * 101, "a/b"):
        with pytest.raises(BadArtefactName, match="no name for a model"):
            check_new(tmp_path / "new", name)
    (tmp_path / "full").mkdir()
    assert check_new(tmp_path / "full") == "full", "an empty folder is no obstacle"
    (tmp_path / "full" / "file").touch()
    (tmp_path / "file").touch()
    for taken in ("full", "file"):
        with pytest.raises(FolderTaken, match="not empty"):
            check_new(tmp_path / taken)


def test_the_manifest_is_written_of_what_lies_there(tmp_path: Path) -> None:
    manifest = write_artefact(tmp_path / "mine").manifest
    with published(tmp_path / "out" / "new") as folder:
        (folder / CARD).write_bytes(b"card")
        sealed = seal(folder, manifest)
    assert set(sealed.files) == {CARD}
    assert open_artefact(tmp_path / "out" / "new", DetectorManifest).manifest == sealed
