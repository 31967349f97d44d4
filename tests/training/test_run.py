import csv
import json
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from detector import Detector
from models import Registry
from models.errors import EncoderDiffers
from models.golden import check_rows, check_views
from tests.artefacts import FakeEncoder
from training import TrainingError, evaluate, train
from training.errors import TooFewImages
from training.fit import Recipe

RECIPE = Recipe(c=0.01, folds=3)


@pytest.fixture(scope="module")
def trained(small_manifest: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    train(
        small_manifest,
        folder / "small-head",
        encoder=FakeEncoder(),
        cache=folder / "cache",
        recipe=RECIPE,
    )
    return folder / "small-head"


def test_an_artefact_is_complete_and_can_be_promoted(trained: Path, tmp_path: Path) -> None:
    assert sorted(p.name for p in trained.iterdir()) == [
        "README.md",
        "golden.json",
        "head.safetensors",
        "held-out.json",
        "manifest.json",
        "seen.safetensors",
    ]
    registry = Registry(user=tmp_path)
    manifest = registry.promote(trained).manifest
    assert registry.default("fake:1").manifest == manifest
    assert manifest.name == "small-head"
    assert manifest.data.images == {"ai": 30, "human": 30}
    assert manifest.data.groups == {"ai": 6, "human": 6}
    assert 0.6 < manifest.metrics["auroc"] <= 1
    assert manifest.metrics["humans_called_ai_low"] <= manifest.metrics["humans_called_ai"]
    check_rows(registry.default("fake:1"))
    check_views(registry.default("fake:1"), FakeEncoder())


def test_the_card_says_what_not_to_use_it_for_and_its_figures(trained: Path) -> None:
    card = (trained / "README.md").read_text("utf-8")
    for part in ("Do not use it", "Known weaknesses", "humans called `ai`", "painting", "rakkan"):
        assert part in card
    held_out = json.loads((trained / "held-out.json").read_text("utf-8"))
    assert held_out["overall"]["n_human"] == 30


def test_no_row_of_another_split_is_ever_used(small_manifest: Path, tmp_path: Path) -> None:
    """Other splits' files need not even exist, and the artefact is the same to the last bit."""
    with small_manifest.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["path"] = (
            str(small_manifest.parent / row["path"]) if row["split"] == "train" else "absent.png"
        )
    rows = [row for i, row in enumerate(rows) if row["split"] == "train" or i == len(rows) - 1]
    with (tmp_path / "m.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    heads = []
    for manifest, name in ((small_manifest, "one"), (tmp_path / "m.csv", "two")):
        encoder = FakeEncoder()
        made = train(
            manifest, tmp_path / name, encoder=encoder, cache=tmp_path / f"c-{name}", recipe=RECIPE
        )
        assert encoder.views_encoded == 60 + 4, "the split `train`, and the golden views"
        assert made.manifest.data.unreadable == 0
        heads.append((made.manifest.head_sha256, made.manifest.data.sha256))
    assert heads[0] == heads[1]


def test_refuses_a_folder_in_use_a_bad_name_and_one_class(
    small_manifest: Path, trained: Path, tmp_path: Path
) -> None:
    def attempt(out: Path, manifest: Path = small_manifest) -> None:
        train(manifest, out, encoder=FakeEncoder(), cache=tmp_path / "cache", recipe=RECIPE)

    with pytest.raises(TrainingError, match="not empty"):
        attempt(trained)
    with pytest.raises(TrainingError, match="no name for a model"):
        attempt(tmp_path / "Bad Name")
    (tmp_path / "m.csv").write_text("path,label\na.png,ai\n")
    with pytest.raises(TooFewImages, match="AI pictures and human works"):
        attempt(tmp_path / "out", tmp_path / "m.csv")
    with pytest.raises(EncoderDiffers):
        evaluate(
            small_manifest,
            tmp_path / "out",
            detector=Detector(Registry(user=trained.parent).load("small-head")),
            encoder=FakeEncoder("other:1"),
            cache=tmp_path / "cache",
        )
    assert not (tmp_path / "out").exists()


def test_it_is_never_judged_on_images_that_it_was_made_from(
    small_manifest: Path, trained: Path, tmp_path: Path
) -> None:
    detector = Detector(Registry(user=trained.parent).load("small-head"))

    def attempt(splits: tuple[str, ...] | None) -> int:
        return evaluate(
            small_manifest,
            tmp_path / "out",
            detector=detector,
            encoder=FakeEncoder(),
            cache=tmp_path / "cache",
            splits=splits,
        ).figures.overall.n_human

    assert attempt(None) == attempt(("dev",)) == 30
    assert json.loads((tmp_path / "out/metrics.json").read_text())["seen_in_training"] == 0
    attempt(None)
    assert json.loads((tmp_path / "out/metrics.json").read_text())["seen_in_training"] == 60
    with pytest.raises(TooFewImages, match=r"not seen in training \(60 of 60 were\)"):
        attempt(("train",))


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


def test_evaluates_the_shipped_detector_on_a_split(
    small_manifest: Path, trained: Path, tmp_path: Path
) -> None:
    detector = Detector(Registry(user=trained.parent).load("small-head"))
    found = evaluate(
        small_manifest,
        tmp_path / "out",
        detector=detector,
        encoder=FakeEncoder(),
        cache=tmp_path / "cache",
        splits=("dev",),
    )
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text("utf-8"))
    assert metrics["model"] == "small-head"
    assert metrics["overall"]["n_ai"] == metrics["overall"]["n_human"] == 30
    assert {s["name"] for s in metrics["by_kind"]} == {"comic", "painting"}
    assert {s["name"] for s in metrics["by_generator"]} == {f"generator-{i}" for i in range(6)}
    assert len(metrics["by_source"]) == 12
    # Again by hand: what the detector itself answers, one image at a time.
    with small_manifest.open(newline="") as file:
        dev = [row for row in csv.DictReader(file) if row["split"] == "dev"]
    encoder, accused = FakeEncoder(), 0
    for row in dev:
        if row["label"] == "human":
            picture = Image.open(small_manifest.parent / row["path"])
            view = np.asarray(picture.resize((64, 64), Image.Resampling.BICUBIC))
            answer = detector.assess(encoder.encode(view[None]))
            accused += answer.verdict.value == "ai"
    called = found.figures.overall.humans_called_ai
    assert called is not None
    assert accused == round(called.value * 30)


def test_the_page_stands_alone(small_manifest: Path, trained: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    manifest = tmp_path / "m.csv"
    text = small_manifest.read_text().replace("human-source-0", "<script>alert(1)</script>")
    lines = [
        f"{small_manifest.parent}/{line}" if "/" in line else line for line in text.splitlines()
    ]
    manifest.write_text("\n".join(lines))
    evaluate(
        manifest,
        out,
        detector=Detector(Registry(user=trained.parent).load("small-head")),
        encoder=FakeEncoder(),
        cache=tmp_path / "cache",
    )
    html = (out / "report.html").read_text("utf-8")
    page = _Page()
    page.feed(html)
    assert page.open == []
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert "http" not in html
    assert {"roc.png", "reliability.png", "histogram.png"} <= set(page.images)
    for source in page.images:
        Image.open(out / source).verify()
