"""What the manifests of a C2PA store say of how the image came to be.

An image is created, opened from another (its parent) and edited, and other images are placed in
it (its components); parent and components bring their own manifests along. The history is read
from the active manifest down.

What follows from each term stands in `c2pa_terms`. What is not understood is told: a person's work
is proven only by a history in which nothing is left open.

Source: C2PA technical specification 2.2, 18.15 (actions) and 18.16 (ingredients).
"""

from dataclasses import dataclass, replace

from detector.readers.c2pa_manifest import (
    Json,
    TakenAction,
    actions,
    are_broken,
    check_codes,
    described_codes,
    is_generative,
    json_object,
    json_objects,
    lists_all_actions,
    parts_are_known,
    program,
    signer,
    text,
)
from detector.readers.c2pa_terms import ACTIONS, RELATIONSHIPS, Action, Relationship, leaves_open
from detector.readers.programs import AI_EDITOR_NAMES, GENERATOR_NAMES, SIGNER_NAMES
from detector.vocabularies import LABELLER, SourceType, source_type
from evidence.signals import Claim

_AI_CLAIMS = frozenset({Claim.AI_MADE, Claim.AI_EDITED})
_CAPTURES = frozenset({"digitalCapture", "computationalCapture"})
_DEEPEST = 16
_MOST_MANIFESTS = 50


@dataclass(frozen=True)
class History:
    """What is said of the making of an image.

    Attributes:
        claim: The upshot.
        phrase: Code of the same in words, which follow "it was"; None where nothing is said.
        generator: Name of the generator, as people know it.
        since: Whether the image was edited since.
        captured: The signer itself says that it took the image with a camera.
        vouched: Nothing that the claim rests on failed the signer's own checks.
        understood: Nothing in the manifests that it rests on is of unknown meaning.
    """

    claim: Claim = Claim.NOTED
    phrase: str | None = None
    generator: str | None = None
    since: bool = False
    captured: bool = False
    vouched: bool = True
    understood: bool = True


@dataclass(frozen=True)
class _Own:
    """What a manifest says itself, its ingredients apart.

    Attributes:
        made: How the image was created, or what the image was that it was opened from.
        edits: What generators did to it since.
        understood: There is nothing in it of unknown meaning.
    """

    made: History | None
    edits: tuple[History, ...]
    understood: bool


def history(store: Json) -> History:
    """Read the history of an image from its manifests.

    Args:
        store: As `c2pa.Reader.json` gives it. What it quotes from assertions may be anything.
    """
    manifests = json_object(store.get("manifests"))
    told = _Histories(manifests).of(text(store.get("active_manifest")), _DEEPEST)
    remarks = check_codes(store, "informational")
    if told.claim is Claim.HUMAN_MADE and any(map(leaves_open, remarks)):
        return replace(told, claim=Claim.UNCLEAR, understood=False)
    return told


class _Histories:
    """Histories by manifest, each told once, though many may quote it."""

    def __init__(self, manifests: Json) -> None:
        self._manifests = manifests
        self._told: dict[str, History] = {}

    def of(self, label: str, deepest: int) -> History:
        if label not in self._told:
            if deepest == 0 or len(self._told) == _MOST_MANIFESTS or label not in self._manifests:
                return History()
            self._told[label] = History()  # for one that quotes itself
            self._told[label] = self._tell(json_object(self._manifests[label]), deepest)
        return self._told[label]

    def _tell(self, manifest: Json, deepest: int) -> History:
        own = _own(manifest)
        made, ingredients = own.made, json_objects(manifest.get("ingredients"))
        parents = [
            self._ingredient(one, deepest) for one in ingredients if _is(one, Relationship.PARENT)
        ]
        placed = [
            self._ingredient(one, deepest)
            for one in ingredients
            if _is(one, Relationship.COMPONENT)
        ]
        if program(manifest) == LABELLER:
            # A platform's label is nobody's word of the making: what was there before speaks.
            made = None
        before = [made, *parents] if made else parents
        wraps = not before and self._only_wraps(manifest, ingredients)
        if wraps:
            before, placed = placed, []
        for one in before:
            if one.claim is Claim.AI_MADE:
                return replace(one, since=one.since or not (wraps or one is made))
        for one in (*before, *own.edits, *placed):
            if one.claim in _AI_CLAIMS:
                return replace(
                    one, claim=Claim.AI_EDITED, phrase="c2pa_edited", since=False, captured=False
                )
        understood = own.understood and all(one.understood for one in (*before, *placed))
        # A person's work is what was made by one and has no parts of unknown origin.
        if before and all(one.claim is Claim.HUMAN_MADE for one in (*before, *placed)):
            captured = before[0].captured and not placed
            claim = Claim.HUMAN_MADE if understood else Claim.UNCLEAR
            return replace(before[0], claim=claim, captured=captured, understood=understood)
        if any(one.claim is Claim.UNCLEAR for one in (*before, *placed)):
            return replace(before[0], claim=Claim.UNCLEAR, captured=False, understood=False)
        if not before:
            return History(understood=understood)
        return replace(made or before[0], claim=Claim.NOTED, understood=understood)

    def _only_wraps(self, manifest: Json, ingredients: list[Json]) -> bool:
        """Whether a manifest signs anew, for the same signer, the one picture that it names.

        ChatGPT's files are of this form: the manifest of the picture as it was made, and around it
        that of the file as it is handed out.
        """
        if len(ingredients) != 1 or not _only_converts(manifest):
            return False
        inner = json_object(self._manifests.get(text(ingredients[0].get("active_manifest"))))
        return bool(signer(manifest)) and signer(inner) == signer(manifest)

    def _ingredient(self, ingredient: Json, deepest: int) -> History:
        told = self.of(text(ingredient.get("active_manifest")), deepest - 1)
        failures = check_codes(ingredient, "failure")
        # As its signer found when it took the image over. What it says of a generator it still
        # says; nothing else does it say for sure.
        if are_broken(failures) and told.claim not in _AI_CLAIMS:
            return History(understood=False)
        return replace(told, captured=False, vouched=told.vouched and not failures)


