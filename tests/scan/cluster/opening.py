"""Judges that machines of a cluster open: functions, so that they can be sent there."""

import os
from dataclasses import replace
from pathlib import Path

from serving.judge import Judge
from tests.fakes import MADE_BY, FakeEncoder, FakeSearcher, fake_judge


def slow_judge(pids: Path) -> Judge:
    """A judge that takes its time, and leaves its process's id in a folder."""
    (pids / str(os.getpid())).touch()
    return fake_judge(FakeEncoder(seconds=0.02), similarity=FakeSearcher())


def another_judge() -> Judge:
    """A judge of another version."""
    return fake_judge(made_by=replace(MADE_BY, version="1.1"))
