"""What the manifests of a C2PA store say of how the image came to be.

An image is created, opened from another (its parent) and edited, and other images are placed in
it (its components); parent and components bring their own manifests along. The history is read
from the active manifest down.

Source: C2PA technical specification 2.2, 18.15 (actions) and 18.16 (ingredients).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from core.text import one_line
from detector.labels.label import LABELLER
from detector.readers.programs import AI_EDITOR_NAMES, GENERATOR_NAMES, SIGNER_NAMES
from detector.readers.source_types import SourceType, source_type
from evidence.signals import Claim

_AI_CLAIMS = frozenset({Claim.AI_MADE, Claim.AI_EDITED})
_METADATA_LABELS = ("c2pa.metadata", "cawg.metadata", "stds.iptc")
_CAPTURES = frozenset({"digitalCapture", "computationalCapture"})
_DEEPEST = 16
_MOST_MANIFESTS = 50
_MOST_ACTIONS = 200
# In the codes of failed checks: C2PA technical specification 2.2, 15.2.
_CHANGED = ("ismatch", "missing", "undeclared")

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
    """

    claim: Claim = Claim.NOTED
    phrase: str | None = None
    generator: str | None = None
    since: bool = False
    captured: bool = False
    vouched: bool = True


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
        made, edits = _own(manifest)
        ingredients = _objects(manifest.get("ingredients"))
        parents = [self._ingredient(one, deepest) for one in ingredients if _is(one, "parentOf")]
        placed = [self._ingredient(one, deepest) for one in ingredients if _is(one, "componentOf")]
        before = [made, *parents] if made else parents
        if made and program(manifest) == LABELLER:
            # A platform's label: its word comes after that of the image, and proves nothing.
            made = replace(made, generator=None, vouched=False)
            before = [*parents, made]
        for one in before:
            if one.claim is Claim.AI_MADE:
                return replace(one, since=one is not made)
        for one in (*before, *edits, *placed):
            if one.claim in _AI_CLAIMS:
                return replace(
                    one, claim=Claim.AI_EDITED, phrase="c2pa_edited", since=False, captured=False
                )
        # A person's work is what was made by one and has no parts of unknown origin.
        if before and all(one.claim is Claim.HUMAN_MADE for one in (*before, *placed)):
            return replace(before[0], captured=before[0].captured and not placed)
        return replace(made or before[0], claim=Claim.NOTED) if before else History()

    def _ingredient(self, ingredient: Json, deepest: int) -> History:
        told = self.of(_text(ingredient.get("active_manifest")), deepest - 1)
        failures = check_codes(ingredient, "failure")
        if _changed(failures):  # as its signer found when it took the image over
            return History()
        return replace(told, captured=False, vouched=told.vouched and not failures)


def _own(manifest: Json) -> tuple[History | None, list[History]]:
    """How a manifest says that its image was created, and the AI's edits that it records."""
    created: History | None = None
    edits: list[History] = []
    for action in _actions(manifest):
        agent = _agent(action)
        code = _text(action.get("digitalSourceType"))
        term = source_type(code)
        if action.get("action") == "c2pa.created":
            created = created or _created(code, term, f"{agent} {_text(action.get('description'))}")
        elif (term and term.claim in _AI_CLAIMS) or AI_EDITOR_NAMES.find(agent):
            edits.append(History(Claim.AI_EDITED))
    if created is None:
        codes = (_text(one.get("Iptc4xmpExt:DigitalSourceType")) for one in _metadata(manifest))
        created = next((_created(code, source_type(code), "") for code in codes if code), None)
    if edits or (created and created.claim in _AI_CLAIMS):
        generator = _generator(manifest)
        edits = [replace(edit, generator=generator) for edit in edits[:1]]
        if created and created.claim in _AI_CLAIMS:
            created = replace(created, generator=generator)
    return created, edits


def _created(code: str, term: SourceType | None, agent: str) -> History:
    if term is None:  # early manifests only name the generator
        if GENERATOR_NAMES.find(agent) or "AI Generated" in agent:
            return History(Claim.AI_MADE, "c2pa_made_by_ai")
        return History()
    captured = code.rpartition("/")[2] in _CAPTURES
    return History(term.claim, term.phrase, captured=captured)


def _generator(manifest: Json) -> str | None:
    """The generator by the most particular of the names that a manifest gives."""
    names = [_agent(action) for action in _actions(manifest)]
    names += [_text(one.get("name")) for one in _objects(manifest.get("claim_generator_info"))]
    names.append(_text(manifest.get("claim_generator")).replace("_", " "))
    for name in names:
        if found := GENERATOR_NAMES.find(name) or AI_EDITOR_NAMES.find(name):
            return found
    issuer = signer(manifest)
    return GENERATOR_NAMES.find(issuer) or SIGNER_NAMES.find(issuer) or issuer or None


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
    return any(word in code for word in _CHANGED for code in codes)


def _actions(manifest: Json) -> Iterator[Json]:
    return islice(_all_actions(manifest), _MOST_ACTIONS)


def _all_actions(manifest: Json) -> Iterator[Json]:
    for assertion in _objects(manifest.get("assertions")):
        if _text(assertion.get("label")).startswith("c2pa.actions"):
            yield from _objects(_object(assertion.get("data")).get("actions"))


def _metadata(manifest: Json) -> Iterator[Json]:
    for assertion in _objects(manifest.get("assertions")):
        if _text(assertion.get("label")).startswith(_METADATA_LABELS):
            yield _object(assertion.get("data"))


def _agent(action: Json) -> str:
    agent = action.get("softwareAgent")
    return _text(agent) or _text(_object(agent).get("name"))


def _is(ingredient: Json, relationship: str) -> bool:
    return ingredient.get("relationship") == relationship


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _object(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> list[Json]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
