import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from detector import Detector
from imaging.perturbations.web import Tier
from models import DetectorArtefact
from models.artefact.artefact import open_any
from models.artefact.detector import HEAD, SEEN, save_seen
from models.artefact.gate import REPORT, Against, GateReport, read_gate, require_passed
from models.artefact.manifest import OperatingPoints
from models.artefact.writing import seal
from models.errors import BrokenArtefact, EncoderDiffers, GateNotPassed
from tests.artefacts import FakeEncoder
from tests.training.detector.test_train import RECIPE
from training.data.features import compute_features
from training.data.manifest import read_manifest
from training.detector.train import train
from training.errors import TooFewImages
from training.gate.compare import Margins
from training.gate.kept_answers import KeptAnswers
from training.gate.report import PAGE, run_gate

MARGINS = Margins(0.12, 0.9)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("gate")


@pytest.fixture(scope="module")
def champion(small_manifest: Path, folder: Path) -> DetectorArtefact:
    return train(
        small_manifest,
        folder / "champion",
        encoder=FakeEncoder(),
        cache=folder / "cache",
        recipe=replace(RECIPE, repeats=1),
    )


def altered(champion: DetectorArtefact, out: Path, shift: float) -> DetectorArtefact:
    """The champion with other thresholds of the verdict `ai`."""
    shutil.copytree(champion.folder, out)
    points = champion.manifest.operating_points
    moved = tuple(one.model_copy(update={"threshold": one.threshold + shift}) for one in points.ai)
    update = {"name": out.name, "operating_points": OperatingPoints(ai=moved, human=points.human)}
    seal(out, champion.manifest.model_copy(update=update))
    return DetectorArtefact.load(out)


def gate(
    manifest: Path,
    folder: Path,
    champion: DetectorArtefact,
    other: DetectorArtefact,
    **more: object,
) -> GateReport:
    return run_gate(
        manifest,
        folder / f"report-{other.name}",
        champion=Detector(champion),
        challenger=Detector(other),
        encoder=FakeEncoder(),
        cache=folder / "cache",
        splits=("dev",),
        margins=MARGINS,
        **more,  # type: ignore[arg-type]
    )


def test_a_milder_challenger_passes_and_may_be_promoted(
    small_manifest: Path, folder: Path, champion: DetectorArtefact
) -> None:
    milder = altered(champion, folder / "milder", 0.5)
    report = gate(small_manifest, folder, champion, milder)
    assert report.passed, report.reasons
    out = folder / "report-milder"
    assert read_gate(out) == read_gate(out / REPORT) == report
    require_passed(report, champion.sha256, milder.sha256)
    with pytest.raises(GateNotPassed, match="about another model, milder"):
        require_passed(report, champion.sha256, champion.sha256)
    with pytest.raises(GateNotPassed, match="champion, which is not in use"):
        require_passed(report, milder.sha256, milder.sha256)
    assert "milder may follow champion" in (out / PAGE).read_text()
    assert {one.tier for one in report.compared} == {tier.value for tier in Tier}


def test_a_harsher_challenger_does_not_and_shows_whom_it_accuses(
    small_manifest: Path, folder: Path, champion: DetectorArtefact
) -> None:
    harsher = altered(champion, folder / "harsher", -100)
    rows = [row for row in read_manifest(small_manifest) if row.split == "dev"]
    table = compute_features(rows, FakeEncoder(), folder / "cache")
    won = next(d for row, d in zip(table.rows, table.sha256, strict=True) if row.label == "human")
    report = gate(small_manifest, folder, champion, harsher, tiers=[Tier.CLEAN], appeals={won})
    assert not report.passed
    with pytest.raises(GateNotPassed, match="did not pass the gate: clean, all human works"):
        require_passed(report, champion.sha256, harsher.sha256)
    out = folder / "report-harsher"
    page = (out / PAGE).read_text()
    assert "harsher is not to be promoted" in page
    assert f"thumbs/{won}.jpg" in page
    assert "appeal won" in page
    assert (out / "thumbs" / f"{won}.jpg").is_file()


def test_the_anchor_is_asked_once_and_holds_what_may_be_promoted(
    small_manifest: Path, folder: Path, champion: DetectorArtefact
) -> None:
    before = altered(champion, folder / "before", 0.1)
    after = altered(champion, folder / "after", 0.2)
    kept = KeptAnswers(folder / "anchors")
    report = gate(
        small_manifest,
        folder,
        before,
        after,
        tiers=[Tier.CLEAN],
        anchor=Detector(champion),
        kept=kept,
    )
    assert (report.anchor, report.anchor_sha256) == ("champion", champion.sha256)
    assert {one.against for one in report.compared} == set(Against)
    assert "Against the anchor" in (folder / "report-after" / PAGE).read_text()
    require_passed(report, before.sha256, after.sha256, champion.sha256)
    for other in (None, "0" * 64):
        with pytest.raises(GateNotPassed, match="another anchor"):
            require_passed(report, before.sha256, after.sha256, other)
    alone = gate(
        small_manifest, folder, champion, after, tiers=[Tier.CLEAN], anchor=Detector(champion)
    )
    assert alone.anchor is None, "the champion is the anchor"
    require_passed(alone, champion.sha256, after.sha256, champion.sha256)


def test_what_either_was_made_from_is_no_test(
    small_manifest: Path, folder: Path, champion: DetectorArtefact
) -> None:
    with pytest.raises(TooFewImages, match="neither detector was made from"):
        run_gate(
            small_manifest,
            folder / "none",
            champion=Detector(champion),
            challenger=Detector(champion),
            encoder=FakeEncoder(),
            cache=folder / "cache",
            splits=("train",),
            tiers=[Tier.CLEAN],
        )
    rows = [row for row in read_manifest(small_manifest) if row.split == "dev"]
    table = compute_features(rows, FakeEncoder(), folder / "cache")
    knows = altered(champion, folder / "knows", 0)
    save_seen(knows.folder, table.sha256[:4])
    seal(knows.folder, knows.manifest)
    report = gate(
        small_manifest, folder, champion, DetectorArtefact.load(knows.folder), tiers=[Tier.CLEAN]
    )
    assert report.seen == 4
    assert (knows.folder / SEEN).is_file()
    assert open_any(knows.folder).path(HEAD).is_file()


def test_another_encoder_and_a_broken_report_are_refused(
    small_manifest: Path, champion: DetectorArtefact, tmp_path: Path
) -> None:
    with pytest.raises(EncoderDiffers):
        run_gate(
            small_manifest,
            tmp_path / "out",
            champion=Detector(champion),
            challenger=Detector(champion),
            encoder=FakeEncoder("other:1"),
            cache=tmp_path,
        )
    (tmp_path / REPORT).write_text("{}")
    with pytest.raises(BrokenArtefact, match="no report of the gate"):
        read_gate(tmp_path)
