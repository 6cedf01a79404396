"""Exact k-nearest-neighbour search of rows with missing cells, in NumPy.

The distance of two rows is taken over the columns in which both have a value, and scaled up by the
share of columns that these are, as in scikit-learn's ``nan_euclidean_distances``.
"""

import numpy as np

from ._brute_force import k_smallest, query_blocks

#: Pairs of rows measured at a time.
MAX_PAIRS = 1_000_000

#: Candidate pairs measured exactly at a time.
CHUNK_PAIRS = 65_536

#: Largest values outside these bounds are scaled by a power of two, so that squares stay in range.
LOW, HIGH = 1e-90, 1e90


def nearest_with_gaps(Q, X, k, *, nominal=(), weight=0.0, own=None):
    """k nearest rows, NaN standing for a missing cell.

    Parameters
    ----------
    Q, X : ndarray of shape (n_queries, d) and (n, d)
        Queries and rows.
    k : int
        Number of neighbours.
    nominal : array-like of int, default=()
        Columns of category codes, where a difference adds `weight` to the squared distance.
    weight : float, default=0.0
        Weight of a differing category.
    own : ndarray of shape (n_queries,), default=None
        Position in `X` of each query, which is not a neighbour of its own.

    Returns
    -------
    distances, indices : ndarray of shape (n_queries, k)
        Nearest first; ties are sorted by row number. Where fewer than k rows have a column in
        common with the query: infinite, and -1.
    """
    is_nominal = np.zeros(X.shape[1], dtype=bool)
    is_nominal[np.asarray(nominal, dtype=np.intp)] = True
    numbers, shift = _in_range(Q[:, ~is_nominal], X[:, ~is_nominal])
    queries = _Masked(numbers[0], Q[:, is_nominal])
    rows = _Masked(numbers[1], X[:, is_nominal])
    weight = float(np.ldexp(weight, 2 * shift))
    squared, indices = np.full((len(Q), k), np.inf), np.full((len(Q), k), -1, np.int64)
    for block in query_blocks(len(Q), len(X), MAX_PAIRS):
        part, mine = queries.taken(block), None if own is None else own[block]
        pairs = _candidates(part, rows, k, weight, mine)
        _write_nearest(part, rows, *pairs, weight, squared[block], indices[block])
    return np.ldexp(np.sqrt(squared), -shift), indices


class _Masked:
    """Rows as numbers and codes, with 0 and -1 in place of missing cells, and where these are."""

    def __init__(self, numbers, codes):
        self.numbers, self.codes = numbers, codes
        self.filled = np.nan_to_num(numbers, nan=0.0)
        self.has_number = ~np.isnan(numbers)
        self.has_code = ~np.isnan(codes)

    def __len__(self):
        return len(self.codes)

    @property
    def width(self):
        """Number of columns."""
        return self.numbers.shape[1] + self.codes.shape[1]

    def taken(self, rows):
        """The same of some rows."""
        return _Masked(self.numbers[rows], self.codes[rows])


def _in_range(Q, X):
    """Both times a power of two, centred, in float64; and its exponent."""
    Q, X = (np.asarray(Z, dtype=np.float64) for Z in (Q, X))
    top = max(np.nanmax(np.abs(Z), initial=0.0) for Z in (Q, X)) if X.size and Q.size else 0.0
    shift = 0 if not top or LOW < top < HIGH else -int(np.frexp(top)[1])
    return [np.ldexp(Z, shift) if shift else Z for Z in (Q, X)], shift


def _candidates(queries, rows, k, weight, own):
    """Pairs of query and row, in ascending order, that include all of the k nearest.

    Matrix products give all squared distances up to rounding; what may be among the k smallest is
    measured exactly afterwards.
    """
    centre = rows.filled.sum(axis=0) / np.maximum(rows.has_number.sum(axis=0), 1)
    A, B = (np.where(Z.has_number, Z.filled - centre, 0.0) for Z in (queries, rows))
    masks = queries.has_number.astype(float), rows.has_number.astype(float)
    squared = (A * A) @ masks[1].T + masks[0] @ (B * B).T - 2 * A @ B.T
    common = masks[0] @ masks[1].T
    for code, known, other, other_known in zip(
        queries.codes.T, queries.has_code.T, rows.codes.T, rows.has_code.T
    ):
        both = known[:, None] & other_known
        squared += weight * (both & (code[:, None] != other))
        common += both
    length = np.einsum("ij,ij->i", A, A), np.einsum("ij,ij->i", B, B).max(initial=0.0)
    codes = weight * queries.codes.shape[1]
    error = 8 * (rows.width + 8) * np.finfo(float).eps * (length[0] + length[1] + codes)
    with np.errstate(divide="ignore", invalid="ignore"):
        squared *= rows.width / common
    squared[common == 0] = np.inf
    if own is not None:
        squared[np.arange(len(own)), own] = np.inf
    upper = np.partition(squared, min(k, len(rows)) - 1, axis=1)[:, min(k, len(rows)) - 1]
    within = squared <= (upper + 2 * rows.width * error)[:, None]
    return np.divmod(np.flatnonzero(within & np.isfinite(squared)), len(rows))


def _write_nearest(queries, rows, of, to, weight, squared, indices):
    """Measure candidate pairs and write the nearest of each query."""
    exact = np.empty(len(of))
    for start in range(0, len(of), CHUNK_PAIRS):
        chunk = slice(start, start + CHUNK_PAIRS)
        exact[chunk] = _exact_squares(queries.taken(of[chunk]), rows.taken(to[chunk]), weight)
    # candidates are in row order and the sort is stable: ties are sorted by row number
    order = np.lexsort((exact, of))
    of, to, exact = of[order], to[order], exact[order]
    rank = np.arange(len(of)) - np.searchsorted(of, of)
    near = rank < squared.shape[1]
    squared[of[near], rank[near]] = exact[near]
    indices[of[near], rank[near]] = to[near]


def _exact_squares(a, b, weight):
    """Squared distances of pairs of rows, summed column by column."""
    total, common = np.zeros(len(a)), np.zeros(len(a))
    for x, y in zip(a.numbers.T, b.numbers.T):
        step = x - y
        there = ~np.isnan(step)
        total += np.where(there, step * step, 0.0)
        common += there
    for x, y, known in zip(a.codes.T, b.codes.T, (a.has_code & b.has_code).T):
        total += weight * (known & (x != y))
        common += known
    return total * (a.width / common)


def nearest_categories_with_gaps(frequencies, k):
    """k nearest rows of a class by the squared Value Difference Metric, itself left out.

    Parameters
    ----------
    frequencies : list of d ndarrays of shape (m, n_classes)
        For each column, class frequencies of each row's category, NaN where that is missing.
    k : int
        Number of neighbours.

    Returns
    -------
    distances, indices : ndarray of shape (m, k)
        As from `nearest_with_gaps`.
    """
    m = len(frequencies[0])
    parts = []
    for block in query_blocks(m, m, MAX_PAIRS):
        total, common = np.zeros((len(range(m)[block]), m)), 0
        for column in frequencies:
            inner = sum(
                np.abs(column[block, c, None] - column[:, c]) for c in range(column.shape[1])
            )
            there = ~np.isnan(inner)
            total += np.where(there, inner * inner, 0.0)
            common = common + there
        with np.errstate(divide="ignore", invalid="ignore"):
            total = np.where(common == 0, np.inf, total * (len(frequencies) / common))
        parts.append(k_smallest(total, min(k, m), block.start))
    distances, indices = (np.concatenate(part) for part in zip(*parts))
    return distances, np.where(np.isfinite(distances), indices, -1)
