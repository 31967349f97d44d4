import time
from collections.abc import Collection

import pytest

from serving.learning import Learning
from serving.online import JudgedUpload


class Remembering:
    """A learner that remembers what it was asked to do, and may fail."""

    def __init__(self, fails: int = 0) -> None:
        self.tidied = 0
        self.forgot: list[set[str]] = []
        self.fails = fails

    def __call__(self, upload: JudgedUpload) -> None:
        raise NotImplementedError

    def tidy(self) -> None:
        self.tidied += 1

    def forget(self, digests: Collection[str]) -> None:
        if self.fails:
            self.fails -= 1
            raise OSError("no disk")
        self.forgot.append(set(digests))


def once(*digests: str) -> list[set[str]]:
    """What is to leave, told once, as a queue."""
    return [set(digests)]


def test_what_could_not_be_deleted_is_tried_again() -> None:
    told = once("a")
    one, other = Remembering(), Remembering(fails=1)
    learning = Learning([one, other], lambda: told.pop() if told else set())
    with pytest.raises(OSError, match="no disk"):
        learning.look()
    told.append({"b"})
    learning.look()
    assert other.forgot == [{"a", "b"}]
    learning.look()
    assert other.forgot == [{"a", "b"}]
    assert one.forgot[-1] == {"a", "b"}


def test_a_failure_does_not_end_the_thread_and_at_the_end_all_is_written() -> None:
    told = once("a")
    one = Remembering(fails=1)
    learning = Learning([one], lambda: told.pop() if told else set(), seconds=0.001)
    learning.start()
    while not one.forgot:
        time.sleep(0.001)
    tidied = one.tidied
    learning.stop()
    assert one.forgot[0] == {"a"}
    assert one.tidied > tidied
