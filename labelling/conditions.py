"""Whether the conditions of a row hold, and what each of them asked for and found."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from evidence import CopyVerdict, CreatorVerdict, EvidenceKind
from labelling.context import Moment
from labelling.facts import Basis, Facts
from labelling.policy.document import (
    AiCondition,
    AiLevel,
    Conditions,
    Declared,
    HumanCondition,
    Row,
    StrikesCondition,
)


@dataclass(frozen=True)
class Leaf:
    """One condition, and what became of it.

    Attributes:
        name: Of the condition, as in the document.
        holds: Whether it does; None where that cannot be known.
        wanted: What it asks for.
        found: What there is.
        basis: What it rests on where it holds.
    """

    name: str
    holds: bool | None
    wanted: str
    found: str
    basis: Basis = Basis.NEUTRAL


@dataclass(frozen=True)
class Case:
    """One of the cases of a row, or one of its exemptions.

    Attributes:
        leaves: Its conditions.
    """

    leaves: tuple[Leaf, ...]

    @property
    def holds(self) -> bool:
        """Whether all of its conditions do."""
        return all(leaf.holds for leaf in self.leaves)

    @property
    def failing(self) -> tuple[Leaf, ...]:
        """The conditions that do not hold, or cannot be known."""
        return tuple(leaf for leaf in self.leaves if not leaf.holds)

    @property
    def unknown(self) -> bool:
        """Whether it would hold if what is not known were so."""
        found = [leaf.holds for leaf in self.leaves]
        return None in found and False not in found

    @property
    def objective(self) -> bool:
        """Whether nothing in it is inferred: one fact beside it makes no inference surer."""
        return all(leaf.basis is not Basis.INFERRED for leaf in self.leaves)


@dataclass(frozen=True)
class RowOutcome:
    """What became of a row.

    Attributes:
        cases: What must hold, one of them.
        exemptions: What must not.
    """

    cases: tuple[Case, ...]
    exemptions: tuple[Case, ...]

    @property
    def holding(self) -> tuple[Case, ...]:
        """The cases that hold; none where an exemption does."""
        if self.exempt:
            return ()
        return tuple(case for case in self.cases if case.holds)

    @property
    def exempt(self) -> bool:
        """Whether an exemption holds, or might."""
        return any(case.holds or case.unknown for case in self.exemptions)

    @property
    def unknown(self) -> bool:
        """Whether it does not hold only because a case, or an exemption, cannot be known."""
        return (
            not self.holding
            and any(case.holds or case.unknown for case in self.cases)
            and not any(case.holds for case in self.exemptions)
        )

    @property
    def unknown_conditions(self) -> frozenset[str]:
        """Names of the conditions for want of which cases, and exemptions, cannot be known."""
        both = (*self.cases, *self.exemptions)
        return frozenset(leaf.name for case in both if case.unknown for leaf in case.failing)

    @property
    def missing(self) -> tuple[Leaf, ...]:
        """What is missing in the case that comes nearest to holding."""
        return min((case.failing for case in self.cases), key=len, default=())


def examine(row: Row, found: Facts, *, whole: bool = True) -> RowOutcome:
    """Hold the conditions of a row against what was found.

    Args:
        row: Of a policy.
        found: About an upload.
        whole: Whether every condition is looked at, to be told. A decision needs none of a case
            behind the first that does not hold.
    """
    return RowOutcome(
        tuple(_case(one, found, whole=whole) for one in row.when),
        tuple(_case(one, found, whole=whole) for one in row.unless),
    )


def _case(conditions: Conditions, found: Facts, *, whole: bool) -> Case:
    leaves: list[Leaf] = []
    for name, wanted in conditions.given:
        leaf = LEAVES[name](wanted, found, conditions)
        leaves.append(leaf)
        if leaf.holds is False and not whole:
            break
    return Case(tuple(leaves))


Check = Callable[[Any, Facts, Conditions], Leaf]


def _ai(wanted: AiCondition, found: Facts, _: Conditions) -> Leaf:
    order = list(AiLevel)
    rate = "" if wanted.rate is None else f" at a rate of {wanted.rate:.2%} at most"
    asked = f"at least {wanted.at_least.value}{rate}"
    if found.ai is None:
        return Leaf("ai", False, asked, "nothing says that an AI made it")
    told = found.ai.value
    holds = order.index(found.ai) >= order.index(wanted.at_least)
    if found.ai is AiLevel.INFERRED:
        known = found.rate is not None
        told += f" at a rate of {found.rate:.2%}" if known else " at a rate that is not known"
        if wanted.rate is not None:
            holds = holds and found.rate is not None and found.rate <= wanted.rate
    elif found.ai is AiLevel.SUSPECTED and wanted.rate is not None:
        holds = False
    surely = order.index(found.ai) >= order.index(AiLevel.DECLARED)
    return Leaf("ai", holds, asked, told, Basis.OBJECTIVE if surely else Basis.INFERRED)


def _human(wanted: HumanCondition, found: Facts, _: Conditions) -> Leaf:
    surely = found.human is not EvidenceKind.INFERRED
    return Leaf(
        "human",
        found.human is not None and found.human in wanted.evidence,
        _any(wanted.evidence),
        "nothing says that no AI made it" if found.human is None else found.human.value,
        Basis.OBJECTIVE if surely else Basis.INFERRED,
    )


def _edited(wanted: bool, found: Facts, _: Conditions) -> Leaf:
    return Leaf("edited", found.edited is wanted, "yes", _yes(found.edited), Basis.INFERRED)


def _declared(wanted: tuple[Declared, ...], found: Facts, _: Conditions) -> Leaf:
    said = found.context.declared_ai
    if said is None and found.context.moment is Moment.ARCHIVE:
        return Leaf("declared", None, _any(wanted), "not known of the archive")
    declared = Declared.NOTHING if said is None else Declared.AI if said else Declared.HUMAN
    basis = Basis.OBJECTIVE if declared is Declared.AI else Basis.NEUTRAL
    return Leaf("declared", declared in wanted, _any(wanted), declared.value, basis)


def _photo(wanted: tuple[Enum, ...], found: Facts, _: Conditions) -> Leaf:
    told = "not known" if found.photo is None else found.photo.value
    return Leaf("photo", found.photo in wanted, _any(wanted), told, Basis.INFERRED)


def _plain(wanted: bool, found: Facts, _: Conditions) -> Leaf:
    return Leaf("plain", found.plain is wanted, "yes", _yes(found.plain), Basis.INFERRED)


_WHOSE = "no history is known: whether the account is its creator's own is not either"


def _copy(wanted: CopyVerdict, found: Facts, _: Conditions) -> Leaf:
    if found.copy is not None and not found.owner_known:
        return Leaf("copy_of_work", None, f"at least {wanted.value}", _WHOSE)
    holds = found.copy is CopyVerdict.COPY or (found.copy is not None and found.copy is wanted)
    told = "no copy" if found.copy is None else found.copy.value
    return Leaf("copy_of_work", holds, f"at least {wanted.value}", told, Basis.INFERRED)


def _style(wanted: CreatorVerdict, found: Facts, _: Conditions) -> Leaf:
    if found.style is not None and not found.owner_known:
        return Leaf("style", None, f"at least {wanted.value}", _WHOSE)
    holds = found.style is CreatorVerdict.CLOSE or (
        found.style is not None and found.style is wanted
    )
    told = "near to nobody" if found.style is None else found.style.value
    return Leaf("style", holds, f"at least {wanted.value}", told, Basis.INFERRED)


def _stated_artist(wanted: bool, found: Facts, _: Conditions) -> Leaf:
    if found.stated_artist and not found.owner_known:
        return Leaf("stated_artist", None, "yes", _WHOSE)
    told = _yes(found.stated_artist)
    return Leaf("stated_artist", found.stated_artist is wanted, "yes", told, Basis.OBJECTIVE)


def _account(wanted: tuple[Enum, ...], found: Facts, conditions: Conditions) -> Leaf:
    if found.signals is None:
        return Leaf("account", None, _any(wanted), "no history is known")
    names = {signal.name for signal in found.signals}
    told = ", ".join(sorted(name.value for name in names)) or "nothing"
    # Beside `confirmed` it holds only where a moderator looked.
    basis = Basis.OBJECTIVE if conditions.confirmed else Basis.INFERRED
    return Leaf("account", bool(names & set(wanted)), _any(wanted), told, basis)


def _confirmed(wanted: bool, found: Facts, conditions: Conditions) -> Leaf:
    if found.signals is None:
        return Leaf("confirmed", None, "by a moderator", "no history is known")
    about = conditions.account or ()
    holds = any(one.confirmed and one.name in about for one in found.signals)
    told = "by a moderator" if holds else "by nobody"
    return Leaf("confirmed", holds is wanted, "by a moderator", told, Basis.OBJECTIVE)


def _strikes(wanted: StrikesCondition, found: Facts, _: Conditions) -> Leaf:
    asked = f"at least {wanted.at_least}"
    if found.strikes is None:
        return Leaf("strikes", None, asked, "no history is known")
    holds = found.strikes >= wanted.at_least
    return Leaf("strikes", holds, asked, str(found.strikes), Basis.OBJECTIVE)


def _codes(wanted: tuple[str, ...], found: Facts, _: Conditions) -> Leaf:
    there = {code: found.codes[code] for code in wanted if code in found.codes}
    # The surest of them would do by itself.
    order = (Basis.OBJECTIVE, Basis.NEUTRAL, Basis.INFERRED)
    basis = min(there.values(), key=order.index, default=Basis.NEUTRAL)
    told = ", ".join(sorted(there)) or "none of them"
    return Leaf("codes", bool(there), _any(wanted), told, basis)


def _kind(wanted: tuple[str, ...], found: Facts, _: Conditions) -> Leaf:
    return Leaf("kind", found.context.kind in wanted, _any(wanted), found.context.kind)


def _category(wanted: tuple[str, ...], found: Facts, _: Conditions) -> Leaf:
    there = sorted(found.context.categories & set(wanted))
    return Leaf("category", bool(there), _any(wanted), ", ".join(there) or "none of them")


def _moment(wanted: tuple[Enum, ...], found: Facts, _: Conditions) -> Leaf:
    moment = found.context.moment
    return Leaf("moment", moment in wanted, _any(wanted), moment.value)


def _paid(wanted: bool, found: Facts, _: Conditions) -> Leaf:
    return Leaf("paid", found.context.paid is wanted, _yes(wanted), _yes(found.context.paid))


LEAVES: Mapping[str, Check] = {
    "ai": _ai,
    "human": _human,
    "edited": _edited,
    "declared": _declared,
    "photo": _photo,
    "plain": _plain,
    "copy_of_work": _copy,
    "style": _style,
    "stated_artist": _stated_artist,
    "account": _account,
    "confirmed": _confirmed,
    "strikes": _strikes,
    "codes": _codes,
    "kind": _kind,
    "category": _category,
    "moment": _moment,
    "paid": _paid,
}
"""How each condition of a document is held against what was found."""


def _any(wanted: Iterable[Enum | str]) -> str:
    return " or ".join(str(one.value if isinstance(one, Enum) else one) for one in wanted)


def _yes(holds: bool) -> str:
    return "yes" if holds else "no"
