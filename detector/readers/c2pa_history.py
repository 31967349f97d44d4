"""What the manifests of a C2PA store say of how the image came to be.

An image is created, opened from another (its parent) and edited, and other images are placed in
it (its components); parent and components bring their own manifests along. The history is read
from the active manifest down.

Actions say it in several places: in `digitalSourceType`, in a template for all actions of their
name, in parameters of a vendor's own, by an agent of theirs or one that stands in a list; and
assertions of vendors say it beside them. All are read, and what is not understood is told: a
person's work is proven only by a history in which nothing is left open.

Source: C2PA technical specification 2.2, 18.15 (actions) and 18.16 (ingredients).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from core.text import one_line
from detector.readers.programs import AI_EDITOR_NAMES, GENERATOR_NAMES, SIGNER_NAMES
from detector.vocabularies import LABELLER, SourceType, source_type
from evidence.signals import Claim

_AI_CLAIMS = frozenset({Claim.AI_MADE, Claim.AI_EDITED})
_CAPTURES = frozenset({"digitalCapture", "computationalCapture"})
_DEEPEST = 16
_MOST_MANIFESTS = 50
_MOST_ACTIONS = 200
_MOST_PARTS = 50
_METADATA_LABELS = ("c2pa.metadata", "cawg.metadata", "stds.iptc", "stds.metadata")

CONVERSIONS = frozenset(
    f"c2pa.{action}" for action in ("converted", "published", "repackaged", "transcoded")
)
"""Actions that leave the picture what it is."""

ACTIONS = CONVERSIONS | {
    f"c2pa.{action}"
    for action in (
        "addedText", "adjustedColor", "changedSpeed", "color_adjustments", "created", "cropped",
        "deleted", "drawing", "dubbed", "edited", "edited.metadata", "enhanced", "filtered",
        "opened", "orientation", "placed", "redacted", "removed", "resized",
        "resized.proportional", "translated", "trimmed", "watermarked", "watermarked.bound",
        "watermarked.unbound",
    )
}  # fmt: skip
"""Actions whose meaning is known; `c2pa.unknown` is none of them."""

ASSERTIONS = (
    "c2pa.actions", "c2pa.asset-ref", "c2pa.asset-type", "c2pa.certificate-status",
    "c2pa.cloud-data", "c2pa.depthmap", "c2pa.embedded-data", "c2pa.external-reference",
    "c2pa.hash.", "c2pa.icon", "c2pa.ingredient", "c2pa.metadata", "c2pa.soft-binding",
    "c2pa.thumbnail.", "c2pa.time-stamp", "c2pa.training-mining", "cawg.identity",
    "cawg.metadata", "cawg.training-mining", "stds.exif", "stds.iptc", "stds.metadata",
    "stds.schema-org.CreativeWork",
)  # fmt: skip
"""Beginnings of the labels of assertions that are understood, or that say nothing of the making."""

RELATIONSHIPS = frozenset({"parentOf", "componentOf", "inputTo"})

_GENERATIVE = ("generative", "ai-disclosure", "ai_disclosure", "ai-generated", "ai_generated")

# In the codes of failed checks, what says that bytes were changed or taken away since they were
# signed: C2PA technical specification 2.2, 15.2. A claim that lacks something that it should have,
# an action that lacks its ingredient, or a time stamp of other bytes say nothing of the kind.
_CHANGED = ("ismatch", "missing", "undeclared")
_LAX = ("assertion.action.", "assertion.required.", "claim.required.", "timeStamp.")

Json = Mapping[str, object]


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


@dataclass(frozen=True)
class _Action:
    """An action with what its template and the list of agents add.

    Attributes:
        name: As `c2pa.created`.
        codes: Of digital source types, its own first.
        agent: The program that did it.
        words: What else it says in words.
    """

    name: str
    codes: tuple[str, ...]
    agent: str
    words: str


def history(store: Json) -> History:
    """Read the history of an image from its manifests.

    Args:
        store: As `c2pa.Reader.json` gives it. What it quotes from assertions may be anything.
    """
    manifests = _object(store.get("manifests"))
    return _Histories(manifests).of(_text(store.get("active_manifest")), _DEEPEST)


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
            self._told[label] = self._tell(_object(self._manifests[label]), deepest)
        return self._told[label]

    def _tell(self, manifest: Json, deepest: int) -> History:
        own = _own(manifest)
        made, ingredients = own.made, _objects(manifest.get("ingredients"))
        parents = [self._ingredient(one, deepest) for one in ingredients if _is(one, "parentOf")]
        placed = [self._ingredient(one, deepest) for one in ingredients if _is(one, "componentOf")]
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
        inner = _object(self._manifests.get(_text(ingredients[0].get("active_manifest"))))
        return bool(signer(manifest)) and signer(inner) == signer(manifest)

    def _ingredient(self, ingredient: Json, deepest: int) -> History:
        told = self.of(_text(ingredient.get("active_manifest")), deepest - 1)
        failures = check_codes(ingredient, "failure")
        # As its signer found when it took the image over. What it says of a generator it still
        # says; nothing else does it say for sure.
        if _changed(failures) and told.claim not in _AI_CLAIMS:
            return History(understood=False)
        return replace(told, captured=False, vouched=told.vouched and not failures)


def _own(manifest: Json) -> _Own:
    """How a manifest says that its image was made, and the AI's edits that it records."""
    made: History | None = None
    edits: list[History] = []
    understood = all(map(_is_understood, _objects(manifest.get("assertions")))) and all(
        one.get("relationship") in RELATIONSHIPS for one in _objects(manifest.get("ingredients"))
    )
    for action in _actions(manifest):
        terms = [source_type(code) for code in action.codes]
        claims = {term.claim for term in terms if term}
        understood &= action.name in ACTIONS and None not in terms
        if action.name == "c2pa.created":
            made = made or _created(action)
        elif action.name == "c2pa.opened" and Claim.AI_MADE in claims:
            made = made or History(Claim.AI_MADE, "c2pa_made_by_ai", since=True)
        elif claims & _AI_CLAIMS or _names_ai(action.agent):
            edits.append(History(Claim.AI_EDITED))
    described = [code for one in _metadata(manifest) for code in _source_codes(one)]
    for code in described[:_MOST_PARTS]:
        term = source_type(code)
        understood &= term is not None
        if made is None:
            made = _of_term(code, term)
        elif term and term.claim in _AI_CLAIMS:
            edits.append(History(Claim.AI_EDITED))
    if any(map(_is_generative, _objects(manifest.get("assertions")))):
        edits.append(History(Claim.AI_EDITED))
    if edits or (made and made.claim in _AI_CLAIMS):
        generator = _generator(manifest)
        edits = [replace(edit, generator=generator) for edit in edits[:1]]
        if made and made.claim in _AI_CLAIMS:
            # Who signs what it made is known by that, if by nothing else; who edits is not.
            made = replace(made, generator=generator or signer(manifest) or None)
    return _Own(made, tuple(edits), understood)


