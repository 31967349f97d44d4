import numpy as np
import pytest

from models import Features
from similarity.vectors.base import unit
from training.similarity.style_fit import StyleRecipe, fit_style

CREATORS, EACH, WIDTH = 20, 8, 30
RECIPE = StyleRecipe(
    {"class_tokens": 1.0, "embedding": 0.5}, components=40, shrinkage=0.01, length=24
)


def made(seed=0):
    """Works that differ in a few directions by creator, and much more in others by what they show.

    Returns the features in two views, and the creators.
    """
    rng = np.random.default_rng(seed)
    creators = np.repeat(np.arange(CREATORS), EACH)
    authors = rng.normal(size=(CREATORS, WIDTH)) * np.where(np.arange(WIDTH) < 8, 1.0, 0.0)
    subjects = rng.normal(size=(len(creators), WIDTH)) * np.where(np.arange(WIDTH) < 8, 0.3, 3.0)
    turned = np.linalg.qr(rng.normal(size=(WIDTH, WIDTH)))[0]
    works = (authors[creators] + subjects) @ turned
    views = [works, works + 0.2 * rng.normal(size=works.shape)]
    return [_features(view) for view in views], creators


def _features(values):
    rows = values.astype(np.float32)
    nothing = np.zeros((len(rows), 1, 2), np.float32)
    return Features(unit(rows[:, :10]), rows.reshape(-1, 3, 10), nothing, nothing, encoder="fake")


def first_right(vectors, creators):
    likeness = vectors @ vectors.T
    np.fill_diagonal(likeness, -np.inf)
    return (creators[likeness.argmax(axis=1)] == creators).mean()


def test_creators_that_were_not_learnt_from_are_told_by_their_hands():
    views, creators = made()
    learnt = creators < 12
    head = fit_style([v[learnt] for v in views], creators[learnt], views[0][learnt], RECIPE)
    rest = ~learnt
    plain = unit(views[0].class_tokens[rest].reshape(-1, WIDTH))
    ours = head(views[0][rest])
    assert ours.shape == (rest.sum(), RECIPE.length)
    assert first_right(ours, creators[rest]) > first_right(plain, creators[rest]) + 0.3


def test_within_a_creator_no_direction_is_larger_than_others():
    views, creators = made()
    recipe = StyleRecipe({"class_tokens": 1.0}, components=WIDTH, shrinkage=1e-6, length=WIDTH)
    member = fit_style(views, creators, views[0], recipe).members[0]
    spread = []
    for view in views:
        rows = (view.class_tokens.reshape(-1, WIDTH) - member.mean) @ member.matrix
        spread.append(rows)
    means = np.mean([[s[creators == c].mean(axis=0) for c in range(CREATORS)] for s in spread], 0)
    off = np.concatenate([s - means[creators] for s in spread])
    sizes = np.linalg.eigvalsh(off.T @ off / len(off))
    np.testing.assert_allclose(sizes, 1, rtol=0.02)


def test_the_smaller_product_gives_the_same_head():
    views, creators = made()
    few = np.isin(creators, (0, 1, 2))  # 24 works in 30 dimensions
    recipe = StyleRecipe({"class_tokens": 1.0}, components=10, length=10)
    head = fit_style([views[0][few]], creators[few], views[0][few], recipe)
    assert head.members[0].matrix.shape == (WIDTH, 10)
    # The same works twice over span the same components, by the other product.
    twice = np.concatenate([np.flatnonzero(few)] * 2)
    other = fit_style([views[0][twice]], creators[twice], views[0][few], recipe)
    np.testing.assert_allclose(
        head(views[0]) @ head(views[0]).T, other(views[0]) @ other(views[0]).T, atol=0.02
    )


@pytest.mark.parametrize("weight", [0.0, 1.0])
def test_a_member_counts_by_its_weight(weight):
    views, creators = made()
    recipe = StyleRecipe({"class_tokens": 1.0, "embedding": weight}, components=40, length=40)
    head = fit_style(views, creators, views[0], recipe)
    tokens, embedding = (member(getattr(views[0], member.array)) for member in head.members)
    expected = (tokens @ tokens.T + weight**2 * embedding @ embedding.T) / (1 + weight**2)
    np.testing.assert_allclose(head(views[0]) @ head(views[0]).T, expected, atol=1e-4)
