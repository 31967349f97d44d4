"""To which creators' styles an upload is near: works propose creators, all their works decide."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from evidence.reasons import Reason, reason
from evidence.similarity import CreatorMatch, CreatorVerdict, WorkMatch
from models.artefact.manifest import StyleRates
from similarity.gallery.creators import Creator, Protection
from similarity.gallery.gallery import CreatorStyles, State, Works
from similarity.styles.enrolled import Boundaries, collaborations
from similarity.styles.imitation import imitation, reached
from similarity.styles.likeness import SAME, SAMPLE, Body, evenly
from similarity.styles.nulls import accepted
from similarity.styles.open_set import FEWEST, Cohort, Nulls
from similarity.vectors.base import MISSING

PROPOSING = 200
"""Works nearest to an upload that propose their creators."""

COMPARED = 20
"""Creators that are compared with all their works."""

SHOWN = 5
"""Works of a creator that are shown."""

ASKED = 20
"""Works of a creator, at most, by which it is told whom they look like."""

ALIKE = 0.2
"""Share of these from which two creators are called alike."""

FEW = 0.0001
"""Share below which no number is told."""

KEPT = 4_096
"""Creators whose vectors stay in memory."""

_Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class StyleQuery:
    """One upload that is searched for.

    Attributes:
        style: float32 [S], unit norm.
        excluded: Names of creators who do not count.
        too_plain: There is too little to see in the upload: it is called close to nobody.
        by_ai: An AI made it: it is compared with pictures by AIs, too.
    """

    style: _Vectors
    excluded: frozenset[str] = frozenset()
    too_plain: bool = False
    by_ai: bool = False


class StyleSearch:
    """Searches one state of a gallery for creators.

    Args:
        state: What is enrolled.
        works: Gives works of the state by id.
        creators: The same creators by name, measured.
        cohort: Works of other people, for comparison.
        rates: By which verdicts are stated.
        nulls: Gives what innocent works reach against the state; asked when a creator is found.
    """

    def __init__(
        self,
        state: State,
        works: Works,
        creators: Mapping[str, Creator],
        cohort: Cohort,
        rates: StyleRates,
        nulls: Callable[[], Nulls],
    ) -> None:
        self._state = state
        self._works = works
        self._creators = creators
        self._cohort = cohort
        self._rates = rates
        self._nulls = nulls
        self._styles = lru_cache(maxsize=KEPT)(state.styles)
        self._bodies = lru_cache(maxsize=KEPT)(lambda name: Body(self._styles(name).vectors))
        self._boundaries = Boundaries(state, creators, cohort)
        self._by_ai = lru_cache(maxsize=KEPT)(
            lambda name: reached(self._bodies(name), cohort.by_ai)
        )
        self._share = lru_cache(maxsize=KEPT)(self._shared)

    def search(self, queries: Sequence[StyleQuery], top: int) -> list[tuple[CreatorMatch, ...]]:
        """The creators nearest in style to each upload, best first.

        Args:
            queries: The uploads.
            top: How many creators are wanted.
        """
        if not queries or not self._creators:
            return [()] * len(queries)
        styles = np.stack([query.style for query in queries])
        nearest = self._state.search_style(styles, PROPOSING).ids
        densities = self._cohort.density(styles)
        return [
            self._ranked(query, ids[ids != MISSING], float(density), top)
            for query, ids, density in zip(queries, nearest, densities, strict=True)
        ]

    def lookalikes(self, name: str) -> dict[str, float]:
        """Others to whom a creator's works are nearer than to each other.

        Two hands that look alike, one house, one kit of parts, or the same works under two names:
        which it is, a person knows, and settles it: collaborators and house styles are left out.

        Args:
            name: Of the creator.

        Returns:
            By name, the share of the creator's works that are so, and would be called close; the
            largest first.
        """
        styles = self._styles(name).vectors
        of_a_house = {
            one.name for one in self._creators.values() if one.protection is Protection.HOUSE_STYLE
        }
        if len(styles) < FEWEST or name in of_a_house:
            return {}
        styles = styles[evenly(len(styles), SAMPLE)]
        chosen = evenly(len(styles), ASKED)
        own = Body(styles).own()[chosen]
        friends = collaborations(self._creators).get(name, frozenset())
        left_out = frozenset({name, *friends, *of_a_house})
        queries = [StyleQuery(style, left_out) for style in styles[chosen]]
        nulls, found = self._nulls(), Counter[str]()
        for matches, least in zip(self.search(queries, top=1), own, strict=True):
            for match in matches:
                # Not told larger where few are enrolled: who looks alike is to be told early.
                share = self._cohort.correction * nulls.strangers.p_value(match.score)
                close = share <= self._rates.close
                found[match.creator] += close and match.likeness >= least
        enough = max(FEWEST, ALIKE * len(chosen))
        return {other: n / len(chosen) for other, n in found.most_common() if n >= enough}

    def neighbours(self, name: str) -> dict[str, float]:
        """To which other creators a creator's works come nearest, whether that is near or not.

        Args:
            name: Of the creator.

        Returns:
            By name, the share of some of the creator's works to which nobody else is nearer; the
            largest first.
        """
        styles = self._styles(name).vectors
        if not len(styles):
            return {}
        styles = styles[evenly(len(styles), ASKED)]
        found = Counter[str]()
        for style, ids in zip(styles, self._state.search_style(styles, PROPOSING).ids, strict=True):
            query = StyleQuery(style, frozenset({name}))
            proposed = self._proposed(query, ids[ids != MISSING])
            if proposed:
                found[max(proposed, key=lambda other: (self._likeness(style, other), other))] += 1
        return {other: n / len(styles) for other, n in found.most_common()}

    def _ranked(
        self, query: StyleQuery, nearest: NDArray[np.int64], density: float, top: int
    ) -> tuple[CreatorMatch, ...]:
        """The creators of one upload, of whom the works nearest to it propose some."""
        found = [
            (self._likeness(query.style, name), name) for name in self._proposed(query, nearest)
        ]
        if not found:
            return ()
        found.sort(key=lambda one: (-one[0], one[1]))
        nulls = self._nulls()
        shown = {name: self._nearest(query.style, self._styles(name)) for _, name in found[:top]}
        works = self._works([id_ for one in shown.values() for id_ in one])
        matches: list[CreatorMatch] = []
        surest = imitated = np.inf
        for value, name in found[:top]:
            creator = self._creators[name]
            # Who is less like the upload than another cannot be the surer one.
            inside = float(self._boundaries.of(name, query.excluded)(query.style[None])[0])
            score = accepted(creator, value, density, self._next(name, found), inside)
            surest = min(surest, float(score))
            p_value, p_value_ai = nulls.p_value(surest), None
            if query.by_ai and creator.standing is not None:
                imitated = min(imitated, float(imitation(value, self._by_ai(name), inside)))
                p_value_ai = nulls.p_value_ai(imitated)
            verdict, code = self._decided(creator, p_value, p_value_ai, density)
            if query.too_plain and verdict is not CreatorVerdict.NONE:
                # Blank pages are alike, whoever made them.
                verdict, code = CreatorVerdict.NONE, "style_too_plain"
            matches.append(
                CreatorMatch(
                    creator=name,
                    likeness=value,
                    score=surest,
                    p_value=p_value,
                    verdict=verdict,
                    references=len(self._styles(name).ids),
                    works=tuple(
                        WorkMatch(works[id_].name, cosine, works[id_].sha256, id_)
                        for id_, cosine in shown[name].items()
                    ),
                    reason=_near(code, p_value, p_value_ai),
                    creator_id=creator.id,
                    p_value_ai=p_value_ai,
                )
            )
        return tuple(matches)

    def _next(self, name: str, found: Sequence[tuple[float, str]]) -> float:
        """Likeness to the nearest creator with whom this one has nothing to do.

        Args:
            name: Of the creator.
            found: Likeness and names, best first.
        """
        others = (value for value, other in found if not self._related(name, other))
        return next(others, -np.inf)

    def _related(self, name: str, other: str) -> bool:
        """Whether two are one creator, work together, or have the same works enrolled."""
        one, two = self._creators[name], self._creators[other]
        if name == other or other in one.collaborators or name in two.collaborators:
            return True
        return self._share(min(name, other), max(name, other))

    def _shared(self, name: str, other: str) -> bool:
        cosine = self._styles(name).vectors @ self._styles(other).vectors.T
        return bool((cosine >= SAME).any())

    def _decided(
        self, creator: Creator, p_value: float, p_value_ai: float | None, density: float
    ) -> tuple[CreatorVerdict, str]:
        """The verdict, and the code of the sentence that says why."""
        imitated = p_value_ai is not None and p_value_ai <= self._rates.review
        if p_value > self._rates.review and not imitated:
            return CreatorVerdict.NONE, "style_near"
        if creator.protection is Protection.PUBLIC_DOMAIN:
            return CreatorVerdict.NONE, "style_public_domain"
        if creator.protection is Protection.HOUSE_STYLE:
            return CreatorVerdict.NONE, "style_house"
        if p_value > self._rates.close:
            by_ai = p_value > self._rates.review
            return CreatorVerdict.REVIEW, "style_by_ai" if by_ai else "style_near"
        if creator.standing is None or not creator.standing.distinct:
            return CreatorVerdict.REVIEW, "style_few_works"
        if density < self._cohort.least_density:
            return CreatorVerdict.REVIEW, "style_unmeasured"
        return CreatorVerdict.CLOSE, "style_near"

    def _nearest(self, style: _Vectors, styles: CreatorStyles) -> Mapping[int, float]:
        """The cosines of the creator's works that are nearest, by id, best first."""
        cosine = styles.vectors @ style
        order = np.argsort(-cosine, kind="stable")[:SHOWN]
        return {int(styles.ids[i]): float(cosine[i]) for i in order}

    def _likeness(self, style: _Vectors, name: str) -> float:
        return float(self._bodies(name).likeness(style[None])[0])

    def _proposed(self, query: StyleQuery, nearest: NDArray[np.int64]) -> list[str]:
        """The creators of the works that are nearest to a picture, the nearest first.

        A creator with thousands of works must not crowd out the others: the search is widened
        until there are enough creators, or no more works.

        Args:
            query: The picture.
            nearest: int64 [n], the works nearest to it, at most `PROPOSING`.
        """
        wanted = min(COMPARED, len(self._creators.keys() - query.excluded))
        count = PROPOSING
        while wanted:
            works = self._works(nearest.tolist())
            names = list(dict.fromkeys(works[id_].creator for id_ in nearest.tolist()))
            names = [name for name in names if name not in query.excluded]
            if len(names) >= wanted or len(nearest) < count or count >= 25 * PROPOSING:
                return names[:wanted]
            count *= 5
            nearest = self._state.search_style(query.style[None], count).ids[0]
            nearest = nearest[nearest != MISSING]
        return []


def _near(code: str, p_value: float, p_value_ai: float | None) -> Reason:
    share = "share_most" if p_value > 0.5 else "share_few" if p_value < FEW else "share_about"
    if code != "style_by_ai" or p_value_ai is None:
        return reason(code, share=share, p_value=p_value)
    of_ai = "share_few_by_ai" if p_value_ai < FEW else "share_about_by_ai"
    return reason(code, share=share, p_value=p_value, of_ai=of_ai, p_value_ai=p_value_ai)
