"""A challenger answers beside, of the same features, and changes nothing."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from evidence import Verdict
from models.shadow_answers import ShadowAnswer, ShadowAnswers
from serving.online import OnlineJudge, Upload
from serving.shadow import ShadowJudge
from tests.fakes import FakeDetector, FakeEncoder, fake_judge
from tests.scan.making import picture

PICTURES = [picture(i, "PNG", side=60 + i) for i in range(6)]


@dataclass(frozen=True)
class FakeArtefact:
    sha256: str = "c" * 64


class Challenger(FakeDetector):
    """A detector with a digest."""

    artefact = FakeArtefact()


@dataclass
class Asked:
    """What came of some uploads.

    Attributes:
        answers: Of both detectors.
        views: How many views were encoded, in all.
        published: Verdicts of the pixels that were answered.
    """

    answers: list[ShadowAnswer]
    views: int
    published: list[Verdict]


def upload(folder: Path, champion: FakeDetector, challenger: Challenger | None) -> Asked:
    encoder = FakeEncoder()
    judge = replace(fake_judge(encoder, champion), shadow=challenger)
    kept = ShadowAnswers(folder / "shadow")
    shadow = ShadowJudge(kept, together=4)
    published = []
    with OnlineJudge(judge, on_judged=[shadow]) as online:
        for data in PICTURES:
            answer = online.submit(Upload(lambda data=data: data)).result()  # type: ignore[misc]
            assert answer == judge.one(data)
            published.append(answer.ai.pixels.verdict)
    views = sum(encoder.seen)
    shadow.tidy()
    return Asked(list(kept), views, published)


def test_nothing_is_encoded_for_it_and_nothing_it_says_is_published(tmp_path: Path) -> None:
    alone = upload(tmp_path / "a", FakeDetector(), None)
    beside = upload(tmp_path / "b", FakeDetector(), Challenger(doubt=0.0))
    assert alone.answers == []
    assert (beside.views, beside.published) == (alone.views, alone.published)
    assert len(beside.answers) == len(PICTURES)
    assert all(one.partial for one in beside.answers), "it was in doubt, with one view"
    assert {one.challenger for one in beside.answers} == {"c" * 64}
    order = {one.sha256: one for one in beside.answers}
    assert len(order) == len(PICTURES)
    assert sorted(one.champion_verdict for one in order.values()) == sorted(alone.published)


def test_the_views_that_there_are_are_looked_at_where_it_is_in_doubt(tmp_path: Path) -> None:
    challenger = Challenger(doubt=0.5)
    found = upload(tmp_path, FakeDetector(doubt=0.0), challenger)
    assert not any(one.partial for one in found.answers)
    looked = sorted({views for views, _ in challenger.looked})
    assert looked[0] == 1
    assert looked[-1] > 1
    assert [one.champion_probability for one in found.answers]


def test_answers_leave_with_their_images(tmp_path: Path) -> None:
    found = upload(tmp_path, FakeDetector(), Challenger())
    kept = ShadowAnswers(tmp_path / "shadow")
    kept.forget({found.answers[0].sha256})
    assert sorted(map(repr, kept)) == sorted(map(repr, found.answers[1:]))
    kept.forget({one.sha256 for one in found.answers})
    assert list(kept) == []
    assert not list(kept.folder.iterdir())


@pytest.mark.parametrize("together", [1, 100])
def test_they_are_written_together(tmp_path: Path, together: int) -> None:
    judge = replace(fake_judge(), shadow=Challenger())
    shadow = ShadowJudge(ShadowAnswers(tmp_path), together=together)
    with OnlineJudge(judge, on_judged=[shadow]) as online:
        online.submit(Upload(lambda: PICTURES[0])).result()
    assert len(list(tmp_path.iterdir())) == (together == 1)
