"""Names of artists that a prompt asks to imitate: rather too few than wrong ones."""

import re
from collections.abc import Iterator

_LONGEST = 20_000
_MOST_NAMES = 20
_MOST_WORDS = 5

# Weights as the tools write them: (name:1.2), 1.3::name::, {{name}}, [name], <lora:name:1>.
_NETWORK = re.compile(r"<[^<>]{0,200}>")
_WEIGHT = re.compile(r":\s*[-+]?\d+(?:\.\d+)?(?=\s*[)\]}])|[-+]?\d*\.?\d*::")
_BRACKETS = re.compile(r"(?<!\\)[()\[\]{}]|\\")

# danbooru marks artists so that they differ from characters: name_(artist).
_TAGGED = re.compile(r"([^,()|\n]{2,60}?)[ _]\\?\(artist\\?\)", re.IGNORECASE)
_LABELLED = re.compile(
    r"(?:^|[\s,(\[{|:])(?:artist|art by|style by|drawn by)\s*:\s*", re.IGNORECASE
)
_LABEL_END = re.compile(r"[,\n|)\]}]|::|:\s*-?\d")
_PHRASE = re.compile(
    r"\b(?:in (?:the )?styles? of|(?:art|artwork|illustration|illustrated|drawn|drawing|painting"
    r"|painted|picture|sketch|comic|manga|poster|concept art|cover art|created|designed"
    r"|photograph|photo|style|work|masterpiece|film|movie|directed|made) by|inspired by"
    r"|reminiscent of|(?<!ed )(?<!ing )(?<!en )(?<!lit )by(?: artists?)?)\s*:?\s+",
    re.IGNORECASE,
)
_POSSESSIVE = re.compile(r"\bin ([^,.;\n]{2,40}?)['\u2019]s? style\b", re.IGNORECASE)

