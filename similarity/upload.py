"""What is searched for: an upload, and who uploads it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from evidence.reasons import Reason, reason
from evidence.signals import Signal
from models.encoder.features import Features
from similarity.gallery.creators import Creator


@dataclass(frozen=True)
class Upload:
    """One upload.

    Attributes:
        features: From one encoder; the first view, the whole, counts.
        sketch: uint8 [H, W], as `imaging.sketch` gives it.
        sha256: Hex digest of the file, by which the very file is known.
        account: Whose upload it is.
        too_plain: There is too little to see in it to judge its style by.
        signals: What its file says, the strongest first: its prompts may name creators.
        by_ai: An AI made it: it is compared with pictures by AIs, too.
    """

    features: Features = field(repr=False)
    sketch: NDArray[np.uint8] = field(repr=False)
    sha256: str | None = None
    account: str | None = None
    too_plain: bool = False
    signals: Sequence[Signal] = ()
    by_ai: bool = False


@dataclass(frozen=True)
class Uploader:
    """Who uploads, as far as the index knows them.

    Attributes:
        own: Names of the creators who are the uploader.
        friends: Names of creators who may look alike.
    """

    own: frozenset[str] = frozenset()
    friends: frozenset[str] = frozenset()

    @classmethod
    def of(cls, account: str | None, creators: Sequence[Creator]) -> "Uploader":
        """Find who has an account; collaboration counts whichever of the two has told it."""
        if account is None:
            return cls()
        own = frozenset(one.name for one in creators if account in one.accounts)
        friends = {name for one in creators if one.name in own for name in one.collaborators}
        friends |= {one.name for one in creators if own & set(one.collaborators)}
        return cls(own, frozenset(friends - own))

    def notes(self) -> Iterator[Reason]:
        """What is left out and why."""
        for name in sorted(self.own):
            yield reason("own_works", creator=name)
        for name in sorted(self.friends):
            yield reason("collaborator", creator=name)
