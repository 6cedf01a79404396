"""The plan of a sampler (base rows, neighbours, steps), and the encoded rows it refers to."""

from dataclasses import dataclass

import numpy as np

from ..search._nearest_neighbors import median_std_weight
from ._euclidean import column_std, scaling_exponent
from ._gaps import filled


@dataclass(frozen=True)
class Plan:
    """Positions of the new rows of one class.

    New row i is ``a + step[i] * (b - a)`` with a = row ``bases[p]`` and b = row ``table[p, j]``,
    where ``pick[i]`` is ``p * k + j``. A step below 0 or above 1 extrapolates. Categories are the
    majority vote of all rows in ``table[p]``.

    Parameters
    ----------
    bases : ndarray of shape (m,)
        Row numbers of the base samples.
    table : ndarray of shape (m, k)
        Row numbers of the neighbours of each base.
    pick : ndarray of shape (n_new,)
        Flat position in `table` of each new row's neighbour.
    step : ndarray of shape (n_new,)
        Position of each new row between base (0) and neighbour (1).
    low, high : ndarray of shape (n_new,), default=None
        Limits between which the step of each new row was drawn; None for 0 and 1.
    """

    bases: np.ndarray
    table: np.ndarray
    pick: np.ndarray
    step: np.ndarray
    low: np.ndarray | None = None
    high: np.ndarray | None = None

    @classmethod
    def sample(cls, bases, table, n, rng):
        """Plain SMOTE's plan in imbalanced-learn's order of draws: pairs, then steps."""
        pick = rng.randint(low=0, high=table.size, size=n)
        return cls(bases, table, pick, rng.uniform(size=n))

    @classmethod
    def concatenate(cls, parts):
        """Concatenate plans with the same number of neighbours."""
        starts = np.cumsum([0, *(part.table.size for part in parts)])
        low, high = (np.concatenate(limits) for limits in zip(*(part.limits() for part in parts)))
        return cls(
            np.concatenate([part.bases for part in parts]),
            np.concatenate([part.table for part in parts]),
            np.concatenate([part.pick + start for part, start in zip(parts, starts)]),
            np.concatenate([part.step for part in parts]),
            low,
            high,
        )

    def limits(self):
        """Copies of `low` and `high`, as arrays."""
        n = len(self.step)
        low = np.zeros(n) if self.low is None else self.low.copy()
        return low, np.ones(n) if self.high is None else self.high.copy()

    @property
    def base_index(self):
        """Position in `bases` of each new row's base."""
        return self.pick // self.table.shape[1]

    @property
    def neighbor(self):
        """Row number of each new row's neighbour."""
        return self.table.ravel()[self.pick]

    def write_parents(self, out):
        """Fill `out` with the row numbers of base and neighbour of each new row."""
        out[:, 0], out[:, 1] = self.bases[self.base_index], self.neighbor


class Rows:
    """Encoded rows, their labels, their coordinates, and which columns hold categories.

    Parameters
    ----------
    Z : ndarray or csr matrix of shape (n, d)
        Encoded rows.
    y : ndarray of shape (n,)
        Labels.
    nominal : ndarray
        Positions of columns of categories in `Z`.
    space : Space, default=None
        Scale of distances; None for that of `Z`.
    has_gaps : bool, default=False
        Whether some cells are missing, NaN in `Z`.
    part_gaps : dict, default=None
        For columns whose levels are combinations of cells, of which some are missing: which are,
        as of `Column`.

    Attributes
    ----------
    coordinates : ndarray or csr matrix of shape (n, d)
        Rows as distances see them.
    """

    def __init__(self, Z, y, nominal, *, space=None, has_gaps=False, part_gaps=None):
        self.Z, self.y, self.nominal = Z, y, nominal
        self.part_gaps = part_gaps or {}
        self.space, self.has_gaps, self._incomplete = space, has_gaps, None
        self.coordinates = Z if space is None else space.coordinates

    def have_gaps(self, of, among):
        """Whether a cell is missing in some rows, or in those to search (None: all)."""
        if not self.has_gaps:
            return False
        if self._incomplete is None:
            self._incomplete = np.isnan(self.Z).any(axis=1)
        searched = self._incomplete if among is None else self._incomplete[among]
        return bool(searched.any() or self._incomplete[of].any())

    @property
    def have_patterns(self):
        """Whether some cells of the table are missing, in `Z` or in combinations."""
        return self.has_gaps or bool(self.part_gaps)

    def gaps(self, of):
        """Which cells of some rows are missing; of a combination, which of its parts, too."""
        parts = [gaps[self.Z[of, j].astype(np.intp)] for j, gaps in self.part_gaps.items()]
        return np.concatenate([np.isnan(self.Z[of]), *parts], axis=1)

    def level_patterns(self):
        """For each column with `part_gaps`, the number of each level's gap pattern."""
        return {
            j: np.unique(gaps, axis=0, return_inverse=True)[1].ravel()
            for j, gaps in self.part_gaps.items()
        }

    def members(self, label):
        """Row numbers of a class."""
        return np.flatnonzero(self.y == label)

    def metric_inputs(self, label):
        """Dense rows, and what a differing category adds to a squared distance (SMOTE-NC).

        Where squares of the class would overflow or underflow, values are scaled by a power of two.
        """
        Z = self.coordinates
        numeric = np.setdiff1d(np.arange(Z.shape[1]), self.nominal)
        own = Z[self.members(label)][:, numeric]
        if not self._exponent(own):
            return Z, self._weight(own)
        Z, shift = Z.copy(), self._exponent(Z[:, numeric])
        Z[:, numeric] = np.ldexp(Z[:, numeric], shift)
        return Z, self._weight(np.ldexp(own, shift))

    def _exponent(self, numbers):
        """Power of two that keeps squares in range; missing cells count as 0."""
        return scaling_exponent(np.nan_to_num(numbers, nan=0.0) if self.has_gaps else numbers)

    def _weight(self, numbers):
        """What a differing category adds, from the cells of a class that are not missing."""
        if not self.has_gaps:
            return median_std_weight(numbers)
        widths = column_std(numbers)
        return float(np.median(widths)) ** 2 or 1.0 if len(widths) else 1.0

    def complete(self):
        """Rows without a missing cell, for estimators that take none; see `filled`."""
        if not self.has_gaps:
            return self
        Z = filled(self.coordinates, self.y, self.nominal)
        return Rows(Z, self.y, self.nominal)
