"""Works of one state that were read before: every question to the records is a transaction."""

from collections.abc import Mapping, Sequence

from similarity.gallery.creators import Work
from similarity.gallery.gallery import State

MOST = 50_000
"""Works that are remembered, some 600 bytes each; when there are more, all are forgotten."""


class KnownWorks:
    """Reads works of a state, each once; may be used by many threads.

    What it remembers may have been taken out meanwhile: who answers by it asks `State.check` last.
    """

    def __init__(self, state: State, most: int = MOST) -> None:
        """Of a state.

        Args:
            state: Whose works.
            most: How many are remembered.
        """
        self._state = state
        self._most = most
        self._known: dict[int, Work] = {}

    def __call__(self, ids: Sequence[int]) -> Mapping[int, Work]:
        """Works by id, in the order of the ids; those that are not there are left out.

        Raises:
            StateEnded: Works were taken out, and some of these had to be read.
        """
        known = self._known  # Threads that come at once only read twice.
        unknown = [id_ for id_ in ids if id_ not in known]
        if unknown:
            if len(known) + len(unknown) > self._most:
                known = self._known = {id_: known[id_] for id_ in ids if id_ in known}
            known.update(self._state.works(unknown))
        return {id_: known[id_] for id_ in ids if id_ in known}
