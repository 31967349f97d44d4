"""Which enrolled creators a prompt names: a table of names, asked for the words of the prompt.

A name is told where it is sure to be one. What a prompt marks as an artist's ("by", "artist:",
"@") always is; a bare name is where it has two words at least, or is written in a script without
spaces, and does not only consist of words that describe pictures.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from core.text import one_line
from evidence.reasons import reason
from evidence.signals import Signal
from evidence.similarity import PromptedCreator
from similarity.gallery.creators import Creator, Protection
from similarity.prompts.words import Word, key, positive, words

MOST = 20
"""Creators that are told."""

LEAST_LETTERS = 3
"""Of a name, where letters are read by their sound."""

LEAST_CHARACTERS = 2
"""Of a name in a script without spaces."""

# What a name follows that is marked as an artist's, each as its last words.
_MARKS = (("by",), ("artist",), ("artists",), ("style", "of"), ("styles", "of"), ("lora",))
_AND = frozenset({"and", "x", "with"})
# What follows a name in a script without spaces: styles, titles, particles.
_BEHIND = (
    "風", "画風", "作風", "絵柄", "作品", "先生", "氏", "さん", "様", "っぽい", "タッチ",
    "スタイル", "の", "と", "や", "が", "は", "を", "に", "へ", "で", "も", "풍", "의", "과",
    "와", "작가", "스타일",
)  # fmt: skip
_STYLE = ("風", "画風", "作風", "絵柄", "っぽい", "タッチ", "スタイル", "풍", "스타일",
          "の画風", "の作風", "の絵柄", "のタッチ", "のスタイル")  # fmt: skip

# Words that describe pictures. What consists of them alone is no name unless it is marked as one.
# fmt: off
PICTURE_WORDS = frozenset({
    "red", "blue", "green", "yellow", "black", "white", "grey", "gray", "brown", "pink", "purple",
    "orange", "gold", "golden", "silver", "crimson", "scarlet", "azure", "violet", "dark", "bright",
    "light", "pale", "deep", "soft", "warm", "cold", "hot", "sky", "skies", "cloud", "clouds",
    "sun", "moon", "star", "stars", "night", "day", "dawn", "dusk", "morning", "evening", "sunset",
    "sunrise", "rain", "snow", "storm", "wind", "fog", "mist", "fire", "flame", "ice", "water",
    "sea", "ocean", "river", "lake", "beach", "forest", "tree", "trees", "wood", "woods", "leaf",
    "leaves", "flower", "flowers", "rose", "roses", "lily", "daisy", "cherry", "blossom", "grass",
    "field", "garden", "hill", "hills", "mountain", "mountains", "valley", "desert", "island",
    "stone", "rock", "crystal", "castle", "tower", "city", "town", "village", "street", "road",
    "house", "home", "room", "window", "door", "bridge", "girl", "boy", "man", "woman", "men",
    "women", "child", "children", "lady", "king", "queen", "prince", "princess", "knight", "witch",
    "wizard", "angel", "demon", "devil", "ghost", "fairy", "elf", "dragon", "cat", "dog", "fox",
    "wolf", "bear", "bird", "raven", "crow", "owl", "hawk", "eagle", "swan", "fish", "horse",
    "lion", "tiger", "rabbit", "mouse", "deer", "butterfly", "hair", "eyes", "eye", "face", "hand",
    "hands", "head", "heart", "long", "short", "big", "small", "large", "little", "tiny", "old",
    "young", "new", "wild", "magic", "fantasy", "dream", "dreams", "dreamy", "shadow", "shadows",
    "spirit", "soul", "summer", "winter", "spring", "autumn", "fall", "world", "space", "galaxy",
    "planet", "earth", "war", "peace", "love", "hope", "grace", "joy", "art", "artwork", "style",
    "paint", "painting", "painter", "artist", "draw", "drawing", "sketch", "ink", "oil", "pencil",
    "watercolor", "watercolour", "digital", "photo", "picture", "portrait", "landscape", "anime",
    "manga", "comic", "cartoon", "pixel", "masterpiece", "best", "quality", "high", "low", "ultra",
    "detailed", "detail", "beautiful", "pretty", "cute", "lovely", "solo", "simple", "background",
    "dress", "hat", "coat", "sword", "the", "a", "an", "of", "in", "on", "at", "and", "with", "no",
    "one", "two", "three", "my", "your", "our", "his", "her", "unknown", "anonymous", "nobody",
})
# fmt: on


class PromptSearch:
    """Finds the names of one state's creators in prompts.

    The time of a search follows from the prompt's words, not from the number of names.

    Args:
        creators: Who is enrolled. Those from whose style nobody is protected are not told.
    """

    def __init__(self, creators: Iterable[Creator]) -> None:
        self._names: dict[tuple[str, ...], list[Creator]] = {}
        lengths: dict[str, set[int]] = {}
        for creator in creators:
            if creator.protection is not Protection.PROTECTED:
                continue
            for name in dict.fromkeys(map(key, (creator.name, *creator.aliases))):
                if name:
                    self._names.setdefault(name, []).append(creator)
                    lengths.setdefault(name[0], set()).add(len(name))
        self._lengths: Mapping[str, Sequence[int]] = {
            first: sorted(some, reverse=True) for first, some in lengths.items()
        }

    def search(self, signals: Iterable[Signal]) -> tuple[PromptedCreator, ...]:
        """The enrolled creators whom the prompts of a file name, each once.

        Args:
            signals: What the file says, the strongest first.

        Returns:
            At most `MOST`, in the order of the prompts.
        """
        found: dict[int, PromptedCreator] = {}
        for signal in signals:
            for creator, quoted in self._named(signal):
                if len(found) < MOST and creator.id not in found:
                    found[creator.id] = PromptedCreator(
                        creator=creator.name,
                        words=quoted,
                        reader=signal.reader,
                        reason=reason("prompt_names", creator=creator.name, words=quoted),
                        creator_id=creator.id,
                    )
        return tuple(found.values())

    def _named(self, signal: Signal) -> Iterator[tuple[Creator, str]]:
        text = positive(signal.prompt or "")
        read = words(text)
        artists = frozenset(map(key, signal.artists))
        start = 0
        while start < len(read):
            end = self._end(text, read, start, artists)
            if end is None:
                start += 1
                continue
            quoted = one_line(text[read[start].start : read[end - 1].end])
            for creator in self._names[_texts(read[start:end])]:
                yield creator, quoted
            start = end

    def _end(
        self, text: str, read: Sequence[Word], start: int, artists: frozenset[tuple[str, ...]]
    ) -> int | None:
        """Where the longest name ends that begins at a word."""
        for length in self._lengths.get(read[start].text, ()):
            end = start + length
            named = end <= len(read) and _texts(read[start:end]) in self._names
            if named and is_named(text, read, start, end, artists):
                return end
        return None


def is_named(
    text: str,
    read: Sequence[Word],
    start: int,
    end: int,
    artists: frozenset[tuple[str, ...]] = frozenset(),
) -> bool:
    """Whether words that are a name's are meant as one.

    Args:
        text: The prompt.
        read: Its words.
        start: The first of the name.
        end: Behind the last.
        artists: Names that the prompt marks as artists', as `key` gives them.
    """
    some = read[start:end]
    if any(word.opens for word in some[1:]) or not _is_whole(text, read, start, end):
        return False
    unspaced = all(word.script for word in some)
    letters = sum(len(word.text) for word in some)
    if letters < (LEAST_CHARACTERS if unspaced else LEAST_LETTERS):
        return False
    closed = end == len(read) or read[end].opens
    if text[: some[0].start].endswith("@") or _texts(some) in artists:
        return True
    behind = text[some[-1].end :]
    if unspaced:
        alone = some[0].opens and closed
        return alone or letters > LEAST_CHARACTERS or behind.startswith(_STYLE)
    if all(word.text in PICTURE_WORDS for word in some):
        return False
    ended = closed or read[end].text in _AND
    return len(some) > 1 or (ended and _is_marked(read, start))


def _is_marked(read: Sequence[Word], start: int) -> bool:
    before = _texts(read[max(start - 2, 0) : start])
    return any(before[-len(mark) :] == mark for mark in _MARKS)


def _is_whole(text: str, read: Sequence[Word], start: int, end: int) -> bool:
    """Whether no letter of the same word stands before or behind."""
    first, last = read[start], read[end - 1]
    if first.glued and first.script and read[start - 1].script == first.script:
        return False
    if end == len(read) or not read[end].glued or read[end].script != last.script:
        return True
    return text[last.end :].startswith(_BEHIND)


def _texts(some: Sequence[Word]) -> tuple[str, ...]:
    return tuple(word.text for word in some)
