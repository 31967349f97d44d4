"""To which creators' styles an upload is near: works propose creators, all their works decide."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from evidence.reasons import Reason, reason
from evidence.similarity import CreatorMatch, CreatorVerdict, WorkMatch
from similarity.errors import CreatorNotFound
from similarity.gallery.creators import Creator, Protection
from similarity.gallery.gallery import Gallery
from similarity.styles.open_set import Cohort, Null, Nulls, acceptance, likeness
from similarity.vectors.base import NOBODY

PROPOSING = 200
"""Works nearest to an upload that propose their creators."""

COMPARED = 20
"""Creators that are compared with all their works."""

SHOWN = 5
"""Works of a creator that are shown."""

KEPT = 4_096
"""Creators whose vectors stay in memory."""

ENROLLED = 1_000
"""Enrolled works, at most, whose likeness to other creators is taken as innocent."""

DRIFT = 0.1
"""Share of the creators that may come or go before the null scores are taken anew."""

_Numbers = NDArray[np.int64]
_Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Rates:
    """Shares of innocent uploads that get a verdict, by which the verdicts are stated.

    Attributes:
        close: For `close`.
        review: For `review` or `close`.
    """

    close: float = 0.01
    review: float = 0.05


@dataclass(frozen=True)
class _Likeness:
    """How like pictures are to one creator.

    Attributes:
        creator: Who.
        queries: int64 [n], the pictures to which the creator was proposed.
        values: float32 [n].
    """

    creator: Creator
    queries: _Numbers
    values: _Vectors


class StyleSearch:
    """Searches one gallery for creators.

    Args:
        gallery: Who is enrolled.
        cohort: Works of other people, for comparison.
        rates: By which verdicts are stated.
    """

    def __init__(self, gallery: Gallery, cohort: Cohort, rates: Rates) -> None:
        self._gallery = gallery
        self._cohort = cohort
        self._rates = rates
        self._works = lru_cache(maxsize=KEPT)(self._read)
        self._nulls: tuple[frozenset[str], Nulls] | None = None
        self._lock = threading.Lock()

    def search(
        self,
        style: _Vectors,
        creators: Mapping[str, Creator],
        excluded: frozenset[str],
        top: int,
    ) -> tuple[CreatorMatch, ...]:
        """The creators nearest in style, best first.

        Args:
            style: float32 [S], unit norm: the upload's.
            creators: Who is enrolled, by name.
            excluded: Names of creators who do not count.
            top: How many are wanted.
        """
        counted = {name: one for name, one in creators.items() if name not in excluded}
        found = self._compare(style[None], counted)
        found.sort(key=lambda one: (-float(one.values[0]), one.creator.name))
        if not found:
            return ()
        nearness = float(self._cohort.nearness(style[None])[0])
        nulls = self._nulls_of(creators)
        matches: list[CreatorMatch] = []
        surest = np.inf
        for one in found[:top]:
            # Who is less like the upload than another cannot be the surer one.
            surest = min(surest, float(_accepted(one.creator, float(one.values[0]), nearness)))
            matches.append(self._match(style, one, surest, nulls, nearness))
        return tuple(matches)

    def forget(self) -> None:
        """Let go of all works: some may have been withdrawn."""
        self._works.cache_clear()

    def _match(
        self, style: _Vectors, found: _Likeness, score: float, nulls: Nulls, nearness: float
    ) -> CreatorMatch:
        creator = found.creator
        numbers, works = self._works(creator)
        p_value = nulls.p_value(score)
        verdict, code = self._decided(creator, p_value, nearness)
        return CreatorMatch(
            creator=creator.name,
            likeness=float(found.values[0]),
            score=score,
            p_value=p_value,
            verdict=verdict,
            references=len(works),
            works=self._nearest(style, numbers, works),
            reason=_near(code, p_value),
        )

    def _decided(
        self, creator: Creator, p_value: float, nearness: float
    ) -> tuple[CreatorVerdict, str]:
        """The verdict, and the code of the sentence that says why."""
        if p_value > self._rates.review:
            return CreatorVerdict.NONE, "style_near"
        if creator.protection is Protection.PUBLIC_DOMAIN:
            return CreatorVerdict.NONE, "style_public_domain"
        if creator.protection is Protection.HOUSE_STYLE:
            return CreatorVerdict.NONE, "style_house"
        if p_value > self._rates.close:
            return CreatorVerdict.REVIEW, "style_near"
        if creator.standing is None or not creator.standing.distinct:
            return CreatorVerdict.REVIEW, "style_few_works"
        if nearness < self._cohort.least_nearness:
            return CreatorVerdict.REVIEW, "style_unmeasured"
        return CreatorVerdict.CLOSE, "style_near"

    def _nearest(
        self, style: _Vectors, numbers: _Numbers, works: _Vectors
    ) -> tuple[WorkMatch, ...]:
        cosine = works @ style
        order = np.argsort(-cosine, kind="stable")[:SHOWN]
        known = self._gallery.works(numbers[order].tolist())
        return tuple(
            WorkMatch(known[number].name, float(cosine[i]), known[number].sha256, number)
            for i in order.tolist()
            if (number := int(numbers[i])) in known
        )

    def _compare(self, queries: _Vectors, creators: Mapping[str, Creator]) -> list[_Likeness]:
        """Compare pictures (float32 [Q, S]) with all works of the creators proposed for each."""
        proposed = self._proposed(queries, creators)
        found = []
        for name, pictures in proposed.items():
            _, works = self._works(creators[name])
            if len(works):
                values = likeness(queries[pictures], works)
                found.append(_Likeness(creators[name], np.array(pictures), values))
        return found

    def _proposed(self, queries: _Vectors, creators: Mapping[str, Creator]) -> dict[str, list[int]]:
        """By creator: the pictures among whose nearest works are some of theirs.

        A creator with thousands of works must not crowd out the others: the search is widened
        until there are enough creators, or no more works.
        """
        most = min(COMPARED, len(creators))
        count = PROPOSING
        proposed: dict[str, list[int]] = {}
        left = np.arange(len(queries))
        while len(left) and most:
            ids = self._gallery.search_style(queries[left], count).ids
            owners = self._gallery.works(np.unique(ids[ids != NOBODY]).tolist())
            unfinished = []
            for picture, row in zip(left.tolist(), ids, strict=True):
                names = dict.fromkeys(
                    owners[number].creator for number in row.tolist() if number in owners
                )
                names = {name: None for name in names if name in creators}
                if len(names) < most and (row != NOBODY).all() and count < 25 * PROPOSING:
                    unfinished.append(picture)
                    continue
                for name in list(names)[:most]:
                    proposed.setdefault(name, []).append(picture)
            left = np.array(unfinished, np.int64)
            count *= 5
        return proposed

    def _nulls_of(self, creators: Mapping[str, Creator]) -> Nulls:
        """What innocent works reach against this index, taken anew when it has changed."""
        with self._lock:
            names = frozenset(creators)
            if self._nulls is not None:
                known, nulls = self._nulls
                if len(known ^ names) <= DRIFT * len(known):
                    return nulls
            nulls = Nulls(
                self._of_strangers(creators), self._of_enrolled(creators), self._cohort.optimism
            )
            self._nulls = (names, nulls)
            return nulls

    def _of_strangers(self, creators: Mapping[str, Creator]) -> Null:
        nearest = self._gallery.search_style(self._cohort.styles, 1).scores[:, 0]
        strangers = self._cohort.human & self._cohort.strangers(nearest)
        styles, people = self._cohort.styles[strangers], self._cohort.people[strangers]
        nearness = self._cohort.nearness(styles, people)
        return Null.of(self._best(styles, nearness, creators, [frozenset()] * len(styles)))

    def _of_enrolled(self, creators: Mapping[str, Creator]) -> Null:
        """Some works of all creators, or of some if there are many, against the other creators."""
        names = sorted(creators)[:: max(1, len(creators) // ENROLLED)]
        each = max(1, ENROLLED // max(1, len(names)))
        parts: list[_Vectors] = []
        leaving: list[frozenset[str]] = []
        for name in names:
            creator = creators[name]
            works = self._works(creator)[1][:each]
            friends = {other for other, one in creators.items() if name in one.collaborators}
            parts.append(works)
            leaving += [frozenset({name, *creator.collaborators, *friends})] * len(works)
        if not leaving:
            return Null.of(np.empty(0))
        styles = np.concatenate(parts)
        return Null.of(self._best(styles, self._cohort.nearness(styles), creators, leaving))

    def _best(
        self,
        styles: _Vectors,
        nearness: _Vectors,
        creators: Mapping[str, Creator],
        leaving: Sequence[frozenset[str]],
    ) -> NDArray[np.float64]:
        """Acceptance score of the creator nearest to each picture, float64 [Q].

        Args:
            styles: float32 [Q, S].
            nearness: float32 [Q], of the cohort to them.
            creators: Who is enrolled.
            leaving: Whom to leave out, for each picture.

        Returns:
            Minus infinity for those to whom nobody was compared.
        """
        best = np.full(len(styles), -np.inf, np.float32)
        scores = np.full(len(styles), -np.inf)
        for one in self._compare(styles, creators):
            name = one.creator.name
            counts = np.array([name not in leaving[i] for i in one.queries.tolist()])
            better = counts & (one.values > best[one.queries])
            pictures = one.queries[better]
            best[pictures] = one.values[better]
            scores[pictures] = _accepted(one.creator, one.values[better], nearness[pictures])
        return scores

    def _read(self, creator: Creator) -> tuple[_Numbers, _Vectors]:
        # Keyed by the whole record: it changes whenever the works do.
        try:
            return self._gallery.styles(creator.name)
        except CreatorNotFound:  # Withdrawn a moment ago.
            return np.empty(0, np.int64), np.empty((0, self._cohort.styles.shape[1]), np.float32)


def _near(code: str, p_value: float) -> Reason:
    share = "share_most" if p_value > 0.5 else "share_few" if p_value < 0.0001 else "share_about"
    return reason(code, share=share, p_value=p_value)


def _accepted(
    creator: Creator, likeness: _Vectors | float, nearness: _Vectors | float
) -> NDArray[np.float64]:
    """As `acceptance`; minus infinity for a creator who is not measured."""
    if creator.standing is None:
        return np.full(np.shape(likeness), -np.inf)
    return acceptance(likeness, creator.standing, nearness)
