"""Rounds go on after one that failed, and end when they are told to."""

import logging
import threading

import pytest

from serving.rounds import Rounds


def test_a_round_that_fails_is_told_of_and_is_not_the_last(
    caplog: pytest.LogCaptureFixture,
) -> None:
    again = threading.Event()
    count = 0

    def act() -> None:
        nonlocal count
        count += 1
        if count == 1:
            raise OSError("the disk is full")
        again.set()

    rounds = Rounds(act, 0.001, "trying", "it cannot be done")
    with caplog.at_level(logging.ERROR):
        rounds.start()
        assert again.wait(60)
        rounds.stop()
    assert rounds.stopping
    assert "it cannot be done" in caplog.text
    assert "trying" not in {one.name for one in threading.enumerate()}


def test_what_never_began_can_be_stopped() -> None:
    Rounds(lambda: None, 1, "trying", "").stop()
