"""Whose style an upload imitates, and which works it copies: a search over enrolled works.

    gallery = open_gallery("index", artefact.identity, artefact.measure, read_only=True)
    evidence = Similarity.of(artefact, gallery).search(features, sketch)

What is listed here is public. It is loaded when it is first asked for: importing `similarity` alone
loads no search library and no database.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from similarity.artefact import SimilarityArtefact
    from similarity.describe import Describer
    from similarity.errors import SimilarityError, StateEnded
    from similarity.gallery.creators import (
        Consent,
        Creator,
        Enrolment,
        EnrolmentResult,
        Protection,
        SharedWork,
        Standing,
        Withdrawal,
        Work,
    )
    from similarity.gallery.gallery import CreatorStyles, Gallery, Identity, NewWork, State
    from similarity.gallery.open import open_gallery, open_records, recorded_identity, upgrade
    from similarity.search import Similarity, StateSearch
    from similarity.upload import Upload, Uploader

__all__ = [
    "Consent",
    "Creator",
    "CreatorStyles",
    "Describer",
    "Enrolment",
    "EnrolmentResult",
    "Gallery",
    "Identity",
    "NewWork",
    "Protection",
    "SharedWork",
    "Similarity",
    "SimilarityArtefact",
    "SimilarityError",
    "Standing",
    "State",
    "StateEnded",
    "StateSearch",
    "Upload",
    "Uploader",
    "Withdrawal",
    "Work",
    "open_gallery",
    "open_records",
    "recorded_identity",
    "upgrade",
]

_ROOMS = {
    "similarity.artefact": ("SimilarityArtefact",),
    "similarity.describe": ("Describer",),
    "similarity.errors": ("SimilarityError", "StateEnded"),
    "similarity.gallery.creators": (
        "Consent",
        "Creator",
        "Enrolment",
        "EnrolmentResult",
        "Protection",
        "SharedWork",
        "Standing",
        "Withdrawal",
        "Work",
    ),
    "similarity.gallery.gallery": ("CreatorStyles", "Gallery", "Identity", "NewWork", "State"),
    "similarity.gallery.open": ("open_gallery", "open_records", "recorded_identity", "upgrade"),
    "similarity.search": ("Similarity", "StateSearch"),
    "similarity.upload": ("Upload", "Uploader"),
}


def __getattr__(name: str) -> object:
    for room, names in _ROOMS.items():
        if name in names:
            return getattr(import_module(room), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