def _created(action: _Action) -> History:
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
    return all(action.name in CONVERSIONS | {"c2pa.opened"} for action in _actions(manifest))


def _names_ai(agent: str) -> bool:
    return bool(GENERATOR_NAMES.find(agent) or AI_EDITOR_NAMES.find(agent))


def _is_understood(assertion: Json) -> bool:
    return _text(assertion.get("label")).startswith(ASSERTIONS)


def _is_generative(assertion: Json) -> bool:
    label = _text(assertion.get("label")).casefold()
    return any(word in label for word in _GENERATIVE)


def _generator(manifest: Json) -> str | None:
    """The generator by the most particular of the names that a manifest gives."""
    names = [name for action in _actions(manifest) for name in (action.agent, action.words)]
    names += [
        _text(_object(one.get("data")).get("description"))
        for one in _objects(manifest.get("assertions"))
        if _is_generative(one)
    ]
    names += [_text(one.get("name")) for one in _objects(manifest.get("claim_generator_info"))]
    names.append(_text(manifest.get("claim_generator")).replace("_", " "))
    for name in names:
        if found := GENERATOR_NAMES.find(name) or AI_EDITOR_NAMES.find(name):
            return found
    issuer = signer(manifest)
    return GENERATOR_NAMES.find(issuer) or SIGNER_NAMES.find(issuer)


