from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from evidence.reasons import Reason
from evidence.similarity import (
    CopyMatch,
    CopyVerdict,
    CreatorMatch,
    CreatorVerdict,
    PromptedCreator,
    SimilarityEvidence,
    WorkMatch,
)
from similarity.series import as_series

WHY = Reason("style_near", "It is near.")
SIMPLE = (CreatorVerdict.CLOSE, CreatorVerdict.REVIEW, CreatorVerdict.NONE)


def verdict(p_value: float) -> CreatorVerdict:
    return SIMPLE[(p_value > 0.01) + (p_value > 0.05)]


def creator(name: str, p_value: float, *works: WorkMatch) -> CreatorMatch:
    return CreatorMatch(name, 1 - p_value, -p_value, p_value, verdict(p_value), 3, works, WHY, 1)


def copy(work: str, score: float) -> CopyMatch:
    return CopyMatch(work, "Ann", score, CopyVerdict.COPY, None, None, False, "0" * 64, WHY, 1, 1)


def image(*creators: CreatorMatch, copies: Sequence[CopyMatch] = ()) -> SimilarityEvidence:
    return SimilarityEvidence(tuple(copies), creators, "state")


def test_a_single_image_is_its_own_series() -> None:
    alone = image(creator("Ann", 0.001), creator("Bo", 0.2), copies=[copy("a.png", 0.9)])
    assert as_series([alone], top=5) == alone


def test_most_images_decide() -> None:
    near, far = creator("Ann", 0.001), creator("Ann", 0.5)
    assert as_series([image(near), image(near), image(far)], top=5).creators[0] == near
    assert as_series([image(near), image(far)], top=5).creators[0] == far
    assert as_series([image(near), image(), image()], top=5).creators == ()


def test_what_an_ai_made_is_for_review_if_most_images_are() -> None:
    """Many people's works come as near, but hardly any picture by an AI does."""
    by_ai = replace(creator("Ann", 0.4), verdict=CreatorVerdict.REVIEW, p_value_ai=0.02)
    far = creator("Ann", 0.2)
    assert as_series([image(by_ai), image(far), image(by_ai)], top=5).creators[0] == by_ai
    assert as_series([image(far), image(by_ai), image(far)], top=5).creators[0] == far
    other = creator("Bo", 0.1)
    assert [one.creator for one in as_series([image(by_ai, other)], top=5).creators] == [
        "Ann",
        "Bo",
    ]


def test_copies_are_those_of_any_image() -> None:
    found = as_series(
        [image(copies=[copy("a.png", 0.9)]), image(copies=[copy("b.png", 1), copy("a.png", 0.95)])],
        top=5,
    )
    assert [(one.work, one.score) for one in found.copies] == [("b.png", 1), ("a.png", 0.95)]


def test_creators_are_told_whom_any_prompt_names() -> None:
    ann = PromptedCreator("Ann", "ann", "comfyui", WHY, 1)
    bo, again = replace(ann, creator="Bo", creator_id=2), replace(ann, words="by Ann")
    images = [replace(image(), prompted=some) for some in ((ann,), (bo, again), ())]
    assert as_series(images, top=1).prompted == (ann, bo)


def test_nearest_works_are_those_of_all_images() -> None:
    one, other, again = (
        WorkMatch("a", 0.3, "", 1),
        WorkMatch("b", 0.5, "", 2),
        WorkMatch("a", 0.4, "", 1),
    )
    (told,) = as_series(
        [image(creator("Ann", 0.1, one)), image(creator("Ann", 0.1, other, again))], top=5
    ).creators
    assert told.works == (other, again)


P_VALUES = st.lists(
    st.dictionaries(st.sampled_from("abcd"), st.floats(0, 1), max_size=4), min_size=1, max_size=7
)


@given(P_VALUES, st.integers(1, 5))
def test_a_creator_is_told_as_more_than_half_of_the_images_say(
    series: list[dict[str, float]], top: int
) -> None:
    images = [image(*(creator(name, p) for name, p in one.items())) for one in series]
    told = as_series(images, top=top).creators
    assert len(told) <= top
    assert [one.p_value for one in told] == sorted(one.p_value for one in told)
    for one in told:
        values = [p[one.creator] for p in series if one.creator in p]
        as_near = sum(value <= one.p_value for value in values)
        assert as_near > len(series) / 2
        nearer = sum(value < one.p_value for value in values)
        assert nearer <= len(series) / 2
        assert one.verdict is verdict(one.p_value)
