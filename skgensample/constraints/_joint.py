"""Combinations of values of several columns as codes."""

import numpy as np


class Combinations:
    """The combinations that occur in rows, as levels 0, 1, ...

    Parameters
    ----------
    columns : list of int
        Positions of the columns in ``Z``.
    rows : ndarray of shape (n, len(columns))
        Their numbers in the given table, NaN for missing cells.
    """

    def __init__(self, columns, rows):
        self.columns = columns
        self.levels = rows[row_codes(rows)[1]]

    @property
    def gaps(self):
        """Which cells of each level are missing; None if no cell is."""
        gaps = np.isnan(self.levels)
        return gaps if gaps.any() else None

    def codes(self, rows):
        """Codes of rows, -1 for a combination that did not occur."""
        n = len(self.levels)
        found, first = row_codes(np.concatenate([self.levels, rows]))
        level = np.full(len(first), -1)
        level[found[:n]] = np.arange(n)
        return level[found[n:]]

    def rows(self, codes):
        """Rows of codes, each rounded to the nearest valid one."""
        return self.levels[np.clip(np.rint(codes), 0, len(self.levels) - 1).astype(np.intp)]


def row_codes(rows):
    """Codes of equal rows, in ascending order of the rows, and the first row of each code.

    Parameters
    ----------
    rows : ndarray of shape (n, m)
        Numbers; NaN equals NaN.

    Returns
    -------
    codes : ndarray of shape (n,)
    first : ndarray of shape (n_codes,)
        Row numbers.
    """
    codes = np.zeros(len(rows), dtype=np.int64)
    for x in np.where(np.isnan(rows), -np.inf, rows).T:
        own = np.unique(x, return_inverse=True)[1].ravel()
        codes = np.unique(codes * (own.max(initial=0) + 1) + own, return_inverse=True)[1].ravel()
    _, first = np.unique(codes, return_index=True)
    return codes, first
