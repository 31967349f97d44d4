"""What a challenger says of live uploads beside the model in use, which alone decides.

It is a head on the features that there are: no image is encoded for it. Where the one in use had no
doubt, the challenger, who may have, answers by the first view alone; that is told of each answer.
"""

import threading
from collections.abc import Collection
from datetime import UTC, datetime

from models.shadow_answers import ShadowAnswer, ShadowAnswers
from serving.online import JudgedUpload

TOGETHER = 1_000
"""Answers that are written at once."""


class ShadowJudge:
    """Has the challenger answer, where there is one; called with each upload, by many threads."""

    def __init__(self, answers: ShadowAnswers, *, together: int = TOGETHER) -> None:
        """Begin with nothing in memory.

        Args:
            answers: Where they are kept.
            together: Answers that are written at once.
        """
        self._answers = answers
        self._together = together
        self._lock = threading.Lock()
        self._waiting: list[ShadowAnswer] = []

    def __call__(self, upload: JudgedUpload) -> None:
        """Have the challenger answer to an upload."""
        shadow = upload.judge.shadow
        if shadow is None:
            return
        first = upload.features[:1]
        doubt = shadow.in_doubt(first)
        found = shadow.assess(upload.features if doubt else first, upload.prepared.measures)
        champion = upload.judgement.ai.pixels
        answer = ShadowAnswer(
            at=datetime.now(UTC),
            sha256=upload.judgement.image.sha256,
            champion=upload.judgement.made_by.detector.sha256,
            challenger=shadow.artefact.sha256,
            champion_probability=champion.probability,
            challenger_probability=found.probability,
            champion_verdict=champion.verdict,
            challenger_verdict=found.verdict,
            partial=doubt and len(upload.features) == 1,
        )
        with self._lock:
            self._waiting.append(answer)
            full = len(self._waiting) >= self._together
        if full:
            self.tidy()

    def forget(self, digests: Collection[str]) -> None:
        """Delete the answers about images."""
        self.tidy()
        self._answers.forget(digests)

    def tidy(self) -> None:
        """Write what is in memory."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
        self._answers.write(waiting)
