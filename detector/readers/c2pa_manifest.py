"""The parts of a C2PA manifest: its actions, who signed it, and the results of its validation.

Actions say what was done in several places: in `digitalSourceType`, in a template for all actions
of their name, in parameters of a vendor's own, by an agent of theirs or one that stands in a list,
and in actions that are related to them. All are read, up to a bound.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from core.text import one_line
from detector.readers.c2pa_terms import (
    ACTION_FIELDS,
    ACTIONS,
    ASSERTIONS,
    BROKEN,
    GENERATIVE_LABELS,
    PARAMETERS,
    RELATIONSHIPS,
    Action,
    Assertion,
    Result,
    failed,
)

_MOST_ACTIONS = 200
_MOST_PARTS = 50
_DEEPEST_RELATED = 4

Json = Mapping[str, object]


@dataclass(frozen=True)
class TakenAction:
    """An action with what its template and the list of agents add.

    Attributes:
        name: As `c2pa.created`.
        codes: Of digital source types, its own first.
        agent: The program that did it.
        words: What else it says in words.
        understood: Its name and all its fields are known.
    """

    name: str
    codes: tuple[str, ...]
    agent: str
    words: str
    understood: bool


def program(manifest: Json) -> str:
    """The program that wrote a manifest, by its own word; empty where it gives none."""
    names = [text(one.get("name")) for one in json_objects(manifest.get("claim_generator_info"))]
    return one_line(next((name for name in names if name), text(manifest.get("claim_generator"))))


def signer(manifest: Json) -> str:
    """The organisation that signed a manifest, by its certificate; empty where it has none."""
    signature = json_object(manifest.get("signature_info"))
    return one_line(text(signature.get("issuer")) or text(signature.get("common_name")))


def active_manifest(store: Json) -> Json:
    """The manifest that speaks for the file."""
    return json_object(json_object(store.get("manifests")).get(text(store.get("active_manifest"))))


def check_codes(checked: Json, outcome: str) -> tuple[str, ...]:
    """Codes of the checks of a manifest with this outcome, `success` or `failure`.

    Args:
        checked: The store, for its active manifest, or an ingredient, for its own.
        outcome: Which codes.
    """
    return _codes(json_object(_results(checked).get("activeManifest")), outcome)


def broken_by(store: Json) -> Result | None:
    """What breaks a store, one of `BROKEN`; None where it is whole.

    Whatever was changed in the image or in any manifest that counts is told before a signature
    that does not hold.
    """
    codes = list(check_codes(store, "failure"))
    for delta in json_objects(_results(store).get("ingredientDeltas")):
        codes += _codes(json_object(delta.get("validationDeltas")), "failure")
    results = set(map(failed, codes))
    if Result.CHANGED in results:
        return Result.CHANGED
    valid = "claimSignature.validated" in check_codes(store, "success")
    return Result.SIGNATURE if Result.SIGNATURE in results or not valid else None


def are_broken(codes: Iterable[str]) -> bool:
    """Whether failed checks say that what was signed was changed, or its signature does not fit."""
    return not BROKEN.isdisjoint(map(failed, codes))


def _results(checked: Json) -> Json:
    return json_object(checked.get("validation_results"))


def _codes(results: Json, outcome: str) -> tuple[str, ...]:
    return tuple(text(one.get("code")) for one in json_objects(results.get(outcome)))


def is_generative(assertion: Json) -> bool:
    """Whether an assertion says by its label that an AI had to do with the picture."""
    label = text(assertion.get("label")).casefold()
    return any(word in label for word in GENERATIVE_LABELS)


def parts_are_known(manifest: Json) -> bool:
    """Whether all assertions, and the relationships of all ingredients, are of known meaning."""
    known = tuple(label for label, kind in ASSERTIONS.items() if kind is not Assertion.ELSEWHERE)
    labels = (text(one.get("label")) for one in json_objects(manifest.get("assertions")))
    return all(label.startswith(known) for label in labels) and all(
        text(one.get("relationship")) in RELATIONSHIPS
        for one in json_objects(manifest.get("ingredients"))
    )


def described_codes(manifest: Json) -> list[str]:
    """Digital source types that stand in the metadata which the manifest quotes."""
    labels = tuple(label for label, kind in ASSERTIONS.items() if kind is Assertion.METADATA)
    quoted = (
        json_object(one.get("data"))
        for one in json_objects(manifest.get("assertions"))
        if text(one.get("label")).startswith(labels)
    )
    return list(islice((code for data in quoted for code in _source_codes(data)), _MOST_PARTS))


def actions(manifest: Json) -> Iterator[TakenAction]:
    """The actions of a manifest in their order, each before those that are related to it."""
    return islice(_all_actions(manifest), _MOST_ACTIONS)


def lists_all_actions(manifest: Json) -> bool:
    """Whether no list of actions says that it lacks some, or that somebody doubts it."""
    return not any(
        data.get("allActionsIncluded") is False
        or json_object(data.get("metadata")).get("reviewRatings")
        for data in _action_lists(manifest)
    )


def _action_lists(manifest: Json) -> Iterator[Json]:
    for assertion in json_objects(manifest.get("assertions")):
        if text(assertion.get("label")).startswith("c2pa.actions"):
            yield json_object(assertion.get("data"))


def _all_actions(manifest: Json) -> Iterator[TakenAction]:
    for data in _action_lists(manifest):
        templates = json_objects(data.get("templates"))[:_MOST_PARTS]
        agents = json_objects(data.get("softwareAgents"))[:_MOST_PARTS]
        for action in _with_related(json_objects(data.get("actions")), _DEEPEST_RELATED):
            name = text(action.get("action"))
            own = [one for one in templates if text(one.get("action")) in (name, "*")]
            yield _action(name, [action, *own], agents)


def _with_related(listed: list[Json], deepest: int) -> Iterator[Json]:
    for action in listed:
        yield action
        if deepest:
            yield from _with_related(json_objects(action.get("related")), deepest - 1)


def _action(name: str, parts: list[Json], agents: list[Json]) -> TakenAction:
    """An action from what it says itself, and then from its templates."""
    parameters = [
        json_object(part.get("parameters") or part.get("templateParameters")) for part in parts
    ]
    codes = [code for part in (*parts, *parameters) for code in _source_codes(part)]
    named = (name for part in parts for name in _agents(part, agents))
    words = [text(part.get("description")) for part in parts]
    words += [text(value) for one in parameters for key, value in one.items() if "detail" in key]
    known = ACTIONS.get(name, Action.UNKNOWN) is not Action.UNKNOWN
    known &= all(part.keys() <= ACTION_FIELDS for part in parts)
    known &= all(one.keys() <= PARAMETERS for one in parameters)
    return TakenAction(
        name,
        tuple(dict.fromkeys(codes)),
        next(named, ""),
        " ".join(filter(None, words)),
        understood=known,
    )


def _source_codes(part: Json) -> Iterator[str]:
    """The digital source types among the fields of a part, whatever their prefix."""
    for key, value in part.items():
        if key.casefold().endswith("digitalsourcetype") and text(value):
            yield text(value)


def _agents(part: Json, agents: list[Json]) -> Iterator[str]:
    agent = part.get("softwareAgent")
    index = part.get("softwareAgentIndex")
    if name := text(agent) or text(json_object(agent).get("name")):
        yield name
    elif isinstance(index, int) and 0 <= index < len(agents):
        yield text(agents[index].get("name"))


def text(value: object) -> str:
    """The value if it is a text, else an empty one."""
    return value if isinstance(value, str) else ""


def json_object(value: object) -> Json:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def json_objects(value: object) -> list[Json]:
    """The objects in a list; none where it is none."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
