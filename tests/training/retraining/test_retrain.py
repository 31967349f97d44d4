import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from huggingface_hub import ModelCard

from models import DetectorArtefact, Kind, Registry
from models.artefact.detector import HEAD, HELD_OUT, PATCHES, load_seen, load_tail_held_out
from models.artefact.golden import check_folder, check_views
from models.errors import EncoderDiffers
from models.heads import select
from tests.artefacts import FakeEncoder
from tests.tails import SeesPatches, small_blocks
from tests.training.detector.test_train import RECIPE
from training.data.augmentation import CLEAN, augmented
from training.data.features import compute_features, keep_features
from training.data.manifest import Row, read_manifest, read_training_rows
from training.detector.cross_fit import LEARNT
from training.detector.recipe import TailRecipe
from training.detector.train import train
from training.errors import MissingFiles
from training.evaluation.metrics import auroc
from training.retraining.retrain import retrain
from training.retraining.view_rows import features_of, write_rows

SMALL = replace(RECIPE, repeats=1, epochs=60)


@pytest.fixture(scope="module")
def champion(small_manifest: Path, tmp_path_factory: pytest.TempPathFactory) -> DetectorArtefact:
    folder = tmp_path_factory.mktemp("champion")
    return train(
        small_manifest,
        folder / "champion",
        encoder=FakeEncoder(),
        cache=folder / "cache",
        recipe=RECIPE,
    )


@pytest.fixture(scope="module")
def challenger(champion: DetectorArtefact, small_manifest: Path) -> DetectorArtefact:
    cache, out = champion.folder.parent / "cache", champion.folder.parent / "challenger"
    return retrain(
        small_manifest,
        champion,
        out,
        encoder=FakeEncoder(),
        cache=cache,
        recipe=SMALL,
        suspects=out.parent / "suspects.csv",
    )


def test_a_challenger_is_whole_and_says_whence_it_comes(
    champion: DetectorArtefact, challenger: DetectorArtefact, tmp_path: Path
) -> None:
    assert {one.name for one in challenger.folder.iterdir()} == {
        one.name for one in champion.folder.iterdir()
    }
    registry = Registry(user=tmp_path)
    registry.promote(challenger.folder, {Kind.DETECTOR: check_folder})
    check_views(challenger, FakeEncoder())
    card = challenger.path("README.md").read_text()
    assert ModelCard(card).data.license == "mit"
    assert "\n---\n\nMade from champion: its head, calibration, thresholds" in card
    assert card.count("Made from champion") == 1
    assert "# champion" in card
    assert challenger.path(PATCHES).read_bytes() == champion.path(PATCHES).read_bytes()
    assert challenger.path(HEAD).read_bytes() != champion.path(HEAD).read_bytes()
    assert json.loads(challenger.path(HELD_OUT).read_text())["detector"]["overall"]["n_ai"] == 30
    assert load_seen(challenger) == load_seen(champion)
    assert (challenger.folder.parent / "suspects.csv").read_text().startswith("path,sha256,label")


def test_it_ranks_images_as_training_from_the_ground_up_does(
    champion: DetectorArtefact, challenger: DetectorArtefact, small_manifest: Path
) -> None:
    """`train` is the slow definition: the same images, all views in memory, head by head."""
    rows = read_training_rows(small_manifest)
    table = compute_features(rows, FakeEncoder(), champion.folder.parent / "cache")
    ours, theirs = (
        auroc(scores[table.is_ai], scores[~table.is_ai]).value
        for scores in (one.head.score(table.features) for one in (challenger, champion))
    )
    assert theirs > 0.8
    assert ours == pytest.approx(theirs, abs=0.1)
    of = [one.manifest.metrics["auroc"] for one in (challenger, champion)]
    assert of[0] == pytest.approx(of[1], abs=0.15)


def test_images_that_are_gone_are_learnt_from_by_what_is_kept(
    champion: DetectorArtefact, challenger: DetectorArtefact, small_manifest: Path, tmp_path: Path
) -> None:
    cache = champion.folder.parent / "cache"
    table = compute_features(read_training_rows(small_manifest), FakeEncoder(), cache)
    manifest = tmp_path / "gone.csv"
    with manifest.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("path", "label", "source", "generator", "creator", "kind", "sha256"))
        for row, digest in zip(table.rows, table.sha256, strict=True):
            about = (row.label, row.source, row.generator, row.creator, row.kind)
            writer.writerow((f"{digest}.gone", *about, digest))
    encoder = FakeEncoder()
    again = retrain(
        manifest, champion, tmp_path / "challenger", encoder=encoder, cache=cache, recipe=SMALL
    )
    np.testing.assert_array_equal(
        again.head.score(table.features), challenger.head.score(table.features)
    )
    assert again.manifest.data.sha256 == challenger.manifest.data.sha256
    with pytest.raises(MissingFiles, match=r"\.gone \(line 2\)"):
        retrain(manifest, champion, tmp_path / "no", encoder=encoder, cache=tmp_path / "none")
    assert not (tmp_path / "no").exists()


