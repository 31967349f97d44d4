"""A regression set of pictures, searched by two similarity models: what each says of whom."""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from detector.pixels.information import too_plain_for_style
from detector.pixels.views import first_view
from evidence import CopyVerdict, CreatorVerdict, SimilarityEvidence
from imaging import ImagingError, Limits, decode_for_view, sketch
from models import Encoder
from similarity.gallery.gallery import State
from similarity.search import Similarity
from training.data.features import Progress
from training.data.manifest import Row
from training.likeness.labels import Likeness, LikenessLabel

TOP = 20
"""Creators that are asked for of each picture."""


class Role(StrEnum):
    """What a picture of the regression set is asked about."""

    STRANGER = "stranger"
    """By a person who is not enrolled: whether it is called close to anybody."""
    OWN = "own"
    """By an enrolled creator, and not enrolled itself: whether that creator is found."""
    PROMPTED = "prompted"
    """By an AI, in the style of an enrolled creator by its prompt: likewise."""
    CONFIRMED = "confirmed"
    """An imitation, as people say: likewise."""
    REFUSED = "refused"
    """No imitation of a creator, as people say: whether it is called close to that one."""


@dataclass(frozen=True)
class Named:
    """Whom an answer names.

    Attributes:
        close: Creators to whom the picture is called close.
        near: Those, and those for a person to look at.
        copied: Creators a work of whom it is said to copy.
    """

    close: frozenset[str]
    near: frozenset[str]
    copied: frozenset[str]

    @classmethod
    def of(cls, evidence: SimilarityEvidence) -> "Named":
        """Whom the evidence names."""
        said = {one.creator: one.verdict for one in evidence.creators}
        return cls(
            close=frozenset(name for name, v in said.items() if v is CreatorVerdict.CLOSE),
            near=frozenset(name for name, v in said.items() if v is not CreatorVerdict.NONE),
            copied=frozenset(c.creator for c in evidence.copies if c.verdict is CopyVerdict.COPY),
        )


@dataclass(frozen=True)
class Asked:
    """A picture in one role, with both answers.

    Attributes:
        row: Of the manifest.
        sha256: Hex digest of its file.
        role: What it is asked about.
        creator: About whom; empty for strangers.
        champion: What the model in use says.
        challenger: What the other one says.
    """

    row: Row
    sha256: str
    role: Role
    creator: str
    champion: Named
    challenger: Named


@dataclass(frozen=True)
class Answered:
    """What was asked.

    Attributes:
        asked: One for each picture and role.
        seen: Pictures that were left out, since one of the models was made from them.
        unreadable: Pictures that could not be read.
    """

    asked: tuple[Asked, ...]
    seen: int
    unreadable: int


def ask(
    rows: Sequence[Row],
    champion: Similarity,
    challenger: Similarity,
    encoder: Encoder,
    labels: Collection[LikenessLabel],
    seen: Collection[str],
    progress: Progress | None = None,
) -> Answered:
    """Search both indices for the pictures of a regression set.

    Args:
        rows: Of the manifest. Enrolled works, and AI pictures that imitate nobody, are passed over.
        champion: The search of the index by the model in use.
        challenger: The same by the other one.
        encoder: Of both.
        labels: What people say: of pictures in the manifest it counts.
        seen: The first 16 digits of digests that one of the two was made from.
        progress: Told how many pictures are done.
    """
    said: dict[str, list[LikenessLabel]] = {}
    for one in labels:
        if one.likeness is Likeness.STYLE:
            said.setdefault(one.sha256, []).append(one)
    state = champion.gallery.state(newest=True)
    enrolled = {one.name for one in state.creators()}
    found: list[Asked] = []
    left_out = {"seen": 0, "unreadable": 0}
    for done, row in enumerate(rows, start=1):
        if progress is not None:
            progress(done, len(rows))
        try:
            data = row.path.read_bytes()
            sha256 = hashlib.sha256(data).hexdigest()
            roles = list(_roles(row, enrolled, said.get(sha256, ())))
            if not roles or _is_enrolled(state, sha256):
                continue
            if sha256[:16] in seen and sha256 not in said:
                left_out["seen"] += 1
                continue
            before, after = _search(data, encoder, (champion, challenger))
        except (OSError, ImagingError):
            left_out["unreadable"] += 1
            continue
        found += [Asked(row, sha256, role, creator, before, after) for role, creator in roles]
    return Answered(tuple(found), **left_out)


def _roles(
    row: Row, enrolled: Collection[str], labels: Collection[LikenessLabel]
) -> Iterator[tuple[Role, str]]:
    for one in labels:
        if one.creator in enrolled:
            yield (Role.CONFIRMED if one.confirmed else Role.REFUSED), one.creator
    confirmed = any(one.confirmed for one in labels)
    if row.label == "human" and row.creator in enrolled:
        yield Role.OWN, row.creator
    elif row.label == "human" and not confirmed:
        yield Role.STRANGER, ""
    elif row.label == "ai" and row.prompted_artist in enrolled:
        yield Role.PROMPTED, row.prompted_artist


def _is_enrolled(state: State, sha256: str) -> bool:
    return bool(state.works_by_content([sha256]))


def _search(data: bytes, encoder: Encoder, searches: Sequence[Similarity]) -> Sequence[Named]:
    """What several models say of one picture, which is encoded once."""
    image = decode_for_view(data, encoder.size, limits=Limits())
    features = encoder.encode(first_view(image, encoder.size))
    drawn, plain = sketch(image), too_plain_for_style(image)
    return [
        Named.of(one.search(features, drawn, sha256=image.sha256, top=TOP, too_plain=plain))
        for one in searches
    ]
