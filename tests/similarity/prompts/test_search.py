"""Whom a prompt names: what is a name, and what only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.reasons import Reason
from evidence.signals import Claim, EvidenceKind, Signal
from similarity.gallery.creators import Creator, Protection
from similarity.prompts.search import MOST, PromptSearch, is_named
from similarity.prompts.words import key, positive, words
from tests.similarity.fakes import consent

NAMES = {
    "Greg Rutkowski": ("GR Paints",),
    "Wlop": (),
    "Night": (),
    "Rose": ("Blue Sky",),
    "Bo": (),
    "鳥山明": (),
    "青空": (),
    "さくらももこ": ("ちびまる",),
    "Zdzisław Beksiński": (),
    "H.R. Giger": (),
    "Ann": (),
    "Ann Lee": (),
    "김정기": (),
}


def enrolled(names=NAMES):
    return [
        Creator(name, consent(), aliases=aliases, id=number)
        for number, (name, aliases) in enumerate(names.items(), 1)
    ]


def signal(prompt, artists=(), kind=EvidenceKind.STATED):
    said = Reason("parameters", "Parameters.")
    return Signal(
        reader="automatic1111",
        kind=kind,
        claim=Claim.AI_MADE,
        reason=said,
        prompt=prompt,
        artists=artists,
    )


SEARCH = PromptSearch(enrolled())


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("a fox by Greg Rutkowski", {"Greg Rutkowski": "Greg Rutkowski"}),
        ("fox, (artist:greg_rutkowski:1.2), snow", {"Greg Rutkowski": "greg_rutkowski"}),
        ("fox, greg rutkowski, snow", {"Greg Rutkowski": "greg rutkowski"}),
        ("1.3::GREG RUTKOWSKI::, fox", {"Greg Rutkowski": "GREG RUTKOWSKI"}),
        ("fox, gr_paints", {"Greg Rutkowski": "gr_paints"}),
        ("\uff47reg rutkowski", {"Greg Rutkowski": "\uff47reg rutkowski"}),
        ("a fox, zdzisław beksin\u0301ski", {"Zdzisław Beksiński": "zdzisław beksiński"}),
        ("alien, h.r. giger", {"H.R. Giger": "h.r. giger"}),
        ("fox by wlop", {"Wlop": "wlop"}),
        ("fox by wlop and greg rutkowski", {"Wlop": "wlop", "Greg Rutkowski": "greg rutkowski"}),
        ("fox, @wlop, snow", {"Wlop": "wlop"}),
        ("(artist:wlop:1.1), fox", {"Wlop": "wlop"}),
        ("<lora:wlop:0.8> fox", {"Wlop": "wlop"}),
        ("art by ann lee", {"Ann Lee": "ann lee"}),
        ("鳥山明風の絵、犬", {"鳥山明": "鳥山明"}),
        ("鳥山 明, dog", {"鳥山明": "鳥山 明"}),
        ("犬、青空、川", {"青空": "青空"}),
        ("青空の画風で描いた犬", {"青空": "青空"}),
        ("さくらももこの絵", {"さくらももこ": "さくらももこ"}),
        ("김정기 스타일", {"김정기": "김정기"}),
        # No names, or nobody's.
        ("a fox by Gregory Rutkowski", {}),
        ("greg, rutkowski", {}),
        ("fox, wlop2", {}),
        ("a blue sky at night, roses, rose, (blue sky:1.2)", {}),
        ("a girl standing by rose bushes", {}),
        ("lit by night, fox", {}),
        ("by bo, artist:bo", {}),
        ("青空の下を走る犬", {}),
        ("大鳥山明治時代", {}),
        ("annie, joanna, ann", {}),
        # What it asks to avoid.
        ("a fox --no greg rutkowski --ar 3:2", {}),
        ("a fox, (greg rutkowski:-1.2)", {}),
        ("a fox, -2::greg rutkowski::, snow", {}),
        ("", {}),
    ],
)  # fmt: skip
def test_names_in_prompts(prompt, expected):
    found = SEARCH.search([signal(prompt)])
    assert {one.creator: one.words for one in found} == expected
    for one in found:
        assert one.kind is EvidenceKind.STATED
        assert (one.reader, one.reason.code) == ("automatic1111", "prompt_names")
        assert one.words in one.reason.text


def test_what_the_reader_took_for_an_artist_counts_whatever_the_word():
    assert SEARCH.search([signal("a fox in Rose's style")]) == ()
    (one,) = SEARCH.search([signal("a fox in Rose's style", artists=("Rose",))])
    assert one.creator == "Rose"


def test_it_is_stated_however_sure_the_prompt_is():
    (one,) = SEARCH.search([signal("by Greg Rutkowski", kind=EvidenceKind.PROVEN)])
    assert one.kind is EvidenceKind.STATED


def test_each_creator_once_by_the_strongest_statement():
    prompts = [signal("by wlop, wlop"), signal("art by Wlop"), signal(None)]
    assert [one.words for one in SEARCH.search(prompts)] == ["wlop"]


def test_two_creators_of_one_name_are_both_told():
    search = PromptSearch(enrolled({"A. Same": (), "Other": ("a same",)}))
    found = search.search([signal("by a same")])
    assert [one.creator for one in found] == ["A. Same", "Other"]


def test_nobody_is_told_from_whose_style_nobody_is_protected():
    free = Creator("Greg Rutkowski", consent(), protection=Protection.PUBLIC_DOMAIN, id=1)
    assert PromptSearch([free]).search([signal("by Greg Rutkowski")]) == ()


def test_no_more_than_twenty():
    names = {f"Painter Nr{number}": () for number in range(100)}
    assert len(PromptSearch(enrolled(names)).search([signal(", ".join(names))])) == MOST


def slow(prompt, creators):
    """At every word, every name, the longest first."""
    text = positive(prompt)
    read = words(text)
    names = {(key(name), one.name) for one in creators for name in (one.name, *one.aliases)}
    found, start = [], 0
    while start < len(read):
        fitting = [
            (len(name), creator)
            for name, creator in names
            if tuple(word.text for word in read[start : start + len(name)]) == name
            and is_named(text, read, start, start + len(name))
        ]
        longest = max((length for length, _ in fitting), default=0)
        found += [creator for length, creator in fitting if length == longest]
        start += longest or 1
    return set(found)


PIECES = st.sampled_from(
    (*NAMES, "GR Paints", "by ", "artist:", "@", "(", ":1.2)", "::", "_", ", ", " ", "、", "風",
     "の", "-1::", "--no ", "greg", "lee", "and ", "\u0301", "x")
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=4), max_size=12).map("".join))
def test_the_table_finds_what_a_comparison_with_every_name_finds(prompt):
    found = SEARCH.search([signal(prompt)])
    assert {one.creator for one in found} == slow(prompt, enrolled())
    for one in found:
        assert one.words


@pytest.mark.parametrize("piece", ["by ", "artist:", "(", "-1::", "--no ", "鳥", "greg ", "(-1:"])
def test_long_prompts_end(piece):
    SEARCH.search([signal(piece * 100_000)])
