import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from detector.pixels.views import COUNT
from detector.readers.contract import Reader
from evidence import Claim, EvidenceKind, Judgement, Signal, SimilarityEvidence, Verdict
from imaging import DecodedImage, ImagingError, Limits
from serving.judge import Judge
from serving.stream import Judged, judge_stream
from similarity.upload import Upload as SearchedUpload
from tests.fakes import FakeDetector, FakeEncoder, FakeIndex, FakeSearcher, fake_judge
from tests.scan.making import picture

PICTURES = [picture(i, "JPEG" if i % 2 else "PNG", side=40 + 10 * i) for i in range(20)]


@dataclass
class Uploads:
    """Gives the bytes of an upload by its number, and remembers which were asked for."""

    data: list[bytes | None]
    asked: list[int] = field(default_factory=list)

    def __call__(self, number: int) -> tuple[bytes | None, int]:
        self.asked.append(number)
        return self.data[number], number


def streamed(judge: Judge, data: list[bytes | None], **options: int) -> list[Judged[int]]:
    batches = judge_stream(judge, range(len(data)), Uploads(data), **options)
    return [one for batch in batches for one in batch]


@pytest.mark.parametrize("similarity", [None, FakeSearcher()], ids=["alone", "with-index"])
@pytest.mark.parametrize("held", [0, 1 << 20], ids=["views-at-once", "views-in-doubt"])
def test_a_stream_says_what_one_says(similarity: FakeSearcher | None, held: int) -> None:
    """The slow way defines what is right: one image after the other."""
    judge = fake_judge(FakeEncoder(), FakeDetector(doubt=0.4), similarity=similarity, held=held)
    expected = [judge.one(data) for data in PICTURES]
    for batch_size in (1, 3, 16):
        found = streamed(judge, list(PICTURES), batch_size=batch_size, workers=3)
        assert [one.payload for one in found] == list(range(len(PICTURES)))
        assert [one.judgement for one in found] == expected


def test_what_cannot_be_judged_keeps_its_place() -> None:
    data = [PICTURES[0], None, b"", PICTURES[1], PICTURES[2][:60]]
    found = streamed(fake_judge(), data)
    assert [one.payload for one in found] == list(range(5))
    assert [one.judgement is not None for one in found] == [True, False, False, True, False]
    codes = [None if one.error is None else one.error.code for one in found]
    assert codes == [None, None, "image_empty", None, "image_corrupt"]


def test_other_views_are_made_and_encoded_only_in_doubt() -> None:
    encoder, detector = FakeEncoder(), FakeDetector(doubt=0.4)
    judge = fake_judge(encoder, detector)
    found = streamed(judge, list(PICTURES))
    assert all(one.judgement for one in found)
    looked = [views for views, _ in detector.looked]
    assert set(looked) == {1, COUNT}
    assert sum(encoder.seen) == sum(looked)


def test_one_encoder_pass_feeds_detector_and_search() -> None:
    encoder, searcher = FakeEncoder(), FakeSearcher()
    judgement = fake_judge(encoder, similarity=searcher).one(PICTURES[0], account="7")
    assert encoder.seen == [1]
    assert searcher.asked == [(judgement.image.sha256, "7")]
    assert searcher.told_plain == [True]
    assert searcher.told_signals == [judgement.ai.signals]
    assert judgement.similarity is not None


def test_the_search_is_told_what_an_ai_made() -> None:
    searcher = FakeSearcher()
    judge = fake_judge(similarity=searcher)
    said = [judge.one(PICTURES[0], declared_ai=True), judge.one(PICTURES[0])]
    assert searcher.told_ai == [one.ai.verdict is Verdict.AI for one in said] == [True, False]


def test_a_judgement_names_what_it_was_made_by() -> None:
    alone = fake_judge().one(PICTURES[0]).made_by
    assert (alone.index, alone.similarity) == (None, None)
    made_by = fake_judge(similarity=FakeSearcher("state-7")).one(PICTURES[0]).made_by
    assert made_by.index == "state-7"
    assert made_by.similarity is not None
    assert made_by.detector.name == "fake"


