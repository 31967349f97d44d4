"""Rows that do not go together are refused, by their line."""

import pytest

from labelling.errors import BadPolicy, UnknownPolicy
from labelling.policy.checking import check
from labelling.policy.inheritance import inherited, resolve
from labelling.policy.library import PolicyLibrary
from labelling.policy.loading import load_policy
from labelling.policy.problems import LoadedPolicy

HEAD = """\
schema: 1
name: {name}
title: {{en: A name, ja: 名前}}
{more}
rows:
"""
SETTINGS = """\
labels: {made-by-ai: {en: By an AI, ja: AI生成}}
appeals: {words: {en: Write., ja: ご連絡ください。}}
signals: {flood: {times: 9, within_days: 1}}
"""
RULE = "rule: {en: A rule., ja: 規則。}"


def row(id_: str, rest: str, since: str = "2026-01-01") -> str:
    return f"  - {{id: {id_}, since: {since}, {RULE}, {rest}}}\n"


def document(name: str, *rows: str, more: str = "") -> LoadedPolicy:
    text = HEAD.format(name=name, more=more) + "".join(rows or ["  []\n"])
    return load_policy(text.encode(), f"{name}.yaml")


def told(*chain: LoadedPolicy) -> list[str]:
    return [str(one) for one in check(chain)]


