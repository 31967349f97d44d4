"""Evidence to one page that stands alone: pictures inside, no scripts, nothing fetched.

An index keeps no picture for showing. Who makes the page says how to find those of the works again;
where one is gone its name stands in its place.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from evidence.similarity import CreatorVerdict, Quad, SimilarityEvidence
from evidence.wording.similarity import (
    caution,
    copy_word,
    counter_evidence,
    creator_word,
    finding,
    headline,
    rarity,
)
from pages.environment import render

WORKS = 4
"""Works of one creator that are shown."""

GONE = (480, 360)
"""Width and height of the place of a picture that is not at hand."""


@dataclass(frozen=True)
class Picture:
    """A picture to be shown.

    Attributes:
        jpeg: A JPEG file; small, for it is written into the page.
        width: Of the original in pixels.
        height: Of the original in pixels.
    """

    jpeg: bytes = field(repr=False)
    width: int
    height: int

    @property
    def address(self) -> str:
        """The picture as a `data:` address."""
        return f"data:image/jpeg;base64,{base64.b64encode(self.jpeg).decode('ascii')}"


Find = Callable[[str, str], Picture | None]
"""Gives a work's picture by the work's name and the SHA-256 of its file, or None."""


@dataclass(frozen=True)
class Subject:
    """The upload.

    Attributes:
        name: Of the file.
        picture: Of it.
        format: Of the file, in lower case.
    """

    name: str
    picture: Picture
    format: str


def result_page(
    subject: Subject, evidence: SimilarityEvidence, find: Find, *, made: datetime
) -> str:
    """The page: copies with their regions first, then creators with their nearest works.

    Args:
        subject: The upload.
        evidence: What was found of it.
        find: Where pictures of works come from; asked once per work.
        made: When, with a time zone; shown in UTC.

    Returns:
        An HTML document.
    """
    works = dict.fromkeys((one.work, one.sha256) for one in evidence.copies)
    for creator in evidence.creators:
        works |= dict.fromkeys((one.work, one.sha256) for one in creator.works[:WORKS])
    # By the file: one that is enrolled under two names is one picture.
    pictures: dict[str, Picture] = {}
    for name, sha256 in works:
        picture = pictures.get(sha256) or find(name, sha256)
        if picture is not None:
            pictures[sha256] = picture
    return render(
        "similar/page.html.j2",
        subject=subject,
        evidence=evidence,
        near=[one for one in evidence.creators if one.verdict is not CreatorVerdict.NONE],
        others=[one for one in evidence.creators if one.verdict is CreatorVerdict.NONE],
        pictures=pictures,
        headline=headline(evidence),
        counter_evidence=counter_evidence(evidence),
        caution=caution(),
        made=made,
        shown=WORKS,
        gone=GONE,
        copy_word=copy_word,
        creator_word=creator_word,
        finding=finding,
        outline=outline,
        rarity=rarity,
    )


def outline(quad: Quad, picture: Picture) -> str:
    """A region as points of an SVG polygon, in the original's pixels."""
    return " ".join(f"{x * picture.width:.1f},{y * picture.height:.1f}" for x, y in quad)
