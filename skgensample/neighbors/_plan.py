"""What a sampler plans, and the rows that it plans on."""

from dataclasses import dataclass

import numpy as np

from ..search._nearest_neighbors import median_std_weight
from ._euclidean import scaling_exponent


@dataclass(frozen=True)
class Plan:
    """Where the new rows of one class go.

    New row i lies between row ``seeds[slot]`` and row ``table[slot, nth]``, where ``pick[i]`` is
    ``slot * k + nth``, at the fraction ``gap[i]`` of the way (below 0 or above 1 is outside).
    Categories are voted by all of ``table[slot]``.

    Parameters
    ----------
    seeds : ndarray of shape (m,)
        Row numbers from which new rows start.
    table : ndarray of shape (m, k)
        Row numbers of the neighbours of each seed.
    pick : ndarray of shape (n_new,)
        Flat position in `table` of each new row's neighbour.
    gap : ndarray of shape (n_new,)
        Place between the two.
    """

    bases: np.ndarray
    table: np.ndarray
    pick: np.ndarray
    step: np.ndarray

    @classmethod
    def sample(cls, bases, table, n, rng):
        """A plan of SMOTE's own draws, in imbalanced-learn's order: parents, then gaps."""
        pick = rng.randint(low=0, high=table.size, size=n)
        return cls(bases, table, pick, rng.uniform(size=n))

    @classmethod
    def concatenate(cls, parts):
        """Plans of one table width, one after the other."""
        starts = np.cumsum([0, *(part.table.size for part in parts)])
        return cls(
            np.concatenate([part.bases for part in parts]),
            np.concatenate([part.table for part in parts]),
            np.concatenate([part.pick + start for part, start in zip(parts, starts)]),
            np.concatenate([part.step for part in parts]),
        )

    @property
    def base_index(self):
        """Place in `seeds` of each new row's base."""
        return self.pick // self.table.shape[1]

    @property
    def neighbor(self):
        """Row number of each new row's neighbour."""
        return self.table.ravel()[self.pick]

    def write_parents(self, out):
        """Fill `out` with the row numbers of base and neighbour of each new row."""
        out[:, 0], out[:, 1] = self.bases[self.base_index], self.neighbor


class Rows:
    """Encoded rows, their labels, and which columns hold categories.

    Parameters
    ----------
    Z : ndarray or csr matrix of shape (n, d)
        Encoded rows.
    y : ndarray of shape (n,)
        Labels.
    nominal : ndarray
        Positions of columns of categories in `Z`.
    """

    def __init__(self, Z, y, nominal):
        self.Z, self.y, self.nominal = Z, y, nominal

    def members(self, label):
        """Row numbers of a class."""
        return np.flatnonzero(self.y == label)

    def metric_inputs(self, label):
        """Dense rows, and what a differing category adds to a squared distance (SMOTE-NC).

        Where the class's squares would overflow or vanish, numbers are scaled by a power of two.
        """
        numeric = np.setdiff1d(np.arange(self.Z.shape[1]), self.nominal)
        own = self.Z[self.members(label)][:, numeric]
        if not scaling_exponent(own):
            return self.Z, median_std_weight(own)
        Z, shift = self.Z.copy(), scaling_exponent(self.Z[:, numeric])
        Z[:, numeric] = np.ldexp(Z[:, numeric], shift)
        return Z, median_std_weight(np.ldexp(own, shift))
