"""Whether each row of a policy, and each setting, can be as it is written."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from evidence import EvidenceKind
from evidence.wording.templates import TEMPLATES
from labelling.actions import IRREVOCABLE, Action
from labelling.facts import WEIGHING_CODES
from labelling.policy.document import AiLevel, Conditions, Declared
from labelling.policy.placed import Chain, Rows
from labelling.policy.problems import Problem, did_you_mean, quoted

_SURE = (AiLevel.DECLARED, AiLevel.STATED, AiLevel.PROVEN)
_LOOSENED = frozenset({"ai", "edited", "codes", "stated_artist"})
"""Conditions that more evidence of an AI may fulfil."""


def time_zones(chain: Chain, _: Rows) -> Iterator[Problem]:
    """Days begin somewhere."""
    for loaded in chain:
        zone = loaded.policy.time_zone
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            say = f"There is no time zone {quoted(zone)}: it takes a name as Asia/Tokyo."
            yield loaded.places.problem(("time_zone",), say)


def dates(_: Chain, rows: Rows) -> Iterator[Problem]:
    """A row ends after it begins."""
    for one in rows:
        if one.row.until is not None and one.row.until <= one.row.since:
            say = "The row ends before it begins, or on the same day: it is never in force."
            yield one.problem("until", say=say)


def labels(chain: Chain, rows: Rows) -> Iterator[Problem]:
    """Whoever labels says with which label, and every label has words."""
    known = {name for loaded in chain for name in loaded.policy.labels}
    for one in rows:
        label = one.row.label
        asked = {*one.row.actions, *one.row.on_confirmation}
        if label is not None and label not in known:
            meant = did_you_mean(label, known)
            say = f"No label is called {quoted(label)}{meant}: name it under `labels`."
            yield one.problem("label", say=say)
        if label is None and Action.LABEL in asked:
            yield one.problem(say="The row asks to label, and does not say with which `label`.")
        if label is not None and Action.LABEL not in asked:
            say = "The row names a label that it never asks to give: add `label` to its actions."
            yield one.problem("label", say=say)


def codes(_: Chain, rows: Rows) -> Iterator[Problem]:
    """Reason codes are those that can be said."""
    for one in rows:
        for part, place, case in one.cases():
            for number, code in enumerate(case.codes or ()):
                if code not in TEMPLATES:
                    say = f"No reason has the code {quoted(code)}{did_you_mean(code, TEMPLATES)}."
                    yield one.problem(part, place, "codes", number, say=say)
                elif code in WEIGHING_CODES:
                    say = f"{quoted(code)} says how evidence was weighed: name what was found."
                    yield one.problem(part, place, "codes", number, say=say)


def signals(chain: Chain, rows: Rows) -> Iterator[Problem]:
    """Only what is looked for can be found, and only what was found can be confirmed."""
    set_up = {
        name for loaded in chain for name, value in loaded.policy.signals if value is not None
    }
    for one in rows:
        for part, place, case in one.cases():
            for number, signal in enumerate(case.account or ()):
                if signal.value not in set_up:
                    say = (
                        f"{quoted(signal.value)} is not looked for: say under `signals` when it is"
                        " there."
                    )
                    yield one.problem(part, place, "account", number, say=say)
            if case.confirmed and not case.account:
                say = "A moderator confirms what `account` names: name it beside."
                yield one.problem(part, place, "confirmed", say=say)


def cases(_: Chain, rows: Rows) -> Iterator[Problem]:
    """Each case can hold, and no more evidence makes it milder; see `labelling.decide`."""
    for one in rows:
        for part, place, case in one.cases():
            for name, value in case:
                if value == ():
                    yield one.problem(part, place, name, say="This names nothing: it never holds.")
            if case.ai is not None and case.human is not None:
                say = "This never holds: nothing is made by an AI and by none."
                yield one.problem(part, place, "human", say=say)
            if case.ai is not None and case.ai.rate and case.ai.at_least is not AiLevel.INFERRED:
                say = (
                    "A `rate` is that of an inference: it stands only beside `at_least: inferred`."
                )
                yield one.problem(part, place, "ai", "rate", say=say)
        for place, case in enumerate(one.row.when):
            if case.human is not None and case.declared != (Declared.AI,):
                say = (
                    "More evidence of an AI would make this milder: `human` stands only beside"
                    " `declared: [ai]`."
                )
                yield one.problem("when", place, "human", say=say)
        for place, case in enumerate(one.row.unless):
            given = _given(case)
            for name in sorted(_LOOSENED & given.keys()):
                say = (
                    f"More evidence of an AI would make this milder: `{name}` cannot exempt. Say"
                    " under `when` what evidence the row needs."
                )
                yield one.problem("unless", place, name, say=say)
            if any(given.items() <= _given(other).items() for other in one.row.when):
                say = "This exempts what the row is about: the row never holds for it."
                yield one.problem("unless", place, say=say)


def _given(case: Conditions) -> dict[str, object]:
    return {name: value for name, value in case if value is not None}


def inferences(_: Chain, rows: Rows) -> Iterator[Problem]:
    """What will be withheld, as only an inference supports it; see `labelling.decide`."""
    for one in rows:
        withheld = [action.value for action in one.row.actions if action in IRREVOCABLE]
        for place, case in enumerate(one.row.when):
            if withheld and _may_be_inferred(case):
                say = (
                    f"This may rest on an inference alone: then {' and '.join(withheld)} will not"
                    " be done, and a moderator is asked instead."
                )
                yield one.problem("when", place, say=say, warning=True)
            if Action.LABEL in one.row.actions and _unrated(case):
                say = (
                    "This labels on an inference without a stated rate of errors: give `ai` a"
                    " `rate`, or ask for a review."
                )
                yield one.problem("when", place, "ai", say=say, warning=True)


def _may_be_inferred(case: Conditions) -> bool:
    """Whether it may hold on pixels alone, or on a pattern that nobody confirmed."""
    return bool(
        (case.ai and case.ai.at_least not in _SURE)
        or (case.human and EvidenceKind.INFERRED in case.human.evidence)
        or (case.account and not case.confirmed)
        or case.edited
        or case.photo
        or case.plain
        or case.copy_of_work
        or case.style
        or case.codes
    )


def _unrated(case: Conditions) -> bool:
    return bool(case.ai and case.ai.at_least not in _SURE and case.ai.rate is None)


def confirmations(_: Chain, rows: Rows) -> Iterator[Problem]:
    """Only what a moderator is asked can be confirmed."""
    for one in rows:
        asked = {Action.REVIEW, Action.HOLD} & set(one.row.actions)
        withheld = IRREVOCABLE & set(one.row.actions) and any(map(_may_be_inferred, one.row.when))
        if one.row.on_confirmation and not asked and not withheld:
            say = "No moderator is asked, so nothing follows from it: add `review` to `actions`."
            yield one.problem("on_confirmation", say=say)


def objections(chain: Chain, rows: Rows) -> Iterator[Problem]:
    """Whoever is restricted is told how to object."""
    if any(loaded.policy.appeals for loaded in chain):
        return
    for one in rows:
        if {*one.row.actions, *one.row.on_confirmation} - {Action.PUBLISH, Action.REVIEW}:
            say = (
                "The row restricts works or accounts, and nothing says how people object: add"
                " `appeals`."
            )
            yield one.problem(say=say)
            return


WITHIN = (time_zones, dates, labels, codes, signals, cases, inferences, confirmations, objections)
"""Every check of this module: from a chain and its rows to problems."""
