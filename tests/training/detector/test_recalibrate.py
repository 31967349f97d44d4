import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from detector import Detector, Measures, measure
from evidence import Information, Verdict
from imaging import decode_for_view, global_view
from models import Views
from models.artefact.artefact import CARD
from models.artefact.detector import HEAD, DetectorArtefact, load_seen, save_seen
from models.artefact.golden import check_folder
from models.artefact.manifest import Kind
from models.artefact.registry import Registry
from models.errors import BadArtefactName, FolderTaken
from tests.artefacts import ENCODER, FakeEncoder, fake_features, write_artefact
from tests.labelled import GROUPS, write_images
from training.data.manifest import Row, read_manifest
from training.detector.conformal import Guarantee
from training.detector.recalibrate import (
    RECORD,
    REPEATED,
    SAME_CREATOR,
    SEEN,
    PlatformRecord,
    PlatformSample,
    recalibrate,
    score_works,
)
from training.errors import TooFewImages, TrainingError

ENOUGH = Measures(1000, Information(0.5, 0.5, too_plain=False))


def sample(n: int = 700, **left_out: int) -> PlatformSample:
    scores = np.random.default_rng(0).normal(size=n)
    return PlatformSample(scores, tuple(f"{i:064x}" for i in range(n)), left_out)


@pytest.fixture
def artefact(tmp_path: Path) -> DetectorArtefact:
    return write_artefact(tmp_path / "shared" / "first", seen=["f" * 64])


@pytest.mark.parametrize("width", [0.0, 0.25])
def test_the_new_artefact_has_the_same_head_and_the_platforms_threshold(
    width: float, tmp_path: Path
) -> None:
    artefact = write_artefact(tmp_path / "shared" / "first", numerical_width=width)
    works = sample()
    made = recalibrate(artefact, works, 0.005, tmp_path / "ours")
    old, new = artefact.manifest, made.manifest
    point = new.point("ai", new.ai_rate)
    assert (new.name, new.ai_rate, point.n) == ("ours", 0.005, 700)
    assert (works.scores > point.threshold + width).mean() == point.measured <= 0.005
    assert new.files[HEAD] == old.files[HEAD]
    assert new.point("human", new.human_rate) == old.point("human", old.human_rate)
    assert new.point("ai", 0.01) == old.point("ai", 0.01)
    above, below = (point.threshold + width + by for by in (0.01, -0.01))
    assert Detector(made).assess(fake_features([above]), ENOUGH).verdict is Verdict.AI
    assert Detector(made).assess(fake_features([below]), ENOUGH).verdict is not Verdict.AI


def test_it_says_where_its_threshold_comes_from(artefact: DetectorArtefact, tmp_path: Path) -> None:
    made = recalibrate(artefact, sample(repeated=3), 0.01, tmp_path / "ours")
    record = PlatformRecord.model_validate_json((made.folder / RECORD).read_bytes())
    assert (record.derived_from, record.guarantee, record.confidence) == ("first", "sample", 0.95)
    assert record.point == made.manifest.point("ai", 0.01)
    assert record.left_out == {"repeated": 3}
    card = (made.folder / CARD).read_text("utf-8")
    assert card.startswith("Made from first, with a threshold of its own: at most 1 %")
    assert "with 95 % confidence in the sample" in card
    assert card.endswith("# The card\n")
    # The point of the same rate is replaced, not repeated.
    assert [p.rate for p in made.manifest.operating_points.ai] == [0.01]


def test_the_works_count_as_seen_from_then_on(artefact: DetectorArtefact, tmp_path: Path) -> None:
    made = recalibrate(artefact, sample(), 0.01, tmp_path / "ours")
    assert load_seen(made) == {"f" * 16, "0" * 16}  # all of the sample begin alike


def test_it_can_be_promoted(artefact: DetectorArtefact, tmp_path: Path) -> None:
    registry = Registry(tmp_path / "home", shipped=artefact.folder.parent)
    made = recalibrate(artefact, sample(), 0.01, tmp_path / "ours")
    registry.promote(made.folder, {Kind.DETECTOR: check_folder})
    assert registry.in_use(Kind.DETECTOR, ENCODER).name == "ours"


