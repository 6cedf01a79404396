"""Passes over all rows in their encoding: nearest rows of other classes, and category counts."""

import copy
from dataclasses import dataclass, field

import numpy as np

from ..constraints._codec import ConstrainedCodec
from ..neighbors._plan import Rows
from ..neighbors._space import Space
from ..search._duplicates import has_duplicate
from ..search._knn import nearest_euclidean
from ..table._witnesses import stacked

#: Neighbours kept besides those asked for, since two squared distances may have the same root.
SPARE = 8


@dataclass(frozen=True)
class Encoding:
    """Encodes any rows of a table as the whole table would be encoded.

    Parameters
    ----------
    codec : TableCodec
        An unfitted codec.
    X : frame or ndarray
        Witness rows, which show all facts of the columns.
    groups : list of list of int, default=[]
        One-hot groups.
    """

    codec: object
    X: object
    groups: list = field(default_factory=list)

    def __call__(self, X):
        """Encoded rows, and the codec that was fitted for them."""
        codec, width = copy.deepcopy(self.codec), X.shape[1]
        # what a column gives away is not to be judged by some of its rows
        codec.trusted = frozenset(range(width))
        codec = ConstrainedCodec(codec, detect=bool(self.groups), groups=self.groups)
        Z = codec.fit_encode(stacked([X, self.X]) if len(self.X) else X)[: len(X)]
        return Z, codec

    def points(self, X, unit):
        """Encoded rows with times in a unit, and the codec; see `Space`."""
        Z, codec = self(X)
        nominal = nominal_columns(codec.columns)
        return Space(Z, codec.columns, nominal, unit=unit).coordinates, codec


def nominal_columns(columns):
    """Positions of columns of categories."""
    return np.array([c.index for c in columns if c.kind == "categorical"], dtype=np.intp)


@dataclass(frozen=True)
class Query:
    """Rows of a class whose neighbours are wanted.

    Parameters
    ----------
    label : label
        The class.
    Z : ndarray of shape (m, d)
        Its rows, encoded.
    k : int
        Number of neighbours of other classes.
    nominal : ndarray
        Columns of categories.
    weight : float
        What a differing category adds to a squared distance.
    bound : ndarray of shape (m,) or None
        Distance to the nearest other row of the class, where any k nearer ones will do.
    unit : str or None
        Unit of dates and durations.
    """

    label: object
    Z: np.ndarray
    k: int
    nominal: np.ndarray
    weight: float
    bound: np.ndarray | None
    unit: str | None = None

    @classmethod
    def of(cls, label, Z, k, columns, counts_only, unit):
        """Query of all rows of a class."""
        nominal = nominal_columns(columns)
        weight = 0.0
        if len(nominal):
            scaled, weight = Rows(Z, np.zeros(len(Z)), nominal).metric_inputs(0)
            if scaled is not Z:
                raise ValueError(
                    "Numbers so large or small that their squares leave the range of floats are "
                    "not supported with categories on a table in parts: rescale the columns."
                )
        bound = None
        if counts_only:
            near = nearest_euclidean(Z, Z, min(2, len(Z)), nominal=nominal, weight=weight)[0]
            bound = near[:, 1] if len(Z) > 1 else np.full(len(Z), np.inf)
        return cls(label, Z, k, nominal, weight, bound, unit)


def nearest_part(partition, start, split, encoding, query):
    """Nearest rows of other classes in one partition.

    Parameters
    ----------
    partition : frame, or pair of table and labels
        The partition.
    start : int
        Global number of its first row.
    split : Split
        Finds its labels.
    encoding : Encoding
        Encodes its rows.
    query : Query
        Rows whose neighbours are wanted.

    Returns
    -------
    distances, numbers : ndarray of shape (m, at most k)
        Nearest first, ties by number; where the query has a bound, any k rows below it.
    """
    X, labels = split(partition)
    others = np.flatnonzero(labels != query.label) if len(labels) else np.empty(0, dtype=np.intp)
    m = len(query.Z)
    if not len(others):
        return np.empty((m, 0)), np.empty((m, 0), dtype=np.int64)
    Z = encoding.points(X, query.unit)[0]
    Z = Z[others] if len(others) < len(Z) else Z
    bound = None if query.bound is None else query.bound.copy()
    if bound is not None:
        bound[_repeated(Z, query.Z)] = 0
    space = {"nominal": query.nominal, "weight": query.weight}
    k = min(query.k, len(others))
    distances, found = nearest_euclidean(query.Z, Z, k, **space, stop_below=bound)
    return distances, start + others[found]


def _repeated(Z, members):
    """Which rows of a class equal a row of another class."""
    both, inside = np.concatenate([Z, members]), np.zeros(len(Z) + len(members), dtype=bool)
    inside[len(Z) :] = True
    return has_duplicate(both, np.flatnonzero(inside), inside)


def merged_neighbors(a, b, k):
    """Nearest rows of two parts, the first of which has the smaller row numbers."""
    distances, numbers = (np.hstack(pair) for pair in zip(a, b))
    order = np.argsort(distances, axis=1, kind="stable")[:, : k + SPARE]
    return tuple(np.take_along_axis(values, order, axis=1) for values in (distances, numbers))


def category_counts(partition, _, split, encoding, labels, n_levels):
    """How often each category occurs in each class, in one partition.

    Parameters
    ----------
    partition, split, encoding
        As of `nearest_part`.
    labels : ndarray
        All labels, sorted.
    n_levels : list of int
        Number of levels of each column.

    Returns
    -------
    list of ndarray of shape (n_levels, n_classes)
    """
    X, y = split(partition)
    if not len(y):
        return [np.zeros((n, len(labels)), dtype=np.int64) for n in n_levels]
    kind, counts = np.searchsorted(labels, y), []
    for n, cells in zip(n_levels, encoding(X)[0].T):
        codes = cells.astype(np.intp) * len(labels) + kind
        counts.append(np.bincount(codes, minlength=n * len(labels)).reshape(n, len(labels)))
    return counts


def added_counts(a, b):
    """Sum of category counts of two parts."""
    return [one + other for one, other in zip(a, b)]
