from io import StringIO
from pathlib import Path

from rich.console import Console

from benchmarks.cpu_kinds import KINDS, Answer, figures, show
from models import DetectorArtefact
from tests.artefacts import write_artefact

FIRST, SECOND = KINDS["int8"][:2]
# `ai` above 2, `human` below -1.
HERE = [2.05, 5.0, -3.0, 0.0, -1.05, 3.0]
THERE = [1.95, 5.1, -3.05, 0.1, -1.05, -2.0]


def test_figures_of_two_kinds(tmp_path: Path) -> None:
    write_artefact(tmp_path / "small")
    manifest = DetectorArtefact.load(tmp_path / "small").manifest
    answers = {
        FIRST: [Answer(score, otherwise_withheld=False) for score in HERE],
        SECOND: [Answer(score, otherwise_withheld=False) for score in THERE],
    }
    found = figures(answers, manifest, "some CPU")
    assert found.images == 6
    assert found.ranges.largest == 5
    assert 4.7 < found.width <= 5
    assert found.given.value == 5 / 6
    (compared,) = found.compared
    assert compared.changed.value == 2 / 6
    assert compared.unsupported.value == 2 / 6
    assert compared.unsupported_by_width.value == 0
    assert compared.opposite.value == 1 / 6
    assert compared.search is None
    written = StringIO()
    show(found, Console(file=written, width=160))
    assert "some CPU" in written.getvalue()
    assert "33.3 [" in written.getvalue()


def test_what_is_withheld_anyhow_is_no_change(tmp_path: Path) -> None:
    write_artefact(tmp_path / "small")
    manifest = DetectorArtefact.load(tmp_path / "small").manifest
    answers = {
        FIRST: [Answer(5.0, otherwise_withheld=True)],
        SECOND: [Answer(-5.0, otherwise_withheld=True)],
    }
    found = figures(answers, manifest, "some CPU")
    assert found.given.value == 0
    assert found.compared[0].changed.value == 0
