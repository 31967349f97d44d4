import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from detector import Detector
from detector.pixels.measures import measure
from detector.pixels.score import score_pixels
from detector.pixels.views import views_of
from imaging import decode
from models import DetectorArtefact, Kind, Registry
from models.artefact.detector import HEAD, load_seen, load_tail_held_out
from models.artefact.golden import check_folder, check_views
from models.errors import BadArtefactName, FolderTaken
from tests.artefacts import FakeEncoder
from tests.tails import SeesPatches, small_blocks
from training.data.manifest import read_training_rows
from training.detector.numerical_width import NumericalWidth
from training.detector.recipe import Recipe, TailRecipe
from training.detector.train import train
from training.errors import TooFewImages
from training.evaluation.answers import judge_rows

RECIPE = Recipe(folds=3, repeats=2, networks=2, hidden=8, learning_rate=1e-2, batch=16)


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
        "novelty.safetensors",
        "patches.safetensors",
        "seen.safetensors",
    ]
    registry = Registry(user=tmp_path)
    registry.promote(trained, {Kind.DETECTOR: check_folder})
    artefact = DetectorArtefact.load(registry.in_use(Kind.DETECTOR, "fake:1"))
    manifest = artefact.manifest
    assert manifest.name == "small-head"
    assert manifest.data.images == {"ai": 30, "human": 30}
    assert manifest.data.groups == {"ai": 6, "human": 6}
    assert 0.6 < manifest.metrics["auroc"] <= 1
    assert manifest.metrics["humans_called_ai_low"] <= manifest.metrics["humans_called_ai"]
    check_views(artefact, FakeEncoder())


def test_the_card_says_what_not_to_use_it_for_and_its_figures(trained: Path) -> None:
    card = (trained / "README.md").read_text("utf-8")
    for part in ("Do not use it", "Known weaknesses", "humans called `ai`", "painting", "rakkan"):
        assert part in card
    held_out = json.loads((trained / "held-out.json").read_text("utf-8"))
    assert held_out["detector"]["overall"]["n_human"] == 30


def test_what_is_published_keeps_to_the_rates_where_precisions_differ(
    trained: Path, small_manifest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def measured(*_: object) -> NumericalWidth:
        return NumericalWidth(0.5, 200)

    monkeypatch.setattr("training.detector.train.measure_numerical_width", measured)
    cache = trained.parent / "cache"
    made = train(
        small_manifest, tmp_path / "wide", encoder=FakeEncoder(), cache=cache, recipe=RECIPE
    ).manifest
    plain = DetectorArtefact.load(trained).manifest
    assert (plain.numerical_width, made.numerical_width) == (0.0, 0.5)
    assert made.operating_points == plain.operating_points.within(0.5)


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
        assert made.manifest.data.unreadable == 0
        facts = made.manifest
        heads.append((facts.files[HEAD], facts.data.sha256, encoder.views_encoded))
    assert heads[0] == heads[1]


def test_refuses_a_folder_in_use_a_bad_name_and_one_class(
    small_manifest: Path, trained: Path, tmp_path: Path
) -> None:
    def attempt(out: Path, manifest: Path = small_manifest) -> None:
        train(manifest, out, encoder=FakeEncoder(), cache=tmp_path / "cache", recipe=RECIPE)

    with pytest.raises(FolderTaken, match="not empty"):
        attempt(trained)
    with pytest.raises(BadArtefactName, match="no name for a model"):
        attempt(tmp_path / "Bad Name")
    (tmp_path / "m.csv").write_text("path,label\na.png,ai\n")
    with pytest.raises(TooFewImages, match="AI pictures and human works"):
        attempt(tmp_path / "out", tmp_path / "m.csv")


TAILED = replace(RECIPE, tail=TailRecipe(units=8, batch=16, epochs=5))


@pytest.fixture(scope="module")
def tailed(trained: Path, small_manifest: Path) -> DetectorArtefact:
    return train(
        small_manifest,
        trained.parent / "with-tail",
        encoder=SeesPatches(),
        cache=trained.parent / "cache-of-patches",
        recipe=TAILED,
        start=small_blocks(1),
    )


def test_a_detector_with_a_tail_is_whole(tailed: DetectorArtefact, tmp_path: Path) -> None:
    Registry(user=tmp_path).promote(tailed.folder, {Kind.DETECTOR: check_folder})
    check_views(tailed, SeesPatches())
    assert tailed.tail is not None
    said = load_tail_held_out(tailed)
    assert said.keys() == load_seen(tailed), "of every image that it was made from"
    assert len(said) == 60
    card = tailed.path("README.md").read_text("utf-8")
    assert "a tail's opinion on the whole" in card
    assert "the encoder's last 1 blocks" in card


def test_the_tail_gives_a_third_opinion_where_there_is_doubt(
    tailed: DetectorArtefact, small_manifest: Path
) -> None:
    assert tailed.tail is not None
    doubt = tailed.manifest.doubt
    assert doubt is not None
    rows = read_training_rows(small_manifest)
    doubted = 0
    for row in rows:
        image = decode(row.path.read_bytes())
        features = SeesPatches().encode(views_of(image, 64))
        first, detail, again = tailed.head.score(features).astype(float)
        found = score_pixels(features, tailed)
        if first > doubt:
            second = float(tailed.tail.score(features[:1])[0])
            assert found.score == pytest.approx((first + detail + second) / 3)
            after = tailed.manifest.calibration.probability((again + detail + second) / 3)
            assert found.stability == pytest.approx(1 - abs(found.probability - after))
            doubted += 1
        else:
            assert found.score == pytest.approx(first)
            assert score_pixels(replace(features, patch_tokens=None), tailed) == found
    assert 0 < doubted < len(rows)


def test_an_evaluation_hears_the_tail_too(
    tailed: DetectorArtefact, small_manifest: Path, tmp_path: Path
) -> None:
    detector = Detector(tailed)
    rows = read_training_rows(small_manifest)[:20]
    table, answers = judge_rows(rows, detector, SeesPatches(), tmp_path)
    for i, row in enumerate(table.rows):
        image = decode(row.path.read_bytes())
        features = detector.encode(image, SeesPatches())
        assert answers.scores[i] == pytest.approx(detector.assess(features, measure(image)).score)


def test_without_the_encoders_blocks_or_a_recipe_there_is_no_tail(
    trained: Path, tmp_path: Path, small_manifest: Path
) -> None:
    assert DetectorArtefact.load(trained).tail is None
    made = train(
        small_manifest,
        tmp_path / "quick",
        encoder=SeesPatches(),
        cache=trained.parent / "cache-of-patches",
        recipe=replace(RECIPE, tail=None),
        start=small_blocks(1),
    )
    assert made.tail is None
    assert "The tail is" not in made.path("README.md").read_text("utf-8")