def test_what_the_uploader_says_is_weighed() -> None:
    judge = fake_judge()
    declared = judge.one(PICTURES[0], declared_ai=True).ai
    assert (declared.verdict, declared.evidence) == ("ai", EvidenceKind.DECLARED)
    bare = judge.one(PICTURES[0], expects_metadata=True).ai
    assert bare.signals
    assert not judge.one(PICTURES[0]).ai.signals


class FakeReader(Reader):
    name = "fake"

    def read(self, data: bytes, image: DecodedImage) -> tuple[Signal, ...]:
        raise AssertionError("a fault")


def test_a_reader_that_fails_is_told_and_ends_nothing() -> None:
    found = streamed(fake_judge(readers=[FakeReader()]), [PICTURES[0]])
    (one,) = found
    assert one.judgement is not None
    assert [signal.claim for signal in one.judgement.ai.signals] == [Claim.NOTED]


def test_limits_bound_what_is_decoded() -> None:
    with pytest.raises(ImagingError):
        fake_judge(limits=Limits(pixels=100)).one(PICTURES[0])


def test_images_are_shown_as_they_are_decoded() -> None:
    shown: list[str] = []
    judge = fake_judge()
    batches = judge_stream(
        judge, range(3), Uploads(list(PICTURES[:3])), look=lambda image: shown.append(image.sha256)
    )
    judged = [one.judgement for batch in batches for one in batch]
    assert sorted(shown) == sorted(one.image.sha256 for one in judged if one is not None)


def test_memory_is_bounded_however_long_the_stream() -> None:
    """No more than the window of four batches, one at work and one behind are consumed."""
    uploads = Uploads([PICTURES[0]] * 400)
    batches = judge_stream(fake_judge(similarity=FakeSearcher()), range(400), uploads, batch_size=4)
    first: list[Judged[int]] = next(batches)
    assert [one.payload for one in first] == [0, 1, 2, 3]
    assert max(uploads.asked) < 4 * 4 + 2 * 4
    batches.close()


def test_a_stream_that_is_closed_early_leaves_no_thread() -> None:
    before = threading.active_count()
    batches = judge_stream(
        fake_judge(similarity=FakeSearcher()), range(20), Uploads(list(PICTURES))
    )
    next(batches)
    batches.close()
    assert threading.active_count() == before


def test_examining_keeps_what_the_judgement_was_made_of() -> None:
    judge = fake_judge()
    examined = judge.examine(PICTURES[3])
    assert isinstance(examined.judgement, Judgement)
    assert examined.judgement == judge.one(PICTURES[3])
    assert examined.image.sha256 == examined.judgement.image.sha256
    assert len(examined.features) == 1


def test_a_stream_searches_for_many_images_at_once() -> None:
    @dataclass
    class Counting(FakeSearcher):
        at_once: list[int] = field(default_factory=list)

        def search_all(
            self, uploads: Sequence[SearchedUpload], top: int = 5
        ) -> list[SimilarityEvidence]:
            self.at_once.append(len(uploads))
            return super().search_all(uploads, top)

    searcher = Counting()
    streamed(fake_judge(similarity=searcher), [*PICTURES[:15], b""], batch_size=16, workers=2)
    assert sorted(searcher.at_once) == [7, 8]


def test_all_searches_of_a_stream_are_of_one_state() -> None:
    """What another process enrols meanwhile is not seen; `one` sees it."""

    @dataclass
    class Changing(FakeSearcher):
        states: int = 0

        @property
        def gallery(self) -> FakeIndex:
            self.states += 1
            return FakeIndex(f"state-{self.states}")

        def at(self, state: FakeIndex) -> FakeSearcher:
            return FakeSearcher(state.name)

    searcher = Changing("newest")
    judge = fake_judge(similarity=searcher)
    found = [one.judgement for one in streamed(judge, list(PICTURES))]
    assert {one.made_by.index for one in found if one is not None} == {"state-1"}
    assert searcher.states == 1
    assert judge.one(PICTURES[0]).made_by.index == "newest"
    kept = judge.at_one_state()
    assert kept.index == kept.one(PICTURES[0]).made_by.index == "state-2"
    assert kept.at_one_state() is kept