def test_too_small_a_sample_is_refused_and_nothing_is_written(
    artefact: DetectorArtefact, tmp_path: Path
) -> None:
    few = sample(500, seen=200, odd=1)
    with pytest.raises(TooFewImages, match=r"at least 598.*\(left out: 200 seen, 1 odd\)$"):
        recalibrate(artefact, few, 0.005, tmp_path / "ours")
    assert not (tmp_path / "ours").exists()
    assert recalibrate(
        artefact, few, 0.005, tmp_path / "ours", guarantee=Guarantee.AVERAGE
    ).manifest.ai_rate == pytest.approx(0.005)


def test_wrong_usage_is_refused(artefact: DetectorArtefact, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="a rate lies above 0"):
        recalibrate(artefact, sample(), 2.0, tmp_path / "ours")
    with pytest.raises(BadArtefactName, match="no name"):
        recalibrate(artefact, sample(), 0.01, tmp_path / "Our Model")
    with pytest.raises(FolderTaken, match="not empty"):
        recalibrate(artefact, sample(), 0.01, artefact.folder)
    broken = replace(sample(), scores=np.full(700, np.nan))
    with pytest.raises(TrainingError, match="finite"):
        recalibrate(artefact, broken, 0.01, tmp_path / "ours")


@pytest.fixture
def rows(tmp_path: Path) -> tuple[Row, ...]:
    return read_manifest(write_images(tmp_path / "images"))


def test_human_works_are_scored_once_each_and_known_ones_left_out(
    artefact: DetectorArtefact, rows: tuple[Row, ...], tmp_path: Path
) -> None:
    works = [row for row in rows if row.label == "human"]
    encoder = FakeEncoder()
    head = replace(  # of the width of the fake encoder's features
        artefact.head,
        mean=np.zeros(128, np.float32),
        scale=np.ones(128, np.float32),
        weight=np.full(128, 0.01, np.float32),
    )

    def first_views(of: Sequence[Row]) -> list[Views]:
        images = (decode_for_view(row.path.read_bytes(), encoder.size) for row in of)
        return [global_view(image, encoder.size)[None] for image in images]

    firsts = [float(head.score(encoder.encode(view))[0]) for view in first_views(works)]
    doubting = artefact.manifest.model_copy(update={"doubt": float(np.median(firsts))})
    detector = Detector(replace(artefact, head=head, manifest=doubting))

    def scored(given: Sequence[Row], *, one_per_creator: bool = False) -> PlatformSample:
        return score_works(
            given,
            detector=detector,
            encoder=encoder,
            cache=tmp_path / "cache",
            one_per_creator=one_per_creator,
        )

    everything = scored(rows)
    served = {}
    for row in works:
        image = decode_for_view(row.path.read_bytes(), encoder.size)
        served[image.sha256] = detector.assess(
            detector.encode(image, encoder), measure(image)
        ).score
    assert len({detector.in_doubt(encoder.encode(v)) for v in first_views(works)}) == 2
    assert dict(zip(everything.sha256, everything.scores, strict=True)) == pytest.approx(served)
    assert len(everything.scores) == len(works) == len(set(everything.sha256))
    assert everything.left_out == {}
    one_of_each = scored(rows, one_per_creator=True)
    assert len(one_of_each.scores) == len({row.creator for row in works}) == GROUPS
    assert one_of_each.left_out == {SAME_CREATOR: len(works) - GROUPS}

    copy, broken = tmp_path / "copy.png", tmp_path / "broken.png"
    copy.write_bytes(works[0].path.read_bytes())
    broken.write_bytes(b"no image")
    more = [replace(works[0], name=path.name, path=path) for path in (copy, broken)]
    known = {*everything.sha256} - {hashlib.sha256(copy.read_bytes()).hexdigest()}
    save_seen(artefact.folder, [min(known)])
    found = scored([*works, *more])
    assert found.left_out == {"could not be read": 1, SEEN: 1, REPEATED: 1}
    assert (
        dict(zip(found.sha256, found.scores, strict=True)).items()
        <= dict(zip(everything.sha256, everything.scores, strict=True)).items()
    )


def test_without_human_works_there_is_nothing_to_score(
    artefact: DetectorArtefact, rows: tuple[Row, ...], tmp_path: Path
) -> None:
    with pytest.raises(TooFewImages, match="no human works"):
        score_works(
            [row for row in rows if row.label == "ai"],
            detector=Detector(artefact),
            encoder=FakeEncoder(),
            cache=tmp_path,
        )
