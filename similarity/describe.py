"""Features and sketch to what is searched: the one place where a picture is described."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.encoder.features import Features, join
from similarity.copies.keypoints import extract, pack
from similarity.copies.pdq import hash_of
from similarity.description import Description
from similarity.errors import IndexDiffers
from similarity.gallery.gallery import Identity, NewWork
from similarity.heads import CopyHead, StyleHead


@dataclass(frozen=True)
class Describer:
    """Describes pictures by the features of their first view, the whole.

    Attributes:
        identity: What descriptions are made with.
        style: How it is drawn.
        copy: What it shows.
    """

    identity: Identity
    style: StyleHead
    copy: CopyHead

    def describe(self, features: Features, sketch: NDArray[np.uint8]) -> Description:
        """Describe an upload, with the parts in which it may hold a work.

        Args:
            features: Of one picture; the first view counts.
            sketch: uint8 [H, W], as `imaging.sketch` gives it.

        Raises:
            IndexDiffers: The features are another encoder's.
        """
        return self.describe_all([features], [sketch])[0]

    def describe_all(
        self, features: Sequence[Features], sketches: Sequence[NDArray[np.uint8]]
    ) -> list[Description]:
        """Describe many uploads at once, each as `describe` does up to rounding.

        The heads are read once for all, which takes longer than to multiply with them.

        Args:
            features: Of each picture, as in `describe`.
            sketches: As in `describe`.

        Raises:
            IndexDiffers: The features of one are another encoder's.
        """
        for one in features:
            if one.encoder != self.identity.encoder:
                raise IndexDiffers(
                    f"the heads are made for the encoder {self.identity.encoder}, not for "
                    f"{one.encoder}"
                )
        if not features:
            return []
        first = join(*(one[:1] for one in features))
        styles, copies = self.style(first), self.copy.with_parts(first)
        hashes = map(hash_of, sketches)
        return [
            Description(style, copy, hashed, quality)
            for style, copy, (hashed, quality) in zip(styles, copies, hashes, strict=True)
        ]

    def new_work(
        self, name: str, sha256: str, features: Features, sketch: NDArray[np.uint8]
    ) -> NewWork:
        """Describe a work for enrolment, by the whole alone.

        Parts of works are not kept: the whole work is found in parts of uploads, and a part of a
        work is near enough to the whole down to a quarter of it.

        Args:
            name: Unique for its creator.
            sha256: Hex digest of the file.
            features: As in `describe`.
            sketch: As in `describe`.
        """
        seen = self.describe(features, sketch)
        whole = Description(seen.style, seen.copy[:1], seen.hash, seen.hash_quality)
        return NewWork(name, sha256, whole, pack(extract(sketch)))
