"""Drawing in of extreme values, so that no model holds or repeats the extreme cell of one row.

The least and the largest value of a class belong, as a rule, to a single row each, and a range
that is learnt from them gives them away (a winsorised range does not). They are replaced before
anything is learnt.
"""

import numpy as np

from .blocks import is_discrete

#: Part of the distance to the next value by which an extreme is drawn in, chosen at random
#: between these two.
INSETS = (0.05, 0.25)


def draw_in(Z, group, columns, rng):
    """The table with the extremes of each class and continuous column drawn in.

    An extreme of a single row moves 5 to 25 % of the way to the next value, and at least to the
    next value that the column could hold (whole numbers, decimal places). One that rows share is
    an atom and stays. So do columns that are discrete, whose values are levels.

    A class with a single cell in a column takes the bounds of all rows.

    Parameters
    ----------
    Z : ndarray of shape (n, d)
        Encoded table, NaN where a cell is missing.
    group : ndarray of shape (n,) of int
        Class index of each row.
    columns : list of Column
        Description of each column.
    rng : RandomState
        Source of the parts.

    Returns
    -------
    ndarray of shape (n, d)
        A copy.
    """
    rows = [np.flatnonzero(group == g) for g in range(int(group.max()) + 1)]
    Z = Z.copy()
    for column in columns:
        x = np.ascontiguousarray(Z[:, column.index])
        there = np.sort(x[~np.isnan(x)])
        if len(there) < 2 or is_discrete(there, column):
            continue
        step = resolution(column, there)
        whole = drawn_in_bounds(there, step, rng)
        for part in rows:
            own = np.sort(x[part])  # NaN last
            own = own[: np.searchsorted(own, np.nan)]
            bounds = drawn_in_bounds(own, step, rng) if len(own) > 1 else whole
            x[part] = np.clip(x[part], *bounds)
        Z[:, column.index] = x
    return Z


def resolution(column, x):
    """Least difference between two values that a column can hold."""
    if column.kind != "float":
        return 1.0
    rounding = 2 * float(np.spacing(np.abs(x[[0, -1]]).max()))
    return rounding if column.decimals is None else max(10.0**-column.decimals, rounding)


def drawn_in_bounds(ordered, step, rng):
    """Bounds of a class's values: its extremes, drawn in where single rows have them.

    Parameters
    ----------
    ordered : ndarray of shape (n,)
        Values, ascending, two or more.
    step : float
        Least difference between two values that the column can hold.
    rng : RandomState
        Source of the parts, two draws.

    Returns
    -------
    lo, hi : float
        Within the observed range. The observed range itself where nothing lies between two
        extremes of single rows, as with the whole numbers 4, 5 and 6.
    """
    first, second, *_ = ordered[:2].astype(np.float64).tolist()
    next_to_last, last = ordered[-2:].astype(np.float64).tolist()
    low, high = rng.uniform(*INSETS, size=2).tolist()
    lo = min(max((1 - low) * first + low * second, first + step), second)
    hi = max(min((1 - high) * last + high * next_to_last, last - step), next_to_last)
    alone = first < second and next_to_last < last
    return (first, last) if alone and hi < lo + step else (lo, hi)
