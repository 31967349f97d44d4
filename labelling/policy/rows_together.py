"""Whether the rows of a policy go together, with each other and with those that it inherits."""

from collections.abc import Iterator
from datetime import date
from itertools import combinations, pairwise

from labelling.actions import ON_ACCOUNT, Action, milder_or_equal, severest
from labelling.policy.document import Row
from labelling.policy.placed import Chain, PlacedRow, Rows
from labelling.policy.problems import Problem, did_you_mean, quoted


def ids(_: Chain, rows: Rows) -> Iterator[Problem]:
    """Decisions name rows by their ids alone."""
    seen: dict[str, PlacedRow] = {}
    for one in rows:
        other = seen.setdefault(one.row.id, one)
        if other is not one:
            place = "" if other.loaded is one.loaded else f" of {other.loaded.policy.name}"
            say = (
                f"Another row{place} is called {quoted(one.row.id)}: decisions name rows by their"
                " ids, so give it one of its own."
            )
            yield one.problem("id", say=say)


def overrides(_: Chain, rows: Rows) -> Iterator[Problem]:
    """A row takes the place of inherited rows alone, and says itself when it holds."""
    for one in rows:
        above = {other.row.id: other for other in rows if other.depth < one.depth}
        for place, id_ in enumerate(one.row.overrides):
            other = above.get(id_)
            if other is None:
                say = f"No inherited row is called {quoted(id_)}{did_you_mean(id_, above)}."
                yield one.problem("overrides", place, say=say)
            elif not _overlap(one.row, other.row):
                say = f"It is never in force together with {quoted(id_)}, which it overrides."
                yield one.problem("overrides", place, say=say, warning=True)
        idle = one.row.overrides and not one.row.actions and not one.row.label
        if not one.row.when and not idle:
            say = (
                "The row has no conditions: give it some under `when`, or let it only take the"
                " place of others (`overrides`, without actions and label)."
            )
            yield one.problem(say=say)


def yields(_: Chain, rows: Rows) -> Iterator[Problem]:
    """A row yields to rows alone that ask for as much."""
    known = {one.row.id: one for one in rows}
    for one in rows:
        for place, id_ in enumerate(one.row.yields_to):
            other = known.get(id_)
            if other is None or other is one:
                others = [name for name in known if name != one.row.id]
                say = f"No other row is called {quoted(id_)}{did_you_mean(id_, others)}."
                yield one.problem("yields_to", place, say=say)
            elif not _asks_as_much(other.row, one.row):
                say = f"{quoted(id_)} asks for less than this row: only a severer one goes before."
                yield one.problem("yields_to", place, say=say)


def _asks_as_much(severe: Row, mild: Row) -> bool:
    def on_work(row: Row) -> Action:
        return severest(action for action in row.actions if action not in ON_ACCOUNT)

    on_account = ON_ACCOUNT & set(mild.actions)
    return milder_or_equal(on_work(mild), on_work(severe)) and on_account <= set(severe.actions)


def gaps(_: Chain, rows: Rows) -> Iterator[Problem]:
    """Rows that follow each other leave out no day: on it, something else would hold."""
    for group in _followers(rows):
        covered: date | None = group[0].row.since
        for before, after in pairwise(group):
            covered = _later(covered, before.row.until)
            if covered is not None and covered < after.row.since:
                say = (
                    f"Nothing is said from {covered} until {after.row.since}, between"
                    f" {quoted(before.row.id)} and this row: let them meet on one day."
                )
                yield after.problem("since", say=say)


def _followers(rows: Rows) -> Iterator[list[PlacedRow]]:
    """Rows that stand in each other's place over time, by the days on which they begin."""
    groups: dict[object, list[PlacedRow]] = {}
    for one in rows:
        if one.row.when:
            groups.setdefault((one.depth, _conditions(one.row)), []).append(one)
        for id_ in one.row.overrides:
            groups.setdefault((one.depth, id_), []).append(one)
            replaced = [other for other in rows if other.row.id == id_ and other.depth < one.depth]
            groups.setdefault((one.depth, id_, "replaced"), replaced).append(one)
    for group in groups.values():
        yield sorted(group, key=lambda one: one.row.since)


def _later(one: date | None, other: date | None) -> date | None:
    return None if one is None or other is None else max(one, other)


def contradictions(_: Chain, rows: Rows) -> Iterator[Problem]:
    """The same conditions on the same days do not lead to two things that exclude each other."""
    for one in rows:
        if Action.PUBLISH in one.row.actions and _against_publishing(one.row):
            yield one.problem("actions", say="The row asks to publish, and for what prevents it.")
    for one, other in combinations(rows, 2):
        alike = one.row.when and _conditions(one.row) == _conditions(other.row)
        replaced = one.row.id in other.row.overrides and one.depth < other.depth
        if not alike or replaced or not _overlap(one.row, other.row):
            continue
        name = quoted(one.row.id)
        if one.row.label and other.row.label and one.row.label != other.row.label:
            say = f"It contradicts {name}: the same conditions, on the same days, another label."
            yield other.problem("label", say=say)
        first, second = one.row.actions, other.row.actions
        if (Action.PUBLISH in first and _against_publishing(other.row)) or (
            Action.PUBLISH in second and _against_publishing(one.row)
        ):
            say = f"It contradicts {name}: the same conditions and days, and only one publishes."
            yield other.problem("actions", say=say)


def _against_publishing(row: Row) -> bool:
    return bool(set(row.actions) - {Action.PUBLISH, Action.LABEL})


def _conditions(row: Row) -> tuple[frozenset[object], frozenset[object]]:
    return frozenset(row.when), frozenset(row.unless)


def _overlap(one: Row, other: Row) -> bool:
    return (one.until is None or other.since < one.until) and (
        other.until is None or one.since < other.until
    )


TOGETHER = (ids, overrides, yields, gaps, contradictions)
"""Every check of this module: from a chain and its rows to problems."""
