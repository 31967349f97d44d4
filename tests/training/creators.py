"""Creators as clusters of vectors."""

import numpy as np

from similarity.vectors.base import unit


def people(creators=24, each=8, noise=0.05, width=12):
    rng = np.random.default_rng(0)
    authors = unit(rng.normal(size=(creators, width)).astype(np.float32))
    names = np.repeat([f"c{i:02}" for i in range(creators)], each).astype(object)
    drawn = np.repeat(authors, each, axis=0) + noise * rng.normal(size=(creators * each, width))
    return unit(drawn.astype(np.float32)), names


def everybody(names):
    return np.ones(len(names), bool)
