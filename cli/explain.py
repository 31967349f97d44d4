"""`rakkan policy explain`: which rules decide about a judgement, and which nearly do."""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from cli.declared import DeclaredOption, declares_ai
from cli.paths import STANDARD_INPUT
from cli.policies import PolicyPlace, find_policy
from cli.terminal import AsJson, item, more
from core.text import printable
from evidence.document import load_judgement
from labelling import Context, Moment
from labelling.announcement import actions
from labelling.conditions import Leaf
from labelling.decide import Examined, decide_on, examine_rows, find
from labelling.decision import Decision
from labelling.document import decision_document

NEARLY = 1
"""Conditions that a row may miss and still be told as one that nearly decided."""


def explain(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="A judgement, as `score --json` prints it; - for standard input."
        ),
    ],
    policy: PolicyPlace,
    declared: DeclaredOption = None,
    at: Annotated[
        datetime | None,
        typer.Option(
            "--at", metavar="DATE", help="When it was posted: the rules of that day apply."
        ),
    ] = None,
    kind: Annotated[
        str, typer.Option("--kind", help="What it is, in your platform's words.")
    ] = "work",
    category: Annotated[
        list[str] | None, typer.Option("--category", help="What else it is; may be repeated.")
    ] = None,
    archive: Annotated[
        bool, typer.Option("--archive", help="It was posted before, and is looked at again.")
    ] = False,
    paid: Annotated[bool, typer.Option("--paid", help="People paid for it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Tell which rules of a policy decide about a judgement, which nearly do, and why.

    The account's history is not known here: rules that ask for it are told as such.
    """
    judgement = load_judgement(_text(file))
    resolved = find_policy(policy)
    zone = ZoneInfo(resolved.own.time_zone)
    context = Context(
        service=resolved.own.name,
        at=datetime.now(UTC) if at is None else at.replace(tzinfo=zone),
        moment=Moment.ARCHIVE if archive else Moment.UPLOAD,
        declared_ai=declares_ai(declared),
        kind=kind,
        categories=frozenset(category or ()),
        paid=paid,
    )
    found = find(judgement, context, None, resolved)
    decision = decide_on(judgement, found, resolved)
    examined = examine_rows(found, resolved)
    if as_json:
        rows = [_document(one, decision) for one in examined]
        typer.echo(json.dumps({"decision": decision_document(decision), "rows": rows}, indent=2))
        return
    typer.echo("\n".join(_told(decision, examined)))


def _text(file: Path) -> str:
    return sys.stdin.read() if file == STANDARD_INPUT else file.read_text("utf-8")


def _document(one: Examined, decision: Decision) -> dict[str, Any]:
    return {
        "row": one.row.id,
        "policy": one.document.name,
        "standing": _standing(one, decision),
        "cases": [[_leaf(leaf) for leaf in case.leaves] for case in one.outcome.cases],
        "exemptions": [[_leaf(leaf) for leaf in case.leaves] for case in one.outcome.exemptions],
    }


def _leaf(leaf: Leaf) -> dict[str, Any]:
    return {
        "condition": leaf.name,
        "holds": leaf.holds,
        "wanted": leaf.wanted,
        "found": leaf.found,
        "basis": leaf.basis.value,
    }


def _standing(one: Examined, decision: Decision) -> str:
    outcome = one.outcome
    if one.row.id in {row.row for row in decision.rows}:
        return "decides"
    if outcome.holding:
        return "yields"
    if outcome.unknown:
        return "unknown"
    if outcome.exempt and any(case.holds for case in outcome.cases):
        return "exempt"
    return "nearly" if outcome.cases and len(outcome.missing) <= NEARLY else "no"


_TITLES = {
    "decides": "What decides:",
    "yields": "What holds too, and is covered by what decides:",
    "exempt": "What would hold, but for an exemption:",
    "unknown": "What cannot be told, as something is not known:",
    "nearly": "What nearly decides:",
}


def _told(decision: Decision, examined: tuple[Examined, ...]) -> Iterator[str]:
    yield f"Action:  {actions(decision.actions, decision.label)}"
    yield f"Policy:  {decision.policy}, as of {decision.at:%Y-%m-%d}"
    if not decision.acts:
        yield "         in shadow: nothing of this is carried out"
    for standing, title in _TITLES.items():
        rows = [one for one in examined if _standing(one, decision) == standing]
        if rows:
            yield ""
            yield title
        for one in rows:
            yield from _row(one, decision, standing)
    if not decision.rows:
        yield ""
        yield "No rule asks for anything."


def _row(one: Examined, decision: Decision, standing: str) -> Iterator[str]:
    yield from item(f"{one.row.rule.en} [{one.row.id}]")
    outcome = one.outcome
    leaves = [leaf for case in outcome.holding for leaf in case.leaves]
    if standing == "exempt":
        leaves = [leaf for case in outcome.exemptions if case.holds for leaf in case.leaves]
    if standing in ("unknown", "nearly"):
        leaves = list(outcome.missing)
    for leaf in dict.fromkeys(leaves):
        yield from more(f"{leaf.name}: wanted {leaf.wanted}; found: {printable(leaf.found)}")
    for decided in decision.rows:
        if decided.row == one.row.id and decided.capped:
            withheld = actions(decided.capped, None)
            yield from more(
                f"Only an inference supports it, so this is left to a person: {withheld}"
            )
