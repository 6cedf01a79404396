"""The SMOTE family, and a small table of which its plans are checked."""

from collections import Counter

import numpy as np
import pytest

import naive
from contracts import blobs
from skgensample import (
    NumbaADASYN,
    NumbaBorderlineSMOTE,
    NumbaKMeansSMOTE,
    NumbaSMOTE,
    NumbaSMOTENC,
    NumbaSVMSMOTE,
    SafeLevelSMOTE,
)

FAMILY = (
    NumbaSMOTE, NumbaBorderlineSMOTE, NumbaSVMSMOTE, NumbaKMeansSMOTE, NumbaADASYN, NumbaSMOTENC,
    SafeLevelSMOTE,
)  # fmt: skip


OF_NUMBERS = [kind for kind in FAMILY if kind is not NumbaSMOTENC]


class Made:
    """A small numeric or mixed table, its distances, and checks of a sampler's result."""

    def __init__(self, n_words, counts=(60, 20), seed=0):
        rng = np.random.RandomState(seed)
        self.numbers, self.y = blobs(counts, d=3, seed=seed)
        self.words = rng.choice(list("abc"), size=(len(self.y), n_words)).astype(object)
        self.X = np.hstack([self.numbers.astype(object), self.words])
        if not n_words:
            self.X = self.numbers
        self.table = self.X, self.y
        self.members = np.flatnonzero(self.y == 1)
        self.weight = np.median(self.numbers[self.members].std(axis=0)) ** 2
        self.squares = naive.mixed_squares(self.numbers, self.words, self.weight)

    def run(self, sampler):
        """Base and neighbour of each new row, and the new rows."""
        X_res, y_res = sampler.fit_resample(self.X, self.y)
        assert np.bincount(y_res).tolist() == [60, 60]
        return *sampler.synthetic_parents_.T, X_res[len(self.y) :]

    def check_neighbors(self, base, neighbor, k, among=None):
        """Each neighbour is one of the k nearest, and votes are theirs."""
        among = self.members if among is None else among
        near = {i: naive.nearest_of(self.squares, i, among, k) for i in set(base.tolist())}
        assert all(j in near[i] for i, j in zip(base.tolist(), neighbor.tolist()))
        return near

    def check_votes(self, base, new, near):
        """Every new word is one that most of the neighbours have."""
        for i, row in zip(base.tolist(), new[:, 3:].tolist()):
            for word, column in zip(row, self.words[near[i]].T):
                counts = Counter(column)
                assert counts[word] == max(counts.values())

    def steps(self, base, neighbor, new):
        """Step of each new row from base (0) to neighbour (1)."""
        start, direction = self.numbers[base], self.numbers[neighbor] - self.numbers[base]
        moved = new[:, :3].astype(float) - start
        step = (moved * direction).sum(axis=1) / (direction * direction).sum(axis=1)
        np.testing.assert_allclose(moved, step[:, None] * direction, atol=1e-9)
        return step


tables = pytest.mark.parametrize("made", [Made(0), Made(2)], ids=["numbers", "mixed"])


def few_levels(n=150, n_minority=40):
    """Words with many equal distances between rows, and labels."""
    rng = np.random.RandomState(0)
    y = np.repeat([0, 1], [n - n_minority, n_minority])
    return rng.choice(list("abcd"), (n, 4)).astype(object), y