def _own(manifest: Json) -> _Own:
    """How a manifest says that its image was made, and the AI's edits that it records."""
    made: History | None = None
    edits: list[History] = []
    understood = parts_are_known(manifest) and lists_all_actions(manifest)
    for action in actions(manifest):
        terms = [source_type(code) for code in action.codes]
        claims = {term.claim for term in terms if term}
        kind = ACTIONS.get(action.name)
        understood &= action.understood and None not in terms
        if kind is not Action.CREATED:
            # What was done with a part of unknown origin is no person's work for sure.
            understood &= Claim.NOTED not in claims
        if kind is Action.CREATED:
            made = made or _created(action)
        elif kind is Action.OPENED and Claim.AI_MADE in claims:
            made = made or History(Claim.AI_MADE, "c2pa_made_by_ai", since=True)
        elif claims & _AI_CLAIMS or _names_ai(action.agent):
            edits.append(History(Claim.AI_EDITED))
    for code in described_codes(manifest):
        term = source_type(code)
        understood &= term is not None
        if made is None:
            made = _of_term(code, term)
        elif term and term.claim in _AI_CLAIMS:
            edits.append(History(Claim.AI_EDITED))
    if any(map(is_generative, json_objects(manifest.get("assertions")))):
        edits.append(History(Claim.AI_EDITED))
    if edits or (made and made.claim in _AI_CLAIMS):
        generator = _generator(manifest)
        edits = [replace(edit, generator=generator) for edit in edits[:1]]
        if made and made.claim in _AI_CLAIMS:
            # Who signs what it made is known by that, if by nothing else; who edits is not.
            made = replace(made, generator=generator or signer(manifest) or None)
    return _Own(made, tuple(edits), understood)


def _created(action: TakenAction) -> History:
    code = action.codes[0] if action.codes else ""
    term = source_type(code)
    if term is None:  # early manifests only name the generator
        agent = f"{action.agent} {action.words}"
        if GENERATOR_NAMES.find(agent) or "AI Generated" in agent:
            return History(Claim.AI_MADE, "c2pa_made_by_ai")
    for other in action.codes[1:]:
        more = source_type(other)
        if more and more.claim in _AI_CLAIMS and not (term and term.claim is Claim.AI_MADE):
            code, term = other, more
    return _of_term(code, term)


def _of_term(code: str, term: SourceType | None) -> History:
    if term is None:
        return History()
    captured = code.rpartition("/")[2] in _CAPTURES
    return History(term.claim, term.phrase, captured=captured)


def _only_converts(manifest: Json) -> bool:
    kept = (Action.KEPT, Action.OPENED)
    return all(ACTIONS.get(action.name) in kept for action in actions(manifest))


def _names_ai(agent: str) -> bool:
    return bool(GENERATOR_NAMES.find(agent) or AI_EDITOR_NAMES.find(agent))


def _generator(manifest: Json) -> str | None:
    """The generator by the most particular of the names that a manifest gives."""
    names = [name for action in actions(manifest) for name in (action.agent, action.words)]
    names += [
        text(json_object(one.get("data")).get("description"))
        for one in json_objects(manifest.get("assertions"))
        if is_generative(one)
    ]
    names += [text(one.get("name")) for one in json_objects(manifest.get("claim_generator_info"))]
    names.append(text(manifest.get("claim_generator")).replace("_", " "))
    for name in names:
        if found := GENERATOR_NAMES.find(name) or AI_EDITOR_NAMES.find(name):
            return found
    issuer = signer(manifest)
    return GENERATOR_NAMES.find(issuer) or SIGNER_NAMES.find(issuer)


def _is(ingredient: Json, relationship: Relationship) -> bool:
    return RELATIONSHIPS.get(text(ingredient.get("relationship"))) is relationship
