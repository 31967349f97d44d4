"""Links: each opens one thing, for a time, and nobody can make one."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from moderation.errors import LinkInvalid
from moderation.links import LASTS, Links
from tests.moderation.telling import T0, later

LINKS = Links("https://art.example/", "s" * 32)


def token(url: str) -> str:
    return url.rpartition("/")[2]


@given(st.text(min_size=1, max_size=200))
def test_a_link_leads_to_what_it_was_made_for(about: str) -> None:
    link = LINKS.to_work(about, T0)
    assert link.url.startswith("https://art.example/public/works/")
    assert LINKS.decision(token(link.url), later(days=89)) == about
    assert LINKS.to_work(about, T0) == link


def test_it_leads_nowhere_once_its_time_is_over() -> None:
    link = LINKS.to_creator("ann", T0)
    assert link.until == T0 + LASTS
    assert LINKS.creator(token(link.url), later(days=89)) == ("ann", T0)
    with pytest.raises(LinkInvalid, match="time"):
        LINKS.creator(token(link.url), T0 + LASTS)


def test_it_opens_nothing_else() -> None:
    link = token(LINKS.to_work("a", T0).url)
    with pytest.raises(LinkInvalid):
        LINKS.creator(link, T0)
    with pytest.raises(LinkInvalid):
        Links("https://art.example", "t" * 32).decision(link, T0)


@example("=")  # with more behind it: base64 reads no further
@given(st.text(max_size=100) | st.binary(max_size=100).map(lambda it: it.decode("latin-1")))
def test_whatever_somebody_makes_up_leads_nowhere(made_up: str) -> None:
    whole = token(LINKS.to_work("a", T0).url)
    for one in (made_up, whole[:-1], whole + made_up[:1] + "x", made_up + whole):
        if one != whole:
            with pytest.raises(LinkInvalid):
                LINKS.decision(one, T0)
