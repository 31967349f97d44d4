"""What comes one by one is judged as `Judge.one` judges it."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from imaging import ImagingError
from models import Features, Views
from serving.errors import Overloaded
from serving.judge import Judge
from serving.online import OnlineJudge, Upload
from serving.turns import PIECE
from tests.fakes import FakeDetector, FakeEncoder, FakeSearcher, fake_judge
from tests.scan.making import picture

PICTURES = [picture(i, "JPEG" if i % 2 else "PNG", side=40 + 10 * i) for i in range(20)]


def upload(data: bytes) -> Upload:
    return Upload(lambda: data)


class HeldEncoder(FakeEncoder):
    """Encodes nothing until it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.let = threading.Event()
        self.asked = threading.Event()
        self.batches: list[int] = []

    def encode(self, views: Views) -> Features:
        self.asked.set()
        self.let.wait()
        self.batches.append(len(views))
        return super().encode(views)


@pytest.mark.parametrize("similarity", [None, FakeSearcher()], ids=["alone", "with-index"])
def test_answers_are_those_of_one(similarity: FakeSearcher | None) -> None:
    """The slow way defines what is right: one image after the other."""
    judge = fake_judge(FakeEncoder(), FakeDetector(doubt=0.4), similarity=similarity)
    expected = [judge.one(data) for data in PICTURES]
    with OnlineJudge(judge, most=100) as online, ThreadPoolExecutor(8) as pool:
        asked: Callable[[bytes], object] = lambda data: online.submit(upload(data)).result()  # noqa: E731
        assert list(pool.map(asked, PICTURES)) == expected


def test_a_bad_image_harms_no_other() -> None:
    judge = fake_judge()
    with OnlineJudge(judge, most=100) as online:
        answers = [online.submit(upload(data)) for data in (PICTURES[0], b"no", PICTURES[1])]
        assert answers[0].result() == judge.one(PICTURES[0])
        assert isinstance(answers[1].exception(), ImagingError)
        assert answers[2].result() == judge.one(PICTURES[1])


def test_an_encoder_that_fails_fails_its_batch_alone() -> None:
    class Failing(FakeEncoder):
        fails = True

        def encode(self, views: Views) -> Features:
            if self.fails:
                raise MemoryError
            return super().encode(views)

    encoder = Failing()
    with OnlineJudge(fake_judge(encoder)) as online:
        assert isinstance(online.submit(upload(PICTURES[0])).exception(), MemoryError)
        encoder.fails = False
        assert online.submit(upload(PICTURES[0])).result()
        assert online.waiting == 0


def test_what_waits_is_encoded_together_and_a_lone_one_at_once() -> None:
    encoder = HeldEncoder()
    with OnlineJudge(fake_judge(encoder), most=100) as online:
        answers = [online.submit(upload(PICTURES[0]))]
        encoder.asked.wait()
        answers += [online.submit(upload(data)) for data in PICTURES[1:9]]
        while online._turns.waiting < 8:
            time.sleep(0.01)
        encoder.let.set()
        assert all(answer.result() for answer in answers)
        assert online.submit(upload(PICTURES[0])).result()
    assert encoder.batches == [1, 8, 1]


def test_too_many_are_refused_with_the_time_to_wait() -> None:
    encoder = HeldEncoder()
    with OnlineJudge(fake_judge(encoder), most=3) as online:
        answers = [online.submit(upload(PICTURES[0])) for _ in range(3)]
        with pytest.raises(Overloaded) as refused:
            online.submit(upload(PICTURES[0]))
        assert refused.value.retry_after >= 1
        encoder.let.set()
        assert all(answer.result() for answer in answers)
        assert online.submit(upload(PICTURES[0])).result()


def test_nobody_takes_back_what_was_accepted() -> None:
    """A cancelled answer could not be given, and would end the thread that encodes for all."""
    encoder = HeldEncoder()
    with OnlineJudge(fake_judge(encoder)) as online:
        answer = online.submit(upload(PICTURES[0]))
        assert not answer.cancel()
        encoder.let.set()
        assert answer.result()
        assert online.submit(upload(PICTURES[1])).result()


def test_what_was_accepted_is_answered_before_it_closes() -> None:
    judge: Judge = fake_judge()
    online = OnlineJudge(judge, most=100)
    answers = [online.submit(upload(data)) for data in PICTURES]
    online.close()
    assert all(answer.done() and answer.result() for answer in answers)
    with pytest.raises(Overloaded):
        online.submit(upload(PICTURES[0]))


def test_uploads_go_before_whoever_can_wait() -> None:
    encoder = HeldEncoder()
    views = np.arange(2 * PIECE + 1, dtype=np.uint8)[:, None, None, None]
    views = np.broadcast_to(views, (len(views), encoder.size, encoder.size, 3))
    expected = FakeEncoder().encode(views)
    with OnlineJudge(fake_judge(encoder)) as online, ThreadPoolExecutor() as pool:
        patient = online.patient_encoder
        assert (patient.id, patient.size) == (encoder.id, encoder.size)
        enrolling = pool.submit(patient.encode, views)
        encoder.asked.wait()
        answers = [online.submit(upload(data)) for data in PICTURES[:3]]
        while online._turns.waiting < 3:
            time.sleep(0.01)
        encoder.let.set()
        assert all(answer.result() for answer in answers)
        found = enrolling.result()
        np.testing.assert_array_equal(found.embedding, expected.embedding)
        assert encoder.batches == [PIECE, 3, PIECE, 1]
    # Closed, and held by an enrolment still.
    assert len(patient.encode(views)) == len(views)


def test_what_an_enrolment_meets_harms_no_upload() -> None:
    class Failing(FakeEncoder):
        def encode(self, views: Views) -> Features:
            if not views.any():
                raise MemoryError
            return super().encode(views)

    encoder = Failing()
    with OnlineJudge(fake_judge(encoder)) as online:
        with pytest.raises(MemoryError):
            online.patient_encoder.encode(np.zeros((1, encoder.size, encoder.size, 3), np.uint8))
        assert online.submit(upload(PICTURES[0])).result()
