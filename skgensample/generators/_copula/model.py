"""Fitted Gaussian copula: sampling of rows of a class."""

import numpy as np
from scipy.special import ndtr, ndtri

from .._encoding.quantiles import LevelQuantiles
from .multivariate_normal import cholesky, lower_times

CHUNK_ROWS = 8_192


class CopulaModel:
    """One Gaussian copula for each class; holds no training row.

    Parameters
    ----------
    labels : ndarray of shape (n_classes,)
        Class labels.
    sizes : ndarray of shape (n_classes,)
        Number of training rows of each.
    quantiles : list of list
        For each class, the marginal distribution of each variable.
    correlations : list of ndarray
        For each class, the correlations of the latent normal variables.
    gaps : ndarray of int
        Numeric columns with missing cells; their missingness indicators are the variables after
        all columns.
    n_columns : int
        Number of columns of the table.
    """

    def __init__(self, labels, sizes, quantiles, correlations, gaps, n_columns):
        self.labels, self.sizes = labels, sizes
        self.quantiles, self.correlations = quantiles, correlations
        self.gaps, self.n_columns = gaps, n_columns
        self.lowers = [cholesky(one) for one in correlations]

    def index(self, label):
        """Index of a label."""
        return int(np.flatnonzero(self.labels == label)[0])

    def draw(self, label, rng, out):
        """Fill `out` with rows of one class."""
        c = self.index(label)
        for part in chunks(out):
            noise = rng.standard_normal((len(self.lowers[c]), len(part)))
            self.write(c, lower_times(self.lowers[c], noise), part)
        return out

    def write(self, c, z, out):
        """Decode latent normal variables, an array of shape (n_variables, n), into values."""
        for j in range(self.n_columns):
            quantiles = self.quantiles[c][j]
            out[:, j] = np.nan if quantiles is None else quantiles.decode(ndtr(z[j]))
        for i, j in enumerate(self.gaps, self.n_columns):
            out[self.quantiles[c][i].decode(ndtr(z[i])) > 0, j] = np.nan

    def intervals(self, c, known):
        """Latent variables restricted by given cells in one class, and their intervals.

        `known` maps columns to values, or to intervals as tuples. None if the class has no value
        in an interval.
        """
        gap_of = dict(zip(self.gaps.tolist(), range(self.n_columns, len(self.lowers[c]))))
        probabilities = {}
        for j, value in known.items():
            absent = not isinstance(value, tuple) and np.isnan(value)
            if j in gap_of:
                probabilities[gap_of[j]] = self.quantiles[c][gap_of[j]].interval(float(absent))
            # a class whose cells are all missing in this column does not restrict its value
            own = self.quantiles[c][j]
            if own is None or (j in gap_of and absent):
                continue
            probabilities[j] = (
                own.between(*value) if isinstance(value, tuple) else own.interval(value)
            )
            if isinstance(value, tuple) and probabilities[j][0] == probabilities[j][1]:
                return None
        low, high = ndtri(np.array(list(probabilities.values())).T)
        return np.array(list(probabilities)), low, high

    def numbers(self, j):
        """Marginals of a numeric column in the classes that have observed cells there."""
        return [own[j] for own in self.quantiles if own[j] is not None]

    def refusal(self, j, value):
        """Why no row can have a value in a column, or None; never quotes a training cell."""
        found = self.numbers(j)
        if not found:
            return "has missing cells only"
        if isinstance(found[0], LevelQuantiles):
            return None
        if found[0].observed_only:
            values = np.unique(np.concatenate([quantiles.atoms() for quantiles in found]))
            if value not in values:
                return f"holds {len(values)} different values only, and this is none of them"
            return None
        low, high = np.array([quantiles.reach() for quantiles in found]).T
        if not low.min() <= value <= high.max():
            return "has no such value within its observed range"
        return None

    def below(self, j, value):
        """Distribution function of a numeric column in each class; 0 without observed cells."""
        own = [quantiles[j] for quantiles in self.quantiles]
        return np.array([0.0 if one is None else one.below(value) for one in own])


def chunks(out):
    """Parts of a matrix of rows."""
    return [out[start : start + CHUNK_ROWS] for start in range(0, len(out), CHUNK_ROWS)]