def test_another_encoder_is_refused(
    champion: DetectorArtefact, small_manifest: Path, tmp_path: Path
) -> None:
    other = FakeEncoder("other:1")
    with pytest.raises(EncoderDiffers):
        retrain(small_manifest, champion, tmp_path / "out", encoder=other, cache=tmp_path)


def test_one_new_image_computes_one_image(small_manifest: Path, tmp_path: Path) -> None:
    rows = read_manifest(small_manifest)
    told: list[tuple[int, int]] = []
    keep_features(rows[:9], FakeEncoder(), tmp_path)
    keep_features(rows[:10], FakeEncoder(), tmp_path, lambda *done: told.append(done))
    assert told == [(10, 10)]


def test_rows_on_the_disk_are_the_features(small_manifest: Path, tmp_path: Path) -> None:
    rows = read_manifest(small_manifest)
    views = [keep_features(rows, FakeEncoder(), tmp_path, None, v) for v in (CLEAN, augmented(1))]
    places = {digest: i for i, digest in enumerate(views[0].digests.values())}
    inputs = ("embedding", "class_tokens")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    written = write_rows([(one.shards, places) for one in views], inputs, scratch)
    tables = [
        compute_features(rows, FakeEncoder(), tmp_path, None, v) for v in (CLEAN, augmented(1))
    ]
    expected = np.stack([select(table.features, inputs) for table in tables])
    found = np.concatenate([x for _, x in written.chunks()])
    np.testing.assert_allclose(found, expected[written.view, written.image], rtol=2e-3, atol=1e-4)
    seen = [(rows, x) for rows, x in written.blocks(np.random.default_rng(0))]
    order = np.concatenate([rows for rows, _ in seen])
    assert sorted(order.tolist()) == list(range(len(written)))
    assert order.tolist() != sorted(order.tolist())
    np.testing.assert_array_equal(np.concatenate([x for _, x in seen]), found[order])
    shapes = {name: getattr(tables[0].features, name).shape[1:] for name in inputs}
    back = features_of(found, inputs, shapes)
    np.testing.assert_array_equal(select(back, inputs), found)


@pytest.fixture(scope="module")
def tailed(small_manifest: Path, tmp_path_factory: pytest.TempPathFactory) -> DetectorArtefact:
    """Made from all images but those of one source."""
    folder = tmp_path_factory.mktemp("tailed")
    return train(
        _manifest(read_training_rows(small_manifest)[:-5], folder / "first.csv"),
        folder / "champion",
        encoder=SeesPatches(),
        cache=folder / "cache",
        recipe=replace(RECIPE, tail=TailRecipe(units=8, batch=16, epochs=5)),
        start=small_blocks(1),
    )


def _manifest(rows: Sequence[Row], file: Path) -> Path:
    with file.open("w", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(("path", "label", "source", "generator", "creator", "kind", "sha256"))
        for row in rows:
            about = (row.label, row.source, row.generator, row.creator, row.kind, row.sha256)
            writer.writerow((row.path, *about))
    return file


def test_a_challenger_keeps_the_tail_and_what_it_said_before_it_had_seen(
    tailed: DetectorArtefact, small_manifest: Path, tmp_path: Path
) -> None:
    """Of a new image it is asked; of those that it has learnt from it would be too sure."""
    rows, cache = read_training_rows(small_manifest), tailed.folder.parent / "cache"
    encoder = SeesPatches()
    again = retrain(
        small_manifest, tailed, tmp_path / "again", encoder=encoder, cache=cache, recipe=SMALL
    )
    before, after = load_tail_held_out(tailed), load_tail_held_out(again)
    assert again.tail is not None
    assert tailed.tail is not None
    assert {**after, **before} == after
    assert after.keys() == load_seen(again)
    assert len(after) == len(before) + 5 == len(rows)
    table = compute_features(rows, SeesPatches(), cache, tokens=True)
    for i, digest in enumerate(table.sha256):
        if digest[:16] not in before:
            said = tailed.tail.score(table.image(i))[0]
            assert after[digest[:16]] == pytest.approx(said, abs=1e-6)
    check_views(again, SeesPatches())
    card = again.path("README.md").read_text()
    assert "its tail, heat map and photo signal are those of champion" in card
    assert encoder.views_encoded == 5 * len(LEARNT) + 4, "each new image once, and golden views"


def test_of_an_image_that_is_gone_the_tail_is_not_asked(
    tailed: DetectorArtefact, small_manifest: Path, tmp_path: Path
) -> None:
    cache, encoder = tmp_path / "cache", SeesPatches()
    rows = read_training_rows(small_manifest)
    kept = [keep_features(rows, encoder, cache, treatment=view) for view in LEARNT]
    gone = [
        replace(row, path=Path(f"{i}.gone"), sha256=kept[0].digests[row])
        for i, row in enumerate(rows)
    ]
    manifest = _manifest(gone, tmp_path / "gone.csv")
    again = retrain(
        manifest, tailed, tmp_path / "again", encoder=encoder, cache=cache, recipe=SMALL
    )
    assert load_tail_held_out(again) == load_tail_held_out(tailed)
    assert again.manifest.data.images == {"ai": 30, "human": 30}
