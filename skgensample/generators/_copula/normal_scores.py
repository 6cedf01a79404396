"""Normal scores of a table within each class, and correlations of the latent variables."""

from functools import lru_cache

import numpy as np

from .._encoding.extremes import drawn_in_bounds, resolution
from .._encoding.quantiles import (
    LevelQuantiles,
    NumberQuantiles,
    hermite_coefficients,
    interval_scores,
)
from .multivariate_normal import latent_correlation, positive_definite

#: A numeric column of at most so many values, with so many rows each on average, is discrete: no
#: value between them is generated.
DISCRETE_LEVELS, ROWS_PER_LEVEL = 20, 10
#: Below this variance of its scores a column counts as tied, and its correlations are corrected.
GROUPED = 0.99
N_TERMS = 32
MAX_INTERVALS = 2_048
#: Levels with fewer rows are ordered by frequency: their correlations are mostly noise.
ROWS_TO_PLACE = 10
SWEEPS = 2
#: Additive smoothing: rows of the whole table that count in the level frequencies of each class.
PRIOR_ROWS = 1.0


class NormalScores:
    """Normal scores of every variable within each class, with one sort per column.

    Parameters
    ----------
    Z : ndarray of shape (n, d)
        Encoded table, NaN where a cell is missing.
    order : ndarray of shape (n,)
        Row numbers, ordered by class.
    bounds : ndarray of shape (n_classes + 1,)
        Place in `order` of the first row of each class.
    columns : list of Column
        Description of each column.
    Attributes
    ----------
    gaps : ndarray of int
        Numeric columns with missing cells. Each has a missingness indicator, a variable after all
        columns that is 1 where the cell is missing.
    quantiles : list of list
        For each class, the marginal distribution of each variable.
    """

    def __init__(self, Z, order, bounds, columns):
        self.parts = [slice(*pair) for pair in zip(bounds[:-1].tolist(), bounds[1:].tolist())]
        self.sizes, self.columns = np.diff(bounds), columns
        self.rng = np.random.RandomState(0)  # of the insets: the same model for every seed
        self.categories = [c.index for c in columns if c.kind == "categorical"]
        empty = [j for j in range(Z.shape[1]) if np.isnan(Z[:, j]).any()]
        self.gaps = np.setdiff1d(np.array(empty, dtype=np.intp), self.categories)
        self.present = {int(j): ~np.isnan(Z[order, j]) for j in self.gaps}
        n_variables = Z.shape[1] + len(self.gaps)
        self.scores = np.zeros((n_variables, len(Z)))
        self.quantiles = [[None] * n_variables for _ in self.parts]
        self.coefficients = np.zeros((len(self.parts), n_variables, N_TERMS))
        for j in np.setdiff1d(np.arange(Z.shape[1]), self.categories).tolist():
            self._numbers(j, Z[order, j], self.present.get(j))
        for i, j in enumerate(self.gaps.tolist(), Z.shape[1]):
            self._gaps(i, ~self.present[j])
        self._categories(Z, order, columns)

    def _numbers(self, j, values, present):
        """Scores and marginals of a numeric column."""
        found = []
        for part in self.parts:
            chosen = values[part]
            shown = slice(None) if present is None else present[part]
            distinct, counts, scores = _ranked(chosen[shown])
            self.scores[j, part][shown] = scores
            found.append((distinct, counts))
        most = max(len(distinct) for distinct, _ in found)
        few = most <= 2 or most <= min(DISCRETE_LEVELS, len(values) // ROWS_PER_LEVEL)
        for c, (distinct, counts) in enumerate(found):
            self.coefficients[c, j] = _coefficients(counts)
            if counts.sum() < 2:  # a marginal of one row would copy it: use the whole column
                shown = slice(None) if present is None else present
                distinct, counts = np.unique(values[shown], return_counts=True)
            if len(distinct):
                self.quantiles[c][j] = self._quantiles(distinct, counts, self.columns[j], few)

    def _quantiles(self, distinct, counts, column, few):
        """Distribution of numbers, with the extremes of single rows drawn in."""
        if few or len(distinct) < 2:
            return NumberQuantiles(distinct, counts, observed_only=few)
        ordered = np.repeat(distinct, np.minimum(counts, 2))
        bounds = drawn_in_bounds(ordered, resolution(column, ordered), self.rng)
        slack = np.abs(distinct[[0, -1]] - bounds)
        distinct = np.clip(distinct, *bounds)
        first = np.flatnonzero(np.append(True, distinct[1:] != distinct[:-1]))
        counts = np.add.reduceat(counts, first)
        return NumberQuantiles(distinct[first], counts, observed_only=False, slack=slack)

    def _gaps(self, i, missing):
        """Scores and marginals of a missingness indicator."""
        counts = np.array([np.bincount(missing[part], minlength=2) for part in self.parts])
        order = np.array([0, 1])
        self._score_levels(i, missing.astype(np.intp), counts, order)
        for c, own in enumerate(counts):
            self.coefficients[c, i] = _coefficients(own)
            weights = own + PRIOR_ROWS * counts.sum(axis=0) / len(missing)
            self.quantiles[c][i] = LevelQuantiles(order, weights)

    def _categories(self, Z, order, columns):
        """Scores and marginals of the categories, after their levels have been ordered."""
        codes, counts, orders = {}, {}, {}
        for j in self.categories:
            n_levels = columns[j].n_levels
            cells = Z[order, j]
            missing = np.isnan(cells)
            codes[j] = np.where(missing, n_levels, cells).astype(np.intp)
            n_codes = n_levels + bool(missing.any())
            counts[j] = np.array([np.bincount(codes[j][p], minlength=n_codes) for p in self.parts])
            orders[j] = np.argsort(-counts[j].sum(axis=0), kind="stable")
            self._score_levels(j, codes[j], counts[j], orders[j])
        wide = [j for j in self.categories if counts[j].shape[1] > 2]
        for _ in range(SWEEPS if len(self.scores) > 1 else 0):
            for j in wide:
                orders[j] = self._order_levels(j, codes[j], counts[j].sum(axis=0))
                self._score_levels(j, codes[j], counts[j], orders[j])
        for j in self.categories:
            whole = counts[j].sum(axis=0) / len(Z)
            for c, own in enumerate(counts[j]):
                self.coefficients[c, j] = _coefficients(own[orders[j]])
                missing = columns[j].n_levels if len(whole) > columns[j].n_levels else None
                weights = own + PRIOR_ROWS * whole
                self.quantiles[c][j] = LevelQuantiles(orders[j], weights, missing)

    def _score_levels(self, j, codes, counts, order):
        """Store the scores of a category."""
        by_code = np.empty(len(order))
        for part, own in zip(self.parts, counts):
            by_code[order] = interval_scores(own[order])
            self.scores[j, part] = by_code[codes[part]]

    def _order_levels(self, j, codes, counts):
        """Levels in the order that maximises the sum of squared correlations with all other scores.

        That is the first left singular vector of the levels' mean scores, weighted by the roots
        of their frequencies.
        """
        means = np.zeros((len(counts), len(self.scores)))
        for k, scores in enumerate(self.scores):
            spread = np.sqrt(np.mean(scores**2))
            if k != j and spread > 0:
                means[:, k] = np.bincount(codes, scores / spread, minlength=len(counts))
        enough = counts >= ROWS_TO_PLACE
        root = np.sqrt(np.maximum(counts, 1))
        means[~enough] = 0.0
        values = np.linalg.svd(means / root[:, None], full_matrices=False)[0][:, 0] / root
        values = np.where(enough, values, 0.0)
        values *= np.sign(values[np.abs(values).argmax()]) or 1.0
        return np.lexsort((-counts, values))

    def correlations(self):
        """Positive definite correlations of the normal variables, for each class.

        Shrinkage: a class of n rows has weight ``n / (n + d)`` and the mean of all classes the
        rest; that mean has weight ``N / (N + d)``, for N rows in all, against the identity.
        """
        d, n = self.scores.shape
        own = np.array([self._correlation(c) for c in range(len(self.parts))])
        pooled = np.einsum("c,cij->ij", self.sizes / n, own)
        pooled = (n * pooled + d * np.eye(d)) / (n + d)
        weights = self.sizes / (self.sizes + d)
        return [positive_definite(w * one + (1 - w) * pooled) for w, one in zip(weights, own)]

    def _correlation(self, c):
        """Correlations within one class, estimated from its rows only."""
        scores = self.scores[:, self.parts[c]]
        covariance = np.empty((len(scores), len(scores)))
        # einsum, not BLAS: bit-identical on any number of threads
        for j, row in enumerate(scores):
            covariance[j, j:] = np.einsum("kn,n->k", scores[j:], row)
            covariance[j:, j] = covariance[j, j:]
        covariance /= self.sizes[c]
        if len(self.gaps):
            covariance = self._seen_together(c, scores, covariance)
            return self._completed(c, latent_correlation(covariance, self.coefficients[c]))
        return latent_correlation(covariance, self.coefficients[c])

    def _seen_together(self, c, scores, covariance):
        """Covariances of variables with missing cells, from pairwise complete rows.

        These rows may be a selected subset, so only the correlation is taken from them.
        """
        every = np.ones(self.sizes[c], dtype=bool)
        shown = [
            self.present[k][self.parts[c]] if k in self.present else every
            for k in range(len(scores))
        ]
        spread = np.sqrt(
            [np.einsum("n,n->", s, s) / max(m.sum(), 1) for s, m in zip(scores, shown)]
        )
        for j in self.present:
            for k in np.delete(np.arange(len(scores)), j):
                both = shown[j] & shown[k]
                x, y = (s - s.mean() if len(s) else s for s in (scores[j, both], scores[k, both]))
                length = np.sqrt(np.einsum("n,n->", x, x) * np.einsum("n,n->", y, y))
                together = np.einsum("n,n->", x, y) / length if length > 0 else 0.0
                covariance[j, k] = covariance[k, j] = together * spread[j] * spread[k]
        return covariance

    def _completed(self, c, correlation):
        """Correlations between values and missingness indicators, from the complete variables.

        No row has both a value and its missing cell, so their correlation cannot be observed. It is
        set to the one implied by the complete variables (conditional independence given these).
        """
        d = len(correlation) - len(self.gaps)
        whole = np.setdiff1d(np.arange(d), self.gaps)
        implied = np.zeros((len(self.gaps),) * 2)
        if len(whole):
            inner = positive_definite(correlation[np.ix_(whole, whole)])
            slopes = np.linalg.solve(inner, correlation[np.ix_(whole, self.gaps)])
            implied = np.einsum("wv,wg->vg", slopes, correlation[whole, d:])
        for v, j in enumerate(self.gaps.tolist()):
            for g, k in enumerate(self.gaps.tolist()):
                apart = (self.present[j] & ~self.present[k])[self.parts[c]]
                if apart.sum() < ROWS_TO_PLACE:
                    correlation[j, d + g] = correlation[d + g, j] = implied[v, g]
        return correlation


def _ranked(values):
    """Distinct values, their counts, and the score of each value."""
    order = np.argsort(values)
    ordered = values[order]
    first = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])[: len(ordered)])
    counts = np.diff(np.append(first, len(ordered)))
    scores = np.empty(len(values))
    scores[order] = np.repeat(_scores_of(counts), counts)
    return ordered[first], counts, scores


def _scores_of(counts):
    """`interval_scores`; those of untied ranks are cached for the next column."""
    if len(counts) and counts.max() == 1:
        return _untied_scores(len(counts))
    return interval_scores(counts)


@lru_cache(maxsize=2)
def _untied_scores(n):
    """Scores of n different values."""
    scores = interval_scores(np.ones(n, dtype=np.intp))
    scores.flags.writeable = False
    return scores


def _coefficients(counts):
    """Hermite coefficients of a variable's scores; only the first where ties are negligible."""
    counts = counts[counts > 0]
    coefficients = np.zeros(N_TERMS)
    if len(counts) < 2:
        return coefficients
    scores = _scores_of(counts)
    variance = (counts * scores * scores).sum() / counts.sum()
    coefficients[0] = np.sqrt(variance)
    if variance < GROUPED and counts.max() > 1:
        end = np.cumsum(counts)
        if len(end) > MAX_INTERVALS:  # merge the smallest intervals onto a fine grid
            grid = np.linspace(0, end[-1], MAX_INTERVALS)
            end = end[np.unique(np.searchsorted(end, grid))]
        coefficients = hermite_coefficients(np.diff(end, prepend=0), N_TERMS)
    return coefficients
