"""What is said of several images together, as a series by one hand."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from evidence.similarity import (
    CopyMatch,
    CreatorMatch,
    CreatorVerdict,
    PromptedCreator,
    SimilarityEvidence,
    WorkMatch,
)

WORKS = 5
"""Works of a creator that are named."""


def as_series(images: Sequence[SimilarityEvidence], *, top: int) -> SimilarityEvidence:
    """Put together what a search found for each image of a series.

    A series is as near to a creator as more than half of its images are: each creator is told by
    the match of the image in the middle, with its score, p-value and verdict. Whoever is not among
    the nearest of more than half of the images is not told. A stranger's series gets a verdict at
    most twice as often as a stranger's single image (Markov's inequality), however alike its
    images are. Copies are those of any image, and so are creators whom prompts name.

    Args:
        images: What was found for each, of one state of the index; at least one.
        top: How many creators are told, and copies at most.
    """
    matches: dict[str, list[CreatorMatch]] = defaultdict(list)
    copies: dict[tuple[str, str], CopyMatch] = {}
    prompted: dict[int, PromptedCreator] = {}
    for image in images:
        for creator in image.creators:
            matches[creator.creator].append(creator)
        for named in image.prompted:
            prompted.setdefault(named.creator_id, named)
        for copy in image.copies:
            known = copies.get((copy.creator, copy.work))
            if known is None or copy.score > known.score:
                copies[copy.creator, copy.work] = copy
    middle = len(images) // 2
    creators = [_told(found, middle) for found in matches.values() if len(found) > middle]
    creators.sort(key=lambda one: (*_order(one), -one.likeness, one.creator))
    proven = sorted(copies.values(), key=lambda one: (-one.score, one.creator, one.work))
    return SimilarityEvidence(
        copies=tuple(proven[:top]),
        creators=tuple(creators[:top]),
        index=images[0].index,
        notes=tuple(dict.fromkeys(note for image in images for note in image.notes)),
        prompted=tuple(prompted.values()),
    )


def _order(match: CreatorMatch) -> tuple[int, float, float]:
    """The surer of two matches first: more than half are at least as sure as the one in the middle.

    A picture by an AI may be for review though many people's works come as near.
    """
    return list(CreatorVerdict).index(match.verdict), match.p_value, -match.score


def _told(found: list[CreatorMatch], middle: int) -> CreatorMatch:
    """A creator by the match of the image in the middle, with the nearest works of all images."""
    found = sorted(found, key=_order)
    works: dict[int, WorkMatch] = {}
    for match in found:
        for work in match.works:
            if work.work_id not in works or work.score > works[work.work_id].score:
                works[work.work_id] = work
    nearest = sorted(works.values(), key=lambda one: (-one.score, one.work))
    return replace(found[middle], works=tuple(nearest[:WORKS]))