# A name ends where a clause does, or where a word goes on about something else.
_END = re.compile(
    r"[,;|!?\n\"\u201c\u201d]|\.(?=\s|$)(?<!\b[A-Z]\.)|\s[-\u2013\u2014]|--| (?:in|on|at|with|for"
    r"|from|to|as|style|styled|trending|using|during|while|who|that|which|featuring|inspired|but"
    r"|holding|wearing|sitting|standing|depicting|showing|is|was|by)\b",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s+(?:and|&|\+|x|meets|mixed with)\s+(?:by\s+)?", re.IGNORECASE)

# What follows "by" and is no artist. A name that begins with one of these is dropped.
# fmt: off
_NO_NAME = frozenset({
    "a", "an", "the", "his", "her", "its", "their", "my", "your", "our", "this", "that", "these",
    "those", "it", "him", "them", "me", "us", "you", "some", "any", "each", "every", "all", "no",
    "one", "two", "three", "several", "many", "hand", "hands", "foot", "feet", "side", "default",
    "night", "day", "light", "lightning", "candlelight", "moonlight", "sunlight", "firelight",
    "lamplight", "flash", "fire", "water", "sea", "land", "air", "car", "train", "bus", "boat",
    "step", "piece", "far", "means", "way", "using", "making", "being", "having", "adding",
    "getting", "unknown", "anonymous", "various", "different", "famous", "professional", "award",
    "best", "top", "great", "master", "masters", "artist", "artists", "photographer", "painter",
    "illustrator", "ai", "midjourney", "chance", "nature", "god", "beauty", "love", "fear",
    "magic", "time", "mistake", "myself", "himself", "herself", "itself", "themselves", "large",
    "small", "huge", "giant", "tall", "window", "door", "fireplace", "campfire", "river", "lake",
    "beach", "ocean", "pool", "tree", "road", "lakeside", "riverside", "seaside", "stairs",
    "accident", "law", "design", "definition", "force", "surprise", "sight", "name", "number",
    "order", "choice", "mail", "phone", "computer", "machine", "robot", "women", "men", "people",
    "children", "surrounded", "impressionism", "expressionism", "surrealism", "cubism", "realism",
    "baroque", "anime", "manga", "watercolor", "watercolour", "oil", "ink", "pixel", "digital",
    "art", "photography", "cinema", "film", "2d", "3d", "movie", "movies", "films", "painting",
    "paintings", "photo", "photos", "era", "century", "game", "games", "book", "books", "poster",
    "illustration", "drawing", "sketch", "tv", "show", "cartoon", "comic", "comics", "vintage",
    "retro", "modern", "classic", "classical", "renaissance", "medieval", "minimalist",
    "abstract", "ukiyo-e", "cyberpunk", "steampunk", "fantasy", "gothic",
})
_SMALL_WORDS = frozenset({
    "van", "von", "de", "der", "den", "del", "della", "da", "di", "du", "la", "le", "el", "al",
    "bin", "ibn", "of", "y", "e",
})
# fmt: on
_WORD = re.compile(r"[^\W\d_][\w'\u2019.\-]*|\d+[^\W\d_]\w*|[^\W_]\w*", re.UNICODE)


def prompted_artists(prompt: str) -> tuple[str, ...]:
    """The artists whom a prompt names as such, in its spelling, each once.

    Found are `artist:x`, `x_(artist)`, and phrases such as "by X and Y" or "in the style of X".
    A bare name without any of these is not: it may as well be a character, a place or a brand.
    Names in phrases must be capitalised or in a script without capitals, unless they stand as a
    clause of their own ("by greg rutkowski,").

    Args:
        prompt: The text of a prompt; what is beyond 20,000 characters is not looked at.

    Returns:
        At most 20 names, without weights, brackets and underscores.
    """
    text = prompt[:_LONGEST]
    found: dict[str, str] = {}
    for name in _named(text):
        if name:
            found.setdefault(name.casefold(), name)
        if len(found) >= _MOST_NAMES:
            break
    return tuple(found.values())


def _named(text: str) -> Iterator[str]:
    tagged = _NETWORK.sub(" ", text)
    plain = _BRACKETS.sub(" ", _WEIGHT.sub(" ", tagged).replace("_", " "))
    for match in _TAGGED.finditer(tagged):
        yield _plain(match[1])
    for match in _LABELLED.finditer(tagged):
        name = _plain(_LABEL_END.split(tagged[match.end() : match.end() + 100])[0])
        yield "" if name.casefold() in _NO_NAME else name
    for match in _POSSESSIVE.finditer(plain):
        yield _checked(match[1], own_clause=False)
    for match in _PHRASE.finditer(plain):
        yield from _phrase(plain, match)


def _phrase(text: str, match: re.Match[str]) -> Iterator[str]:
    rest = text[match.end() : match.end() + 200]
    end = _END.search(rest)
    clause = rest[: end.start()] if end else rest
    ended = end is None or end[0][0] in ",;|.!?\n"
    before = text[max(match.start() - 20, 0) : match.start()].rstrip(" ")
    started = not before or before[-1] in ",|\n"
    for part in _BETWEEN.split(clause):
        yield _checked(part, own_clause=ended and started)


def _checked(name: str, *, own_clause: bool) -> str:
    """The name, or nothing where it does not look like one."""
    name = _plain(name)
    words = name.split()
    if not 1 <= len(words) <= _MOST_WORDS or words[0].casefold() in _NO_NAME:
        return ""
    if words[0][0].isdigit() or any(word in _NO_NAME for word in words):
        return ""
    if not all(_WORD.fullmatch(word) for word in words):
        return ""
    proper = [word for word in words if word.casefold() not in _SMALL_WORDS]
    if not proper:
        return ""
    named = not any(word[0].islower() for word in proper)
    return name if named or (own_clause and len(words) <= 3) else ""


def _plain(name: str) -> str:
    name = _WEIGHT.sub("", name).replace("_", " ")
    name = _BRACKETS.sub(" ", name)
    return " ".join(name.split()).strip(" .:'\"-")