def program(manifest: Json) -> str:
    """The program that wrote a manifest, by its own word; empty where it gives none."""
    names = [_text(one.get("name")) for one in _objects(manifest.get("claim_generator_info"))]
    return one_line(next((name for name in names if name), _text(manifest.get("claim_generator"))))


def signer(manifest: Json) -> str:
    """The organisation that signed a manifest, by its certificate; empty where it has none."""
    signature = _object(manifest.get("signature_info"))
    return one_line(_text(signature.get("issuer")) or _text(signature.get("common_name")))


def active_manifest(store: Json) -> Json:
    """The manifest that speaks for the file."""
    return _object(_object(store.get("manifests")).get(_text(store.get("active_manifest"))))


def check_codes(checked: Json, outcome: str) -> tuple[str, ...]:
    """Codes of the checks of a manifest with this outcome, `success` or `failure`.

    Args:
        checked: The store, for its active manifest, or an ingredient, for its own.
        outcome: Which codes.
    """
    return _codes(_object(_results(checked).get("activeManifest")), outcome)


def is_broken(store: Json) -> bool:
    """Whether the image, or any manifest that counts, was changed after signing."""
    codes = list(check_codes(store, "failure"))
    for delta in _objects(_results(store).get("ingredientDeltas")):
        codes += _codes(_object(delta.get("validationDeltas")), "failure")
    return _changed(codes) or "claimSignature.validated" not in check_codes(store, "success")


def _results(checked: Json) -> Json:
    return _object(checked.get("validation_results"))


def _codes(results: Json, outcome: str) -> tuple[str, ...]:
    return tuple(_text(one.get("code")) for one in _objects(results.get(outcome)))


def _changed(codes: Iterable[str]) -> bool:
    return any(word in code for word in _CHANGED for code in codes if not code.startswith(_LAX))


def _actions(manifest: Json) -> Iterator[_Action]:
    return islice(_all_actions(manifest), _MOST_ACTIONS)


def _all_actions(manifest: Json) -> Iterator[_Action]:
    for assertion in _objects(manifest.get("assertions")):
        if not _text(assertion.get("label")).startswith("c2pa.actions"):
            continue
        data = _object(assertion.get("data"))
        templates = _objects(data.get("templates"))[:_MOST_PARTS]
        agents = _objects(data.get("softwareAgents"))[:_MOST_PARTS]
        for action in _objects(data.get("actions")):
            name = _text(action.get("action"))
            own = [one for one in templates if _text(one.get("action")) in (name, "*")]
            yield _action(name, [action, *own], agents)


def _action(name: str, parts: list[Json], agents: list[Json]) -> _Action:
    """An action from what it says itself, and then from its templates."""
    parameters = [
        _object(part.get("parameters") or part.get("templateParameters")) for part in parts
    ]
    codes = [code for part in (*parts, *parameters) for code in _source_codes(part)]
    named = (name for part in parts for name in _agents(part, agents))
    words = [_text(part.get("description")) for part in parts]
    words += [_text(value) for one in parameters for key, value in one.items() if "detail" in key]
    return _Action(
        name, tuple(dict.fromkeys(codes)), next(named, ""), " ".join(filter(None, words))
    )


def _source_codes(part: Json) -> Iterator[str]:
    """The digital source types among the fields of a part, whatever their prefix."""
    for key, value in part.items():
        if key.casefold().endswith("digitalsourcetype") and _text(value):
            yield _text(value)


def _agents(part: Json, agents: list[Json]) -> Iterator[str]:
    agent = part.get("softwareAgent")
    index = part.get("softwareAgentIndex")
    if name := _text(agent) or _text(_object(agent).get("name")):
        yield name
    elif isinstance(index, int) and 0 <= index < len(agents):
        yield _text(agents[index].get("name"))


def _metadata(manifest: Json) -> Iterator[Json]:
    for assertion in _objects(manifest.get("assertions")):
        if _text(assertion.get("label")).startswith(_METADATA_LABELS):
            yield _object(assertion.get("data"))


def _is(ingredient: Json, relationship: str) -> bool:
    return ingredient.get("relationship") == relationship


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _object(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> list[Json]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
