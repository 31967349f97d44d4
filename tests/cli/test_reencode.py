"""An index goes on with the heads of another model, by its works' files."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.files import published
from models.artefact.artefact import MANIFEST
from models.artefact.registry import SHIPPED
from models.artefact.writing import seal
from similarity.artefact import SimilarityArtefact, save_heads
from similarity.gallery.open import recorded_identity
from tests.cli.artists import write_artists
from tests.cli.running import Done, run_here

Captured = pytest.CaptureFixture[str]


def other_heads(folder: Path, name: str = "shorter") -> SimilarityArtefact:
    """The shipped model with a shorter style vector."""
    shipped = SimilarityArtefact.load(SHIPPED / "similarity-v3-int8")
    heads = shipped.heads
    joint = np.ascontiguousarray(heads.style.joint[:, :200])
    cohort = np.ascontiguousarray(heads.cohort.styles[:, :200])
    cohort /= np.linalg.norm(cohort, axis=1, keepdims=True)
    changed = replace(
        heads,
        style=replace(heads.style, joint=joint),
        cohort=replace(heads.cohort, styles=cohort),
    )
    with published(folder) as draft:
        for file in shipped.manifest.files:
            shutil.copyfile(shipped.path(file), draft / file)
        save_heads(draft, changed)
        seal(draft, shipped.manifest.model_copy(update={"name": name}))
    return SimilarityArtefact.load(folder)


@pytest.fixture
def home(tmp_path: Path, encoder_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of its own, with the encoder that is there, and a model beside the shipped."""
    place = tmp_path / "home"
    place.mkdir()
    (place / "encoder").symlink_to(encoder_cache, target_is_directory=True)
    other_heads(place / "models" / "shorter")
    monkeypatch.setenv("RAKKAN_HOME", str(place))
    return place


def test_described_prepared_and_put_into_use(tmp_path: Path, home: Path, capsys: Captured) -> None:
    folder, index = write_artists(tmp_path / "in", works=3), tmp_path / "index"
    run_here(capsys, "creators", "enrol", "--each", folder, "--index", index)
    before = recorded_identity(str(index))

    def reencode(*more: object) -> Done:
        return run_here(capsys, "creators", "reencode", "--index", index, *more)

    def listed() -> list[dict[str, object]]:
        done = run_here(capsys, "creators", "list", "--index", index, "--json")
        return list(json.loads(done.stdout)["creators"])

    # A file that was moved is found by its content; one that has gone is named.
    moved = tmp_path / "elsewhere" / "moved.png"
    moved.parent.mkdir()
    (folder / "Dot" / "0.png").rename(moved)
    (folder / "Lyn" / "1.png").unlink()
    creators = listed()
    asked = ("--model", "shorter")
    done = reencode(*asked, "--prepare")
    assert (done.returncode, done.stdout) == (0, "Works described by shorter: 4 more.\n")
    assert done.stderr.count("Not described: ") == 2
    done = reencode(*asked, "--works", moved.parent)
    assert done.returncode == 1
    assert "Works described by shorter: 1 more." in done.stdout
    assert "Lyn/1.png: Its file is not where it was enrolled from" in done.stderr
    assert recorded_identity(str(index)) == before
    done = reencode(*asked, "--without-missing")
    assert done.returncode == 0, done.stderr
    assert recorded_identity(str(index)) == other_heads(tmp_path / "again", "shorter").identity
    after = listed()
    assert [one["works"] for one in after] == [3, 2]
    assert [one["since"] for one in after] == [one["since"] for one in creators]

    # Searched by the model that it is described by, and by no other.
    search = ("similar", folder / "Dot" / "1.png", "--index", index, "--json")
    assert "was made with the heads shorter" in run_here(capsys, *search).stdout
    done = run_here(capsys, "models", "promote", "shorter", "--without-gate")
    assert "does not give its golden values" in done.stderr
    promotions = {"kind": "similarity", "name": "shorter", "encoder": before.encoder}
    (home / "models" / "promotions.json").write_text(json.dumps({"promotions": [promotions]}))
    (copy,) = json.loads(run_here(capsys, *search).stdout)["copies"]
    assert copy["work"].endswith("Dot/1.png")
    # And back: what was described before needs no file.
    shutil.rmtree(folder)
    run_here(capsys, "models", "rollback")
    done = reencode()
    assert (done.returncode, done.stderr) == (0, "")
    assert recorded_identity(str(index)) == before
    assert "0 more" in done.stdout


def test_an_index_that_cannot_be_described_anew(
    tmp_path: Path, home: Path, capsys: Captured
) -> None:
    asked = ("creators", "reencode", "--index")
    done = run_here(capsys, *asked, tmp_path / "none")
    assert (done.returncode, "there is no index" in done.stderr) == (1, True)
    done = run_here(capsys, *asked, "postgresql://x@nowhere.invalid/y")
    assert (done.returncode, "another schema" in done.stderr) == (1, True)
    done = run_here(capsys, *asked, tmp_path / "none", "--model", "absent")
    assert "no model is named absent" in done.stderr
    assert (SHIPPED / "similarity-v3-int8" / MANIFEST).is_file()
