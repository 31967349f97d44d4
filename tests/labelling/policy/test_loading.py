"""Whatever a file holds, it is a policy, or is told what is wrong with it, by line and column."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelling.errors import BadPolicy
from labelling.policy.checking import check
from labelling.policy.inheritance import with_parents
from labelling.policy.library import PolicyLibrary
from labelling.policy.loading import MAX_BYTES, load_policy

COMICS = """\
schema: 1
name: comics
title: {en: Comics, ja: コミック}
labels:
  made-by-ai: {en: Made by an AI, ja: AI生成}
appeals:
  words: {en: Write to us., ja: ご連絡ください。}
rows:
  - id: labelled
    since: 2026-01-01
    rule: {en: Works of an AI are labelled., ja: AI作品には表示が必要です。}
    when:
      - {ai: {at_least: stated}}
    label: made-by-ai
    actions: [label]
"""


def told(text: str | bytes) -> list[str]:
    """What is wrong with a document, as `LINE:COLUMN: sentence`."""
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(BadPolicy) as caught:
        load_policy(data, "comics.yaml")
    return [str(one).removeprefix("comics.yaml:") for one in caught.value.problems]


def test_a_policy_is_read() -> None:
    loaded = load_policy(COMICS.encode(), "comics.yaml")
    assert loaded.policy.name == "comics"
    assert loaded.policy.title.ja == "コミック"
    assert loaded.policy.rows[0].since.isoformat() == "2026-01-01"
    assert loaded.places.marks["rows", 0, "actions"] == (15, 5)


@pytest.mark.parametrize(
    ("right", "wrong", "sentence"),
    [
        ("actions:", "action:", '15:5: There is no key "action" here (did you mean "actions"?).'),
        ("[label]", "[lable]", '15:15: "lable" cannot stand here (did you mean "label"?)'),
        ("stated", "statd", '13:15: "statd" cannot stand here (did you mean "stated"?)'),
        ("[label]", "label", '15:5: "label" must be a list'),
        ("2026-01-01", "2026-02-30", '10:5: "2026-02-30" must be a date, as 2023-05-31.'),
        ("id: labelled", "id: Labelled!", '9:5: "Labelled!" must be lower-case letters'),
        ("schema: 1", "schema: 2", '1:1: "2" cannot stand here: it takes 1.'),
        ("name: comics\n", "", '1:1: The key "name" is missing here.'),
        ("name: comics", "name: comics\nname: comics", '3:1: The key "name" stands here twice.'),
        ("ja: コミック", "ja: 5", '3:21: "5" must be a text: put it in quotes.'),
        ("[label]", "&a [label]", "15:14: Anchors (&) and aliases (*) are not read"),
        ("comics\n", "!!python/name:os.system comics\n", "2:7: Tags (!) are not read"),
        ("[label]", "[label", "16:1: This is not YAML"),
        ("コミック", "\x01", "3:25: This character may not stand in YAML."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_its_place(right: str, wrong: str, sentence: str) -> None:
    assert right in COMICS
    (problem,) = told(COMICS.replace(right, wrong))
    assert problem.startswith(sentence)


def test_all_that_is_wrong_is_told_at_once() -> None:
    assert len(told(COMICS.replace("[label]", "[lable]").replace("stated", "statd"))) == 2


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"5",
        b"[" * 5000,
        b"{" * 5000,
        b"a: " * 3,
        b"? [1]\n: 2",
        b"x: " + b"9" * 6000,
        b"---\na: 1\n---\nb: 2",
        b"%YAML 9.9\n---\na: 1",
        b"a: &a [*a]",
        b"#" * (MAX_BYTES + 1),
        b"a: 2026-99-99",
        b"<<: {a: 1}",
        b"\x00",
    ],
)
def test_what_is_no_policy_is_refused(data: bytes) -> None:
    for problem in told(data):
        assert re.match(r"\d+:\d+: \S", problem)


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode()))
def test_any_bytes_are_refused_in_plain_words(data: bytes) -> None:
    told(data)


LIBRARY = PolicyLibrary()
LINES = LIBRARY.document("pixiv-requests").splitlines()
WORDS = sorted(
    set(re.findall(r"[\w-]+", "\n".join(LINES))) | {"", "[", "{", "*a", "&a", "!x", "-1"}
)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_policy_changed_anyhow_is_good_or_told_by_its_line(data: st.DataObject) -> None:
    lines = list(LINES)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(lines) - 1))
        change = data.draw(st.sampled_from(["drop", "double", "swap", "word", "letter"]))
        line = lines[place]
        if change == "drop":
            lines[place] = ""
        elif change == "double":
            lines.insert(place, line)
        elif change == "swap":
            other = data.draw(st.integers(0, len(lines) - 1))
            lines[place], lines[other] = lines[other], line
        elif change == "word":
            old = re.findall(r"[\w-]+", line) or [line]
            new = data.draw(st.sampled_from(WORDS))
            lines[place] = line.replace(data.draw(st.sampled_from(old)), new, 1)
        else:
            at = data.draw(st.integers(0, len(line)))
            lines[place] = line[:at] + data.draw(st.characters()) + line[at:]
    text = "\n".join(lines)
    try:
        loaded = load_policy(text.encode("utf-8", "surrogatepass"), "changed.yaml")
        problems = check(with_parents(loaded, LIBRARY))
    except BadPolicy as error:
        problems = error.problems
        assert problems
    for problem in problems:
        assert problem.file == "changed.yaml"
        assert 1 <= problem.line <= text.count("\n") + 2
        assert problem.sentence[-1] in ".?"
