import csv
import json
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from detector import Detector, measure
from imaging import decode_for_view
from imaging.perturbations.web import Tier
from models.errors import EncoderDiffers
from tests.artefacts import FakeEncoder
from training.detector.recipe import Recipe
from training.detector.train import train
from training.errors import TooFewImages
from training.evaluation.report import Evaluation, evaluate, headline

PLOTS = {"roc.png", "roc-log.png", "precision-recall.png", "reliability.png", "histogram.png"}


@pytest.fixture(scope="module")
def detector(small_manifest: Path, tmp_path_factory: pytest.TempPathFactory) -> Detector:
    folder = tmp_path_factory.mktemp("trained")
    made = train(
        small_manifest,
        folder / "small-head",
        encoder=FakeEncoder(),
        cache=folder / "cache",
        recipe=Recipe(folds=3, repeats=1, networks=1, hidden=8, learning_rate=1e-2, batch=16),
    )
    return Detector.of(made)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def whole(
    small_manifest: Path,
    detector: Detector,
    cache: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Evaluation:
    """All tiers and baselines on the split `dev`."""
    return evaluate(
        small_manifest,
        tmp_path_factory.mktemp("out"),
        detector=detector,
        encoder=FakeEncoder(),
        cache=cache,
        splits=("dev",),
    )


def test_refuses_another_encoder(small_manifest: Path, detector: Detector, tmp_path: Path) -> None:
    with pytest.raises(EncoderDiffers):
        evaluate(
            small_manifest,
            tmp_path / "out",
            detector=detector,
            encoder=FakeEncoder("other:1"),
            cache=tmp_path / "cache",
        )
    assert not (tmp_path / "out").exists()


def test_it_is_never_judged_on_images_that_it_was_made_from(
    small_manifest: Path, detector: Detector, cache: Path, tmp_path: Path
) -> None:
    def attempt(splits: tuple[str, ...] | None) -> Evaluation:
        return evaluate(
            small_manifest,
            tmp_path / "out",
            detector=detector,
            encoder=FakeEncoder(),
            cache=cache,
            splits=splits,
            tiers=(Tier.CLEAN,),
            baselines=False,
        )

    dev, everything = attempt(("dev",)), attempt(None)
    assert (dev.seen, everything.seen) == (0, 60)
    assert dev.figures == everything.figures
    assert dev.figures.overall.n_human == 30
    assert json.loads((tmp_path / "out/metrics.json").read_text())["seen_in_training"] == 60
    with pytest.raises(TooFewImages, match=r"not seen in training \(60 of 60 were\)"):
        attempt(("train",))


def test_judges_as_the_shipped_detector_does(
    small_manifest: Path, detector: Detector, whole: Evaluation
) -> None:
    """Again by hand: what the detector itself answers, one image at a time."""
    with small_manifest.open(newline="") as file:
        dev = [row for row in csv.DictReader(file) if row["split"] == "dev"]
    encoder, said = FakeEncoder(), Counter[str]()
    for row in dev:
        if row["label"] == "human":
            image = decode_for_view((small_manifest.parent / row["path"]).read_bytes(), 64)
            answer = detector.assess(detector.encode(image, encoder), measure(image))
            said[answer.verdict.value] += 1
    overall = whole.figures.overall
    assert overall.humans_called_ai is not None
    assert overall.humans_inconclusive is not None
    assert said["ai"] == round(overall.humans_called_ai.value * 30)
    assert said["inconclusive"] == round(overall.humans_inconclusive.value * 30)


def test_metrics_name_every_tier_baseline_and_slice(whole: Evaluation) -> None:
    metrics = json.loads((whole.report.parent / "metrics.json").read_text("utf-8"))
    assert metrics["model"] == "small-head"
    assert metrics["notes"] == []
    assert list(metrics["tiers"]) == ["clean", "web", "hard"]
    for tier in metrics["tiers"].values():
        overall = tier["detector"]["overall"]
        assert overall["n_ai"] == overall["n_human"] == 30
        assert list(tier["baselines"]) == ["all_blocks", "last_layer", "format", "format_here"]
        for judge in (tier["detector"], *tier["baselines"].values()):
            assert {s["name"] for s in judge["by_kind"]} == {"comic", "painting"}
            assert {s["name"] for s in judge["by_generator"]} == {
                f"generator-{i}" for i in range(6)
            }
            assert len(judge["by_source"]) == 12
            assert set(judge["tpr_at_1_percent_fpr"]) == {"value", "low", "high", "n"}


def test_tiers_can_be_chosen(
    small_manifest: Path, detector: Detector, cache: Path, whole: Evaluation, tmp_path: Path
) -> None:
    hard = evaluate(
        small_manifest,
        tmp_path,
        detector=detector,
        encoder=FakeEncoder(),
        cache=cache,
        splits=("dev",),
        tiers=(Tier.HARD,),
    )
    assert hard.tiers == whole.tiers[2:], "with the thresholds of clean images all the same"
    metrics = json.loads((tmp_path / "metrics.json").read_text("utf-8"))
    assert list(metrics["tiers"]) == ["hard"]


def test_without_training_rows_baselines_are_left_out_and_that_is_said(
    small_manifest: Path, detector: Detector, cache: Path, tmp_path: Path
) -> None:
    """A platform's own manifest: no splits, and no rows to fit baselines on."""
    with small_manifest.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row.pop("split") == "dev"]
    for row in rows:
        row["path"] = str(small_manifest.parent / row["path"])
    with (tmp_path / "m.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    told: list[tuple[int, int]] = []
    found = evaluate(
        tmp_path / "m.csv",
        tmp_path,
        detector=detector,
        encoder=FakeEncoder(),
        cache=cache,
        progress=lambda *done: told.append(done),
    )
    assert [b.name for b in found.tiers[0].baselines] == ["format_here"]
    (note,) = found.notes
    assert "`train`" in note
    assert note in found.report.read_text("utf-8").replace("&#39;", "'")
    assert all(done <= total == 180 for done, total in told)


def test_the_headline_gives_a_line_to_every_tier(whole: Evaluation) -> None:
    lines = headline(whole)
    assert [line.partition(":")[0] for line in lines] == ["clean", "web", "hard"]
    auroc = whole.figures.auroc_by_group
    assert f"AUROC {auroc.value:.3f} ({auroc.low:.3f} to {auroc.high:.3f})" in lines[0]
    assert "human works called ai" in lines[0]


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.images: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.images.append(dict(attrs)["src"] or "")
        if tag not in {"img", "meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_stands_alone(
    small_manifest: Path, detector: Detector, cache: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    manifest = tmp_path / "m.csv"
    text = small_manifest.read_text().replace("human-source-0", "<script>alert(1)</script>")
    lines = [
        f"{small_manifest.parent}/{line}" if "/" in line else line for line in text.splitlines()
    ]
    manifest.write_text("\n".join(lines))
    evaluate(manifest, out, detector=detector, encoder=FakeEncoder(), cache=cache)
    html = (out / "report.html").read_text("utf-8")
    page = _Page()
    page.feed(html)
    assert page.open == []
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert "http" not in html.replace("http-equiv", "")
    assert set(page.images) >= PLOTS
    for source in page.images:
        Image.open(out / source).verify()
