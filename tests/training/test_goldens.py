import json
import shutil
from pathlib import Path

import pytest
import typer

from models import DetectorArtefact, Kind
from models.artefact.artefact import CARD, GOLDEN, open_any
from models.artefact.golden import UNMEASURED_WIDTH
from models.artefact.registry import DEFAULTS, SHIPPED
from models.artefact.writing import seal
from tests.artefacts import write_artefact
from training.goldens import main


def copied(tmp_path: Path, kind: Kind) -> Path:
    """A copy of the artefact of a kind that is shipped as default, of the float encoder if any."""
    defaults = json.loads((SHIPPED / DEFAULTS).read_text("utf-8"))[kind]
    name = defaults[min(defaults, key=lambda encoder: not encoder.endswith(":float"))]
    shutil.copytree(SHIPPED / name, tmp_path / name)
    return tmp_path / name


def change(folder: Path, golden: dict[str, object]) -> None:
    """Write other golden values into an artefact, and seal it."""
    manifest = open_any(folder).manifest
    (folder / GOLDEN).write_text(json.dumps(golden))
    seal(folder, manifest)


def test_changed_values_are_found_and_one_flag_writes_them_anew(
    tmp_path: Path, encoder_cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped = copied(tmp_path, Kind.DETECTOR)
    stored = json.loads((shipped / GOLDEN).read_text("utf-8"))
    change(shipped, stored | {"views": [value + 1 for value in stored["views"]]})
    with pytest.raises(typer.Exit):
        main([shipped], encoder_cache)
    assert "does not give its golden values" in capsys.readouterr().err
    main([shipped], encoder_cache, update=True)
    again = json.loads((shipped / GOLDEN).read_text("utf-8"))
    width = DetectorArtefact.load(shipped).manifest.numerical_width or UNMEASURED_WIDTH
    assert again["views"] == pytest.approx(stored["views"], abs=width)
    main([shipped], encoder_cache)


def test_similarity_models_have_golden_values_too(
    tmp_path: Path, encoder_cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped = copied(tmp_path, Kind.SIMILARITY)
    stored = json.loads((shipped / GOLDEN).read_text("utf-8"))
    main([shipped], encoder_cache)
    turned = {"style": stored["views"]["style"][::-1], "copies": stored["views"]["copies"]}
    for changed in ({"proof": 0.2}, {"no_proof": 0.9}, {"views": turned}):
        change(shipped, stored | changed)
        with pytest.raises(typer.Exit):
            main([shipped], encoder_cache)
        assert "does not give its golden values" in capsys.readouterr().err
    main([shipped], encoder_cache, update=True)
    again = json.loads((shipped / GOLDEN).read_text("utf-8"))
    assert again["proof"] == pytest.approx(stored["proof"], abs=stored["proof_tolerance"])
    main([shipped], encoder_cache)


def test_an_edited_card_is_sealed_by_a_flag(
    tmp_path: Path, encoder_cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped = copied(tmp_path, Kind.DETECTOR)
    golden = (shipped / GOLDEN).read_bytes()
    (shipped / CARD).write_text("# Another card\n")
    with pytest.raises(typer.Exit):
        main([shipped], encoder_cache)
    assert f"{CARD} is not the file that the manifest names" in capsys.readouterr().err
    main([shipped], encoder_cache, reseal=True)
    assert open_any(shipped).path(CARD).read_text() == "# Another card\n"
    assert (shipped / GOLDEN).read_bytes() == golden


def test_an_artefact_of_an_encoder_that_is_not_there_is_refused(
    tmp_path: Path, encoder_cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    artefact = write_artefact(tmp_path / "small")
    before = (artefact.folder / GOLDEN).read_bytes()
    with pytest.raises(typer.Exit):
        main([artefact.folder], encoder_cache, update=True)
    assert capsys.readouterr().err.endswith("has the id fake:1\n")
    assert (artefact.folder / GOLDEN).read_bytes() == before
