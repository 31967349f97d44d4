import json
import shutil
from pathlib import Path

import pytest
import typer

from models import Registry
from models.artefact.artefact import GOLDEN
from models.artefact.registry import DEFAULTS, SHIPPED
from tests.artefacts import write_artefact
from training.detector.goldens import main


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    """A copy of the artefact that is shipped for the float encoder."""
    defaults = json.loads((SHIPPED / DEFAULTS).read_text("utf-8"))
    (name,) = (name for encoder, name in defaults.items() if encoder.endswith(":float"))
    folder = tmp_path / name
    shutil.copytree(Registry(user=tmp_path).load(name).folder, folder)
    return folder


def test_changed_values_are_found_and_one_flag_writes_them_anew(
    shipped: Path, encoder_cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stored = json.loads((shipped / GOLDEN).read_text("utf-8"))
    changed = stored | {"views": [value + 1 for value in stored["views"]]}
    (shipped / GOLDEN).write_text(json.dumps(changed))
    with pytest.raises(typer.Exit):
        main([shipped], encoder_cache)
    assert "does not give its golden values" in capsys.readouterr().err
    main([shipped], encoder_cache, update=True)
    again = json.loads((shipped / GOLDEN).read_text("utf-8"))
    assert again["views"] == pytest.approx(stored["views"], abs=stored["views_tolerance"])
    main([shipped], encoder_cache)


def test_an_artefact_of_an_encoder_that_is_not_there_is_refused(
    tmp_path: Path, encoder_cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    artefact = write_artefact(tmp_path / "small")
    before = (artefact.folder / GOLDEN).read_bytes()
    with pytest.raises(typer.Exit):
        main([artefact.folder], encoder_cache, update=True)
    assert capsys.readouterr().err.endswith("has the id fake:1\n")
    assert (artefact.folder / GOLDEN).read_bytes() == before
