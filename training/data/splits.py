"""Which images may not be parted, and folds that do not part them.

A random split flatters a detector: images of one source, one prompt series or one artist have a
look of their own that can be recognised. So whole groups are held out.
"""

import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sklearn.model_selection import StratifiedGroupKFold

from similarity.copies.pdq import distance
from training.data.features import FeatureTable
from training.data.manifest import Row
from training.errors import LeakageError, TooFewImages

BIG_SOURCE = 200
"""Images from which on a source of many creators is split by creator rather than held together."""

MANY_CREATORS = 20

DUPLICATE_COSINE = 0.90
"""Embeddings at least this close are near-duplicates if the images' hashes are close, too."""

DUPLICATE_BITS = 74
"""Most differing bits of the 256 of PDQ, of images that show the same.

Of 1,200 training images 19 in 20 are within it of their own copy in the tier `hard`, and all within
18 in the tier `web`; unrelated images lie about 128 apart. Among all 9,677 training images 44 pairs
are as close in both, nearly all of them one drawing cropped or coloured anew.
"""


def group_keys(rows: Sequence[Row]) -> list[str]:
    """What each image is held out together with, by its provenance.

    An AI picture: the generator that made most of its source, so that the sources of one generator
    stay together; the source itself if it mixes generators. A human work: the creator, if the
    creator's works are in several sources, or if the source is large and has many creators; the
    source otherwise.
    """
    generators: dict[str, Counter[str]] = defaultdict(Counter)
    creators: dict[str, Counter[str]] = defaultdict(Counter)
    sources: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.label == "ai":
            generators[row.source][row.generator] += 1
        else:
            creators[row.source][row.creator] += 1
            sources[row.creator].add(row.source)

    def key(row: Row) -> str:
        if row.label == "ai":
            generator, count = generators[row.source].most_common(1)[0]
            named = generator and not generator.startswith("unknown")
            if named and 2 * count > generators[row.source].total():
                return f"generator {generator}"
            return f"source {row.source}"
        of_source = creators[row.source]
        large = of_source.total() >= BIG_SOURCE and len(of_source) >= MANY_CREATORS
        if row.creator and (large or len(sources[row.creator]) > 1):
            return f"creator {row.creator}"
        return f"source {row.source}"

    return [key(row) for row in rows]


def near_duplicates(table: FeatureTable) -> list[tuple[int, int]]:
    """Pairs of images that show the same; see `showing_the_same`."""
    return showing_the_same(table.features.embedding, table.hashes, table.sha256)


def showing_the_same(
    embedding: NDArray[np.float32], hashes: NDArray[np.uint8], sha256: Sequence[str]
) -> list[tuple[int, int]]:
    """Pairs of images that show the same: the same bytes, or close in embedding and in hash.

    Args:
        embedding: float32 [N, D], unit norm.
        hashes: uint8 [N, 32], PDQ.
        sha256: Hex digests of the N files.

    Returns:
        Pairs of positions (i < j).
    """
    pairs = []
    for start in range(0, len(embedding), 512):
        block = embedding[start : start + 512] @ embedding[start:].T
        for i, j in zip(*np.nonzero(block >= DUPLICATE_COSINE), strict=True):
            if i < j:
                one, other = int(start + i), int(start + j)
                bits = distance(hashes[one], hashes[other])
                if bits <= DUPLICATE_BITS or sha256[one] == sha256[other]:
                    pairs.append((one, other))
    return pairs


def join_groups(
    rows: Sequence[Row], keys: Sequence[str], pairs: Iterable[tuple[int, int]]
) -> list[str]:
    """Join the groups that a pair group or a near-duplicate ties together.

    Args:
        rows: N rows.
        keys: The group of each.
        pairs: Positions of images that show the same.

    Returns:
        The group of each row, named by the first of the groups joined.
    """
    names, place = np.unique(np.array(keys), return_inverse=True)
    ties = [(place[i], place[j]) for i, j in pairs]
    first_of_pair: dict[str, int] = {}
    for row, group in zip(rows, place, strict=True):
        if row.pair_group:
            ties.append((first_of_pair.setdefault(row.pair_group, group), group))
    one, other = np.array(ties, np.int64).reshape(-1, 2).T
    graph = coo_array((np.ones(len(one)), (one, other)), shape=(len(names), len(names)))
    _, component = connected_components(graph, directed=False)
    # The names are in order: where a component is first met is its first name.
    _, first = np.unique(component, return_index=True)
    return [str(names[first[component[group]]]) for group in place]


def assign_folds(
    groups: Sequence[str], strata: Sequence[str], folds: int, seed: int
) -> NDArray[np.int64]:
    """Assign whole groups to folds, so that every fold gets its share of every stratum.

    Args:
        groups: Group of each of N rows.
        strata: What shall be spread evenly, of each row (label and kind).
        folds: Number of folds, at least 2.
        seed: Of the order in which groups are assigned.

    Returns:
        int64 [N], 0 to folds - 1.

    Raises:
        TooFewImages: There are fewer groups than folds.
    """
    if len(set(groups)) < folds:
        raise TooFewImages(f"{len(set(groups))} groups of images cannot make {folds} folds")
    found: NDArray[np.int64] = np.zeros(len(groups), np.int64)
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        # A stratum of fewer images than folds is spread as far as it goes.
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        for fold, (_, held) in enumerate(splitter.split(groups, strata, groups)):
            found[held] = fold
    return found


def parted(
    rows: Sequence[Row], groups: Sequence[str], folds: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Which images each fold holds out, and which may be learnt from then.

    Where a generator is held out, its pictures in sources that mix generators may not be learnt
    from either: else it would not be one that the head has never seen.

    Args:
        rows: N rows.
        groups: The group of each, as named by `group_keys`.
        folds: int64 [N].

    Yields:
        For each fold in order: positions held out, and positions kept, int64 each.
    """
    for fold in np.unique(folds):
        held = folds == fold
        names = {group for group, out in zip(groups, held, strict=True) if out}
        kept = ~held & [f"generator {row.generator}" not in names for row in rows]
        yield np.flatnonzero(held), np.flatnonzero(kept)


def require_no_leak(
    table: FeatureTable, sides: NDArray[np.int64], pairs: Iterable[tuple[int, int]] = ()
) -> None:
    """Check that no work stands on two sides of a split.

    Args:
        table: N images.
        sides: int64 [N], which side each is on.
        pairs: Positions of near-duplicates.

    Raises:
        LeakageError: The same bytes, the same pair group or near-duplicates are on two sides.
    """
    first: dict[tuple[str, str], int] = {}
    for i, row in enumerate(table.rows):
        for what, value in (("bytes", table.sha256[i]), ("pair group", row.pair_group)):
            other = first.setdefault((what, value), i) if value else i
            if sides[other] != sides[i]:
                raise LeakageError(
                    f"{table.rows[other].name} and {row.name} have the same {what} and stand on "
                    "two sides of a split"
                )
    for i, j in pairs:
        if sides[i] != sides[j]:
            raise LeakageError(
                f"{table.rows[i].name} and {table.rows[j].name} are near-duplicates and stand on "
                "two sides of a split"
            )