AI = "when: [{ai: {at_least: stated}}]"
PLAIN = "when: [{plain: true}]"
WRONG = {
    "No label is called \"made-by-a1\" (did you mean \"made-by-ai\"?): name it under `labels`.": (
        f"{AI}, label: made-by-a1, actions: [label]",
    ),
    "does not say with which `label`": (f"{AI}, actions: [label]",),
    "names a label that it never asks to give": (f"{AI}, label: made-by-ai, actions: [hold]",),
    "No reason has the code \"pixel_above\" (did you mean \"pixels_above\"?).": (
        "when: [{codes: [pixel_above]}], actions: [review]",
    ),
    '"imitation" is not looked for': ("when: [{account: [imitation]}], actions: [review]",),
    "A moderator confirms what `account` names": (
        "when: [{confirmed: true}], actions: [delist]",
    ),
    "`ai` cannot exempt": (
        f"{PLAIN}, unless: [{{ai: {{at_least: stated}}}}], actions: [review]",
    ),
    "`human` stands only beside": (
        "when: [{human: {evidence: [proven]}}], actions: [review]",
    ),
    "exempts what the row is about": (
        f"{PLAIN}, unless: [{{plain: true}}], actions: [review]",
    ),
    "This names nothing": ("when: [{kind: []}], actions: [review]",),
    "nothing is made by an AI and by none": (
        "when: [{declared: [ai], ai: {at_least: stated}, human: {evidence: [proven]}}],"
        " actions: [review]",
    ),
    "stands only beside `at_least: inferred`": (
        "when: [{ai: {at_least: stated, rate: 0.1}}], actions: [review]",
    ),
    "The row ends before it begins": (f"{PLAIN}, until: 2025-01-01, actions: [review]",),
    "asks to publish, and for what prevents it": (f"{PLAIN}, actions: [publish, hold]",),
    "only one publishes": (f"{PLAIN}, actions: [publish]", f"{PLAIN}, actions: [hold]"),
    "The row has no conditions": ("actions: [review]",),
    "No inherited row is called": (f"{PLAIN}, actions: [review], overrides: [row-1]",),
    "No other row is called \"row-9\"": (f"{PLAIN}, actions: [review], yields_to: [row-9]",),
    "asks for less than this row": (
        f"{PLAIN}, actions: [review]",
        f"{AI}, actions: [hold], yields_to: [row-0]",
    ),
    "No moderator is asked, so nothing follows": (
        f"{AI}, actions: [hide_from_search], on_confirmation: [delist]",
    ),
    "warning: This may rest on an inference alone: then delist will not be done": (
        f"{PLAIN}, actions: [delist]",
    ),
    "warning: This labels on an inference without a stated rate": (
        "when: [{ai: {at_least: inferred}}], label: made-by-ai, actions: [label]",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("sentence", "rows"), WRONG.items())
def test_a_row_that_cannot_be_is_told(sentence: str, rows: tuple[str, ...]) -> None:
    own = document("comics", *(row(f"row-{n}", one) for n, one in enumerate(rows)), more=SETTINGS)
    (problem,) = told(own)
    assert sentence in problem
    assert problem.startswith(f"comics.yaml:{8 + len(rows)}:")


def test_two_rows_with_one_label_each_contradict() -> None:
    two = SETTINGS.replace("{made-by-ai:", "{other: {en: O, ja: O}, made-by-ai:")
    rows = [
        row("one", f"{AI}, label: made-by-ai, actions: [label]"),
        row("two", f"{AI}, label: other, actions: [label]"),
    ]
    (problem,) = told(document("comics", *rows, more=two))
    assert 'contradicts "one"' in problem
    later = row("two", f"{AI}, label: other, actions: [label]", since="2026-06-01")
    before = row("one", f"{AI}, until: 2026-06-01, label: made-by-ai, actions: [label]")
    assert told(document("comics", before, later, more=two)) == []


def test_an_id_is_given_once() -> None:
    parent = document("general", row("one", f"{PLAIN}, actions: [review]"))
    child = document("comics", row("one", f"{AI}, actions: [review]"))
    (problem,) = told(parent, child)
    assert 'Another row of general is called "one"' in problem


def test_a_gap_between_rows_that_follow_each_other_is_told() -> None:
    parent = document("general", row("old", f"{PLAIN}, actions: [review]"))
    first = row("first", f"{AI}, until: 2026-03-01, actions: [review], overrides: [old]")
    gap = row("second", f"{AI}, actions: [review], overrides: [old]", since="2026-04-01")
    (problem,) = told(parent, document("comics", first, gap))
    assert problem.startswith("comics.yaml:7:")
    assert 'Nothing is said from 2026-03-01 until 2026-04-01, between "first" and' in problem
    met = row("second", f"{AI}, actions: [review], overrides: [old]", since="2026-03-01")
    assert told(parent, document("comics", first, met)) == []


def test_an_inherited_row_that_ends_before_its_follower_begins_leaves_a_gap() -> None:
    parent = document("general", row("old", f"{PLAIN}, until: 2026-02-01, actions: [review]"))
    late = row("new", f"{AI}, actions: [review], overrides: [old]", since="2026-04-01")
    assert any(
        "from 2026-02-01 until 2026-04-01" in one for one in told(parent, document("c", late))
    )


def test_an_unknown_time_zone_is_told() -> None:
    for zone in ("Asia/Tokio", "../../etc/passwd", "'\\0'", "Europe"):
        (problem,) = told(document("comics", more=f'time_zone: "{zone}"'))
        assert "There is no time zone" in problem


def test_whoever_restricts_says_how_people_object() -> None:
    (problem,) = told(document("comics", row("one", f"{AI}, actions: [hold]")))
    assert "nothing says how people object" in problem


def test_a_policy_stands_before_those_it_inherits() -> None:
    documents = {
        "general": document("general", row("one", f"{PLAIN}, actions: [review]")),
        "comics": document("comics", more="inherits: general"),
        "lost": document("lost", more="inherits: genera"),
        "ring": document("ring", more="inherits: gnir"),
        "gnir": document("gnir", more="inherits: ring"),
    }
    assert [one.policy.name for one in inherited("comics", documents)] == ["general", "comics"]
    resolved = resolve("comics", documents)
    assert resolved.id.name == "comics"
    assert [row.id for _, row in [resolved.row("one")]] == ["one"]
    with pytest.raises(BadPolicy, match=r'lost.yaml:4:1: .*"genera" to inherit .*"general"'):
        resolve("lost", documents)
    with pytest.raises(BadPolicy, match=r"gnir.yaml:4:1: .*inherits itself"):
        resolve("ring", documents)
    with pytest.raises(
        UnknownPolicy, match=r'"comic" \(did you mean "comics"\?\): there are comics'
    ):
        resolve("comic", documents)


@pytest.mark.parametrize("name", PolicyLibrary())
def test_what_ships_is_in_shadow_and_nothing_is_wrong_with_it(name: str) -> None:
    library = PolicyLibrary()
    assert told(*inherited(name, library)) == []
    assert not resolve(name, library).acts
