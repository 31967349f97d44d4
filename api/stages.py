"""Who is told how long the stages of an upload take."""

from contextlib import AbstractContextManager

from serving.stages import Told, timed


class Stages:
    """Tells each stage on, to all who want to know."""

    def __init__(self, *told: Told) -> None:
        """Take those who are told.

        Args:
            told: Each is told a stage and its seconds.
        """
        self._told = told

    def __call__(self, stage: str, seconds: float) -> None:
        """Tell a stage that has ended."""
        for one in self._told:
            one(stage, seconds)

    def timed(self, stage: str) -> AbstractContextManager[None]:
        """Tell how long what is within takes."""
        return timed(self, stage)
