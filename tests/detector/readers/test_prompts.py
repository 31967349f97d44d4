import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.readers.prompts import prompted_artists


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("a castle by Greg Rutkowski", ["Greg Rutkowski"]),
        ("a castle, by greg rutkowski, trending on artstation", ["greg rutkowski"]),
        ("art by Greg Rutkowski and Alphonse Mucha", ["Greg Rutkowski", "Alphonse Mucha"]),
        ("by Artgerm & Magali Villeneuve, 8k", ["Artgerm", "Magali Villeneuve"]),
        ("oil painting in the style of Vincent van Gogh", ["Vincent van Gogh"]),
        ("a fox in Hokusai's style", ["Hokusai"]),
        ("a fox in the style of (Zdzisław Beksiński:1.3)", ["Zdzisław Beksiński"]),
        ("(by Ross Tran:1.2), fox", ["Ross Tran"]),
        ("artist:wlop, 1girl", ["wlop"]),
        ("1girl, (artist:ciloranko:0.8), [artist:tianliang_duohe_fangdongye]",
         ["ciloranko", "tianliang duohe fangdongye"]),
        ("1.2::artist:ask_(askzy)::, 0.8::artist:nixeu::", ["ask askzy", "nixeu"]),
        ("1girl, sakimichan_(artist), sky", ["sakimichan"]),
        (r"1girl, yaegashi_nan_\(artist\), sky", ["yaegashi nan"]),
        ("inspired by Moebius, comic", ["Moebius"]),
        ("portrait by H.R. Giger, dark", ["H.R. Giger"]),
        ("illustration by 村上隆, flowers", ["村上隆"]),
        ("poster, painted by Lawrence Alma-Tadema in 1890", ["Lawrence Alma-Tadema"]),
        ("fox by Ivan Bilibin. Snow falls.", ["Ivan Bilibin"]),
        ("{{by Krenz Cushart}}, fox", ["Krenz Cushart"]),
        ("fox, by Ivan Bilibin, by Ivan Bilibin, BY IVAN BILIBIN", ["Ivan Bilibin"]),
        ("<lora:wlop_style:0.8> fox by wlop", []),
        ("<lora:wlop_style:0.8>, by wlop, fox", ["wlop"]),
        ("a house by the sea", []),
        ("a fox lit by candlelight, standing by a river", []),
        ("two by four, side by side, step by step, by hand", []),
        ("surrounded by Roses and thorns", []),
        ("in the style of anime, in the style of a watercolor", []),
        ("in the style of 1990s film", []),
        ("by night, by far the best, inspired by nature", []),
        ("Winston Churchill looking at iPhone, by ", []),
        ("a fox painted by an unknown master", []),
        ("a cat chased by dogs", []),
        ("artist: unknown, artist name, signature", []),
        ("", []),
    ],
)  # fmt: skip
def test_names_are_found_where_a_prompt_asks_to_imitate(prompt, expected):
    assert list(prompted_artists(prompt)) == expected


def test_no_more_than_twenty():
    assert len(prompted_artists(", ".join(f"by Painter{n}" for n in range(100)))) == 20


PIECES = st.sampled_from(
    ("by ", "artist:", "(", ")", "[", "::", "1.2", "_(artist)", "in the style of ", "Monet",
     " and ", "'s style", "in ", ",", "\n", "<lora:", ">", "\\", " ", "{{", "\u2019")
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=8), max_size=40).map("".join))
def test_any_prompt(prompt):
    for name in prompted_artists(prompt):
        assert name == name.strip()
        assert 0 < len(name) <= 200


@pytest.mark.parametrize(
    "piece", ["by ", "artist: ", "a_", "((((", "in the ", "1::", "<", "by A and "]
)
def test_long_prompts_end(piece):
    prompted_artists(piece * 100_000)
