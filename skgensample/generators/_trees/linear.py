"""A linear prediction of the target as one more feature of trees on few rows."""

import numpy as np
from scipy.special import ndtri
from sklearn.linear_model import RidgeCV

#: Rows that count against a level's mean.
PRIOR_ROWS = 5
#: Principal components of a target of many indicators, and of a level's means, that are used.
TARGET_COMPONENTS, LEVEL_COMPONENTS = 3, 2
PENALTIES = np.geomspace(1e-2, 1e5, 15)
#: Ranks are kept this far from 0 and 1 before they become normal scores.
LEAST_RANK = 1e-4


class LinearScore:
    """Ridge regression of a target on normal scores of numbers and mean targets of levels.

    A tree on n rows has at most ``n / min_samples_leaf`` leaves, too few for the sum of many
    predictors' effects. A split on their linear combination needs only one.

    Parameters
    ----------
    codes : list of ndarray of shape (n,) of int
        Codes of the predictors.
    n_levels : list of int
        Number of codes of each predictor without an order, 0 for numbers.
    ranks : list of ndarray or None
        For numbers, the middle rank of each code and an indicator of the missing one.
    target : ColumnTarget
        What is predicted.
    """

    def __init__(self, codes, n_levels, ranks, target):
        self.tables = [
            level_scores(*target.level_means(own, n)) if n else normal_scores(rank)
            for own, n, rank in zip(codes, n_levels, ranks)
        ]
        scores = self._scores(codes)
        self.mean, deviation = scores.mean(axis=0), scores.std(axis=0)
        self.deviation = np.where(deviation > 0, deviation, 1)
        wanted = target.by_code[target.codes]
        if wanted.shape[1] > TARGET_COMPONENTS:
            wanted = wanted @ main_directions(wanted - wanted.mean(axis=0), TARGET_COMPONENTS)
        ridge = RidgeCV(PENALTIES).fit((scores - self.mean) / self.deviation, wanted)
        self.weights = np.reshape(ridge.coef_, (-1, scores.shape[1])).T

    def _scores(self, codes):
        return np.hstack([table[own] for table, own in zip(self.tables, codes)])

    def predict(self, codes):
        """Linear predictions of rows, shape (n, n_components)."""
        return ((self._scores(codes) - self.mean) / self.deviation) @ self.weights


def normal_scores(ranks):
    """Normal scores of the ranks in the first column; further columns stay."""
    ranks = ranks.copy()
    ranks[:, 0] = ndtri(np.clip(ranks[:, 0], LEAST_RANK, 1 - LEAST_RANK))
    return ranks


def level_scores(means, counts):
    """Mean target of each level, drawn towards the mean of all rows, on its main directions."""
    centred = means - counts @ means / counts.sum()
    if centred.shape[1] > 1:
        weighted = centred * np.sqrt(counts)[:, None]
        centred = centred @ main_directions(weighted, LEVEL_COMPONENTS)
    return centred * (counts / (counts + PRIOR_ROWS))[:, None]


def main_directions(rows, n_directions):
    """The first right singular vectors of a matrix, as columns."""
    return np.linalg.svd(rows.T @ rows)[0][:, :n_directions]
